"""Ask for an extension of a task (延期), while it is not overdue."""

from commands.command import Decision
from commands.context import Context
from commands.extension import require_extension
from commands.reasons import require_reason
from commands.tasks.command import TaskCommand, present, require, then
from commands.tasks.responsibility import require_assignee
from dispatch.domain.tasks import WITH_THE_WORKER, TaskExtensionRequested


class RequestTaskExtension(TaskCommand, frozen=True, kw_only=True, tag="task.request_extension"):
    """Ask for the original limit once more."""

    reason: str


def decide(command: RequestTaskExtension, context: Context) -> Decision:
    """Ask for more time; equal to the deadline is still in time."""
    task, before = present(command, context)
    require(task, *WITH_THE_WORKER)
    require_assignee(task, context)
    at = context.at(task.since)
    require_extension(task.handling, task.extensions, task.extension_requested_at, at, context)
    reason = require_reason(command.reason)
    yield from then(before, TaskExtensionRequested(at=at, by=context.person, reason=reason))
