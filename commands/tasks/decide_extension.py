"""Grant or refuse the extension that a task's assignee asked for."""

from commands.command import Decision
from commands.context import Context
from commands.extension import NoExtensionRequested, OwnExtension
from commands.tasks.command import TaskCommand, present, require, then
from dispatch.domain.tasks import WITH_THE_WORKER, Status, TaskExtensionGranted, TaskExtensionRefused


class DecideTaskExtension(TaskCommand, frozen=True, kw_only=True, tag="task.decide_extension"):
    """Grant the extension asked for, or refuse it with a reason in `note`."""

    granted: bool
    note: str = ""


def decide(command: DecideTaskExtension, context: Context) -> Decision:
    """Add the original limit once, or leave the deadline as it was.

    What counts as "not overdue" is the moment of the request, so a slow answer takes nothing from the worker.
    Who asked does not decide, with whichever account. Source: DOMAIN.md, A task, the verifier is never the
    person who did the work, and People and rights: a grid worker asks for extensions.
    """
    task, before = present(command, context)
    require(task, *WITH_THE_WORKER, Status.SUSPENDED)
    if task.extension_requested_at is None:
        raise NoExtensionRequested
    if task.extension_requested_by == context.person:
        raise OwnExtension
    if not command.granted:
        refused = TaskExtensionRefused(at=context.now, by=context.person, reason=command.note)
        yield from then(before, refused)
        return
    handling = context.extended(task.handling)
    yield from then(before, TaskExtensionGranted(at=context.now, by=context.person, handling=handling))
