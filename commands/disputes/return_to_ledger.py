"""Return a dispute to the ledger: it flared up again, or the level above sent it back."""

from commands.cases.command import CaseCommand, handling_from, require
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered_ended
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeFlaredUp


class ReturnDisputeToLedger(CaseCommand, frozen=True, kw_only=True, tag="dispute.return_to_ledger"):
    """Open a settled dispute again, with a reason."""

    reason: str


def decide(command: ReturnDisputeToLedger, context: Context) -> Decision:
    """Return it under its old number, with a new clock; what had been agreed stays in the log."""
    case, _dispute = numbered_ended(command, context)
    require(case, Status.AGREED, Status.PERFORMED, Status.FOLLOWED_UP, Status.STRUCK_OFF, Status.HANDED_UP)
    handling = handling_from(case, context.now, context)
    reason = require_reason(command.reason)
    yield DisputeFlaredUp(at=context.now, by=context.person, reason=reason, handling=handling)
