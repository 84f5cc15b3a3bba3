"""Register a dispute: it gets the next number in the town's ledger (一本账) and the handling clock starts."""

from commands.cases.command import CaseCommand, handling_from, present, require, then
from commands.cases.register import require_genuine
from commands.command import Decision, On
from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeRegistered
from dispatch.domain.cases.kinds import DISPUTE
from dispatch.domain.ledgers import LedgerNumberGiven
from dispatch.domain.refusal import NotNow


class CaseIsNoDispute(NotNow):
    """Only a case of the category `dispute` gets a number in the ledger."""


class DisputeAlreadyNumbered(NotNow):
    """The dispute has its number in the ledger already."""


class RegisterDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.register"):
    """Enter an accepted dispute into the ledger."""


def decide(command: RegisterDispute, context: Context) -> Decision:
    """Register it, in one decision with the number: no number is given twice or to nobody.

    The year of the number is the town's own, not that of UTC.
    """
    case, before = present(command, context)
    if case.category != DISPUTE:
        raise CaseIsNoDispute(category=case.category)
    if case.dispute is not None:
        raise DisputeAlreadyNumbered(number=case.dispute.number)
    require(case, Status.ACCEPTED, Status.REOPENED)
    require_genuine(case)
    town = codes.town_of(case.grid)
    number = context.ledger(town).next_number(context.now.astimezone(context.calendar.zone_info).year)
    handling = handling_from(case, context.now, context)
    registered = DisputeRegistered(at=context.now, by=context.person, number=number, handling=handling)
    yield from then(before, registered)
    given = LedgerNumberGiven(at=context.now, town=town, number=number, case=command.case)
    yield On(f"ledger:{town}", given)
