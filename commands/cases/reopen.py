"""Reopen a closed case (重办): it gets a new clock and its old closure is never edited."""

from commands.cases.command import CaseCommand, CaseStatusForbids, found, handling_from, require_no_permit
from commands.cases.follow_up import CLOSED
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases.events import CaseReopened


class ReopenCase(CaseCommand, frozen=True, kw_only=True, tag="case.reopen"):
    """Have a closed case handled again, with a reason."""

    reason: str


def decide(command: ReopenCase, context: Context) -> Decision:
    """Reopen; a dispute that was struck off returns to the ledger instead."""
    case = found(command, context)
    require_no_permit(case)
    if case.status not in CLOSED:
        raise CaseStatusForbids(status=case.status, allowed=list(CLOSED))
    yield CaseReopened(
        at=context.now,
        by=context.person,
        reason=require_reason(command.reason),
        handling=handling_from(case, context.now, context),
    )
