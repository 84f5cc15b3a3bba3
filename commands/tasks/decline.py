"""Decline a task (退单): it is not mine, so it goes back to the centre, with a reason."""

from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.tasks.command import TaskCommand, present, require, then
from commands.tasks.responsibility import require_assignee
from dispatch.domain.tasks import Status, TaskDeclined


class DeclineTask(TaskCommand, frozen=True, kw_only=True, tag="task.decline"):
    """Send a task back to the centre before the work on it has begun."""

    reason: str


def decide(command: DeclineTask, context: Context) -> Decision:
    """Decline; while the centre has the task the clock waits."""
    task, before = present(command, context)
    require(task, Status.ISSUED, Status.ACCEPTED)
    require_assignee(task, context, unassigned=True)
    event = TaskDeclined(at=context.at(task.since), by=context.person, reason=require_reason(command.reason))
    yield from then(before, event)
