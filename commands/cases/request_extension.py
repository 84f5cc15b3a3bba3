"""Ask for an extension of a case (延期), while it is not overdue."""

from commands.cases.command import CaseCommand, present, require, then
from commands.cases.responsibility import require_handler
from commands.command import Decision
from commands.context import Context
from commands.extension import require_extension
from commands.reasons import require_reason
from dispatch.domain.cases.events import CaseExtensionRequested
from dispatch.domain.cases.kinds import WITH_THE_HANDLER


class RequestCaseExtension(CaseCommand, frozen=True, kw_only=True, tag="case.request_extension"):
    """Ask for the original limit once more."""

    reason: str


def decide(command: RequestCaseExtension, context: Context) -> Decision:
    """Ask for more time; equal to the deadline is still in time."""
    case, before = present(command, context)
    require(case, *WITH_THE_HANDLER)
    require_handler(case, context)
    at = context.at(case.since)
    require_extension(case.handling, case.extensions, case.extension_requested_at, at, context)
    reason = require_reason(command.reason)
    yield from then(before, CaseExtensionRequested(at=at, by=context.person, reason=reason))
