"""Record households: several at once, all or nothing."""

import msgspec

from commands.command import Command, Decision, On
from commands.context import Context
from commands.households.command import rhythm
from dispatch.domain.households import HouseholdClass, HouseholdRecorded
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something


class NoHouseholdNamed(Unacceptable):
    """At least one household is to be recorded."""


class HouseholdWithoutName(Unacceptable):
    """A household has a name and an address."""


class NewHousehold(msgspec.Struct, frozen=True, kw_only=True):
    """A household to put on record in a grid."""

    grid: str
    household_class: HouseholdClass
    name: str
    address: str


class RecordHouseholds(Command, frozen=True, kw_only=True, tag="household.record"):
    """Put households on record; each gets an id."""

    households: tuple[NewHousehold, ...]


def decide(command: RecordHouseholds, context: Context) -> Decision:
    """Record all of them or none, each in an open grid within the sender's reach."""
    if not command.households:
        raise NoHouseholdNamed
    for one in command.households:
        context.grid(one.grid)
        if not says_something(one.name) or not says_something(one.address):
            raise HouseholdWithoutName
    for one in command.households:
        yield On(
            f"household:{context.new_id()}",
            HouseholdRecorded(
                at=context.now,
                grid=one.grid,
                household_class=one.household_class,
                every=rhythm(one.grid, one.household_class, context),
                by=context.person,
                name=one.name,
                address=one.address,
            ),
        )
