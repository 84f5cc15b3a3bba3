"""What the commands on households have in common: the stream, the state, how often a visit is due."""

from commands.command import Command
from commands.context import Context
from dispatch.domain.households import Household, HouseholdClass
from dispatch.domain.refusal import NotNow
from dispatch.domain.rhythm import Rhythm


class HouseholdHasLeft(NotNow):
    """The household has left; nothing more can be done with it."""


class HouseholdCommand(Command, frozen=True, kw_only=True):
    """A command on one household, by its id."""

    household: str

    @property
    def stream(self) -> str:
        """The household's stream."""
        return f"household:{self.household}"


def present(command: HouseholdCommand, context: Context) -> Household:
    """Return a household that is on record. Refuses with `HouseholdHasLeft` and `StaleVersion`."""
    household = context.household(command.household)
    context.require_version(command.stream)
    if not household.on_record:
        raise HouseholdHasLeft(household=command.household)
    return household


def rhythm(grid: str, household_class: HouseholdClass, context: Context) -> Rhythm:
    """Return how often a household of a class is to be visited, by the policy in force in its grid."""
    return context.policy_for(grid).visits[household_class]
