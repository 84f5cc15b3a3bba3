"""Accept a task (签收): from now on the person who accepts is responsible for it."""

from commands.command import Decision
from commands.context import Context
from commands.tasks.command import TaskCommand, present, require, then
from dispatch.domain.refusal import NotNow
from dispatch.domain.tasks import Status, TaskAccepted, TaskHandlingStarted


class TaskAssignedToAnother(NotNow):
    """The task was given to another person."""


class AcceptTask(TaskCommand, frozen=True, kw_only=True, tag="task.accept"):
    """Take a task on; `begin` says that the work on it begins at once."""

    begin: bool = False


def decide(command: AcceptTask, context: Context) -> Decision:
    """Accept, and begin if that is asked; accepting again what one has accepted already is a no-op."""
    task, before = present(command, context)
    if task.status is Status.ACCEPTED and task.assignee == context.person:
        if command.begin:
            yield TaskHandlingStarted(at=context.at(task.since), by=context.person)
        return
    require(task, Status.ISSUED)
    if task.assignee not in (None, context.person):
        raise TaskAssignedToAnother
    at = context.at(task.since)
    yield from then(before, TaskAccepted(at=at, by=context.person))
    if command.begin:
        yield TaskHandlingStarted(at=at, by=context.person)
