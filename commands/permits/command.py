"""What the commands on one permit have in common."""

from commands.cases.command import CaseCommand, present
from commands.context import Context
from dispatch.domain.cases import Case
from dispatch.domain.cases.permits import Permit
from dispatch.domain.refusal import NotNow


class NoPermit(NotNow):
    """The case is no permit to publish."""


def recorded(command: CaseCommand, context: Context) -> tuple[Case, Permit]:
    """Return a permit that has not ended."""
    case, _before = present(command, context)
    if case.permit is None:
        raise NoPermit
    return case, case.permit
