"""What the commands on one dispute have in common."""

from commands.cases.command import CaseCommand, found, present
from commands.context import Context
from dispatch.domain.cases import Case
from dispatch.domain.cases.disputes import Dispute
from dispatch.domain.event import Event
from dispatch.domain.refusal import NotNow


class NoDispute(NotNow):
    """The case is no dispute, or has no number in the ledger yet."""


def numbered(command: CaseCommand, context: Context) -> tuple[Case, Dispute, list[Event]]:
    """Return a case with a number in the ledger that has not ended, and what time has brought about."""
    case, before = present(command, context)
    if case.dispute is None:
        raise NoDispute
    return case, case.dispute, before


def numbered_ended(command: CaseCommand, context: Context) -> tuple[Case, Dispute]:
    """Return a case with a number in the ledger, ended or not."""
    case = found(command, context)
    if case.dispute is None:
        raise NoDispute
    return case, case.dispute
