"""Void a case (作废): it should never have been one, and it leaves every figure."""

from commands.cases.command import CaseCommand, present, tell, then
from commands.cases.resume import resumed_early
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseVoided


class VoidCase(CaseCommand, frozen=True, kw_only=True, tag="case.void"):
    """Void a case that has not ended, with a reason."""

    reason: str


def decide(command: VoidCase, context: Context) -> Decision:
    """Void; that can be appealed against, and a suspended case would come back awake."""
    case, before = present(command, context)
    reason = require_reason(command.reason)
    if case.status is Status.SUSPENDED:
        yield resumed_early(case, context)
    yield from then(before, CaseVoided(at=context.now, by=context.person, reason=reason))
    yield from tell(command, case, context)
