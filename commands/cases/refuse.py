"""Refuse a case: the centre does not take it on, and says why."""

from commands.cases.command import CaseCommand, present, require, tell, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseRefused


class RefuseCase(CaseCommand, frozen=True, kw_only=True, tag="case.refuse"):
    """Do not take a reported case on."""

    reason: str


def decide(command: RefuseCase, context: Context) -> Decision:
    """Refuse; what was refused can be appealed against."""
    case, before = present(command, context)
    require(case, Status.REPORTED)
    reason = require_reason(command.reason)
    yield from then(before, CaseRefused(at=context.now, by=context.person, reason=reason))
    yield from tell(command, case, context)
