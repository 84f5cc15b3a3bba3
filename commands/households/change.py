"""Change a household: another class, grid, name or address from now on."""

from commands.assignment import require_same_town
from commands.command import Decision
from commands.context import Context
from commands.households.command import HouseholdCommand, present, rhythm
from commands.households.record import HouseholdWithoutName
from dispatch.domain.households import HouseholdChanged, HouseholdClass
from dispatch.domain.text import says_something


class ChangeHousehold(HouseholdCommand, frozen=True, kw_only=True, tag="household.change"):
    """Say what is true of a household from now on; what is left out stays as it is."""

    grid: str | None = None
    household_class: HouseholdClass | None = None
    name: str | None = None
    address: str | None = None


def decide(command: ChangeHousehold, context: Context) -> Decision:
    """Change it, within its town; how often it is visited is from now on what the present policy says.

    A change to what it is already is a no-op; a name or address always counts as new, as no decision knows
    the old one.
    """
    household = present(command, context)
    grid = command.grid or household.grid
    if grid != household.grid:
        context.grid(grid)
        require_same_town(household.grid, grid)
    if any(text is not None and not says_something(text) for text in (command.name, command.address)):
        raise HouseholdWithoutName
    household_class = command.household_class or household.household_class
    every = rhythm(grid, household_class, context)
    before = (household.grid, household.household_class, household.every)
    if (grid, household_class, every) == before and command.name is None and command.address is None:
        return
    yield HouseholdChanged(
        at=context.now,
        grid=grid,
        household_class=household_class,
        every=every,
        by=context.person,
        name=command.name,
        address=command.address,
    )
