"""Resume a suspended task before its suspension ends by itself."""

from commands.command import Decision
from commands.context import Context
from commands.suspension import ended_early
from commands.tasks.command import TaskCommand, present, require
from dispatch.domain.tasks import Status, TaskResumed


class ResumeTask(TaskCommand, frozen=True, kw_only=True, tag="task.resume"):
    """Let a task's clock go on now."""


def decide(command: ResumeTask, context: Context) -> Decision:
    """Resume; if the suspension has just ended by itself, that alone is recorded."""
    task, before = present(command, context)
    if before:
        yield from before
        return
    require(task, Status.SUSPENDED)
    handling = ended_early(task.handling, task.suspended_until, context)
    yield TaskResumed(at=context.now, by=context.person, handling=handling)
