"""Handle a task (办理): the assignee begins to work on it."""

from commands.command import Decision
from commands.context import Context
from commands.tasks.command import TaskCommand, present, require, then
from commands.tasks.responsibility import require_assignee
from dispatch.domain.tasks import Status, TaskHandlingStarted


class HandleTask(TaskCommand, frozen=True, kw_only=True, tag="task.handle"):
    """Begin to work on an accepted or a returned task."""


def decide(command: HandleTask, context: Context) -> Decision:
    """Begin; beginning again is a no-op."""
    task, before = present(command, context)
    require_assignee(task, context)
    if task.status is Status.IN_PROGRESS and not before:
        return
    require(task, Status.ACCEPTED, Status.RETURNED, Status.IN_PROGRESS)
    yield from then(before, TaskHandlingStarted(at=context.at(task.since), by=context.person))
