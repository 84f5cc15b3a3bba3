"""Grant or refuse the extension that a case's handler asked for."""

from commands.cases.command import CaseCommand, present, require, then
from commands.command import Decision
from commands.context import Context
from commands.extension import NoExtensionRequested, OwnExtension
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseExtensionGranted, CaseExtensionRefused
from dispatch.domain.cases.kinds import WITH_THE_HANDLER


class DecideCaseExtension(CaseCommand, frozen=True, kw_only=True, tag="case.decide_extension"):
    """Grant the extension asked for, or refuse it with a reason in `note`."""

    granted: bool
    note: str = ""


def decide(command: DecideCaseExtension, context: Context) -> Decision:
    """Add the original limit once, or leave the deadline as it was.

    What counts as "not overdue" is the moment of the request, so a slow answer costs the handler nothing.
    """
    case, before = present(command, context)
    require(case, *WITH_THE_HANDLER, Status.SUSPENDED)
    if case.extension_requested_at is None:
        raise NoExtensionRequested
    if case.extension_requested_by == context.person:
        raise OwnExtension
    if not command.granted:
        refused = CaseExtensionRefused(at=context.now, by=context.person, reason=command.note)
        yield from then(before, refused)
        return
    assert case.handling is not None
    handling = context.extended(case.handling)
    yield from then(before, CaseExtensionGranted(at=context.now, by=context.person, handling=handling))
