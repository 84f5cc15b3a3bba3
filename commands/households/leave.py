"""Leave: a household is no longer there to be visited."""

from commands.command import Decision
from commands.context import Context
from commands.households.command import HouseholdCommand, present
from commands.reasons import require_reason
from dispatch.domain.households import HouseholdLeft


class LeaveHousehold(HouseholdCommand, frozen=True, kw_only=True, tag="household.leave"):
    """Record that a household left, and why."""

    reason: str | None = None


def decide(command: LeaveHousehold, context: Context) -> Decision:
    """Let it go; tasks that name it go on, and count no visit to it."""
    present(command, context)
    # Of one whose personal data was erased nothing is said, and it has to be left out of visits nevertheless.
    reason = command.reason or ""
    if not context.erased(command.stream):
        require_reason(reason)
    yield HouseholdLeft(at=context.now, by=context.person, reason=reason)
