"""Do not register a case: it was accepted and there is nothing to handle."""

from commands.cases.command import CaseCommand, present, require, tell, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseNotRegistered


class DoNotRegisterCase(CaseCommand, frozen=True, kw_only=True, tag="case.do_not_register"):
    """End an accepted case without handling it, with a reason."""

    reason: str


def decide(command: DoNotRegisterCase, context: Context) -> Decision:
    """End it; that can be appealed against."""
    case, before = present(command, context)
    require(case, Status.ACCEPTED)
    reason = require_reason(command.reason)
    yield from then(before, CaseNotRegistered(at=context.now, by=context.person, reason=reason))
    yield from tell(command, case, context)
