"""Suspend a task (挂账): its clock waits until a given end and then goes on by itself."""

from datetime import datetime

from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.suspension import require_suspension
from commands.tasks.command import TaskCommand, present, require, then
from dispatch.domain.tasks import WITH_THE_WORKER, TaskSuspended


class SuspendTask(TaskCommand, frozen=True, kw_only=True, tag="task.suspend"):
    """Let a task's clock wait until `until`."""

    reason: str
    until: datetime


def decide(command: SuspendTask, context: Context) -> Decision:
    """Suspend; the deadline that holds if it ends by itself is computed and recorded now."""
    task, before = present(command, context)
    require(task, *WITH_THE_WORKER)
    until = require_suspension(task.handling, task.suspensions, command.until, context)
    event = TaskSuspended(
        at=context.now,
        by=context.person,
        reason=require_reason(command.reason),
        until=until,
        handling=context.resumed(task.handling, context.now, until),
    )
    yield from then(before, event)
