"""Follow a dispute up (回访): has it stayed settled? If not, it returns to the ledger."""

from commands.cases.command import CaseCommand, handling_from, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeFlaredUp, DisputeFollowedUp


class FollowUpDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.follow_up"):
    """Say whether it has stayed settled; a `note` is required when it has not."""

    settled: bool
    note: str = ""


def decide(command: FollowUpDispute, context: Context) -> Decision:
    """Record the answer; a dispute that has not stayed settled returns to the ledger by rule.

    Its new clock starts now, as nobody knew of it before; the parties were asked when the device says.
    """
    case, _dispute, before = numbered(command, context)
    require(case, Status.PERFORMED)
    note = command.note if command.settled else require_reason(command.note)
    at = context.at(case.since)
    asked = DisputeFollowedUp(at=at, by=context.person, settled=command.settled, note=note)
    yield from then(before, asked)
    if not command.settled:
        # The note is the parties' words, so personal; the reason is the rule.
        handling = handling_from(case, context.now, context)
        reason = "not settled at follow-up"
        yield DisputeFlaredUp(at=context.now, by=context.person, reason=reason, handling=handling)
