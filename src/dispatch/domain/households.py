"""A household on record in a grid: its class, how often it is to be visited, and the visits (走访) it had.

Name and address are personal data; they are in the events alone, so that they can be erased.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event
from dispatch.domain.rhythm import Rhythm


class HouseholdClass(StrEnum):
    """How much care a household needs. Source: DOMAIN.md, A task."""

    HIGH_RISK = "high_risk"
    KEY = "key"
    GENERAL = "general"


class HouseholdRecorded(Event, frozen=True, kw_only=True, tag="household.recorded"):
    """A household was put on record in a grid; by the policy in force it is to be visited once in `every`."""

    personal: ClassVar[tuple[str, ...]] = ("name", "address")

    grid: str
    household_class: HouseholdClass
    every: Rhythm
    by: str
    name: str
    address: str


class HouseholdChanged(Event, frozen=True, kw_only=True, tag="household.changed"):
    """What is true of a household from now on; name and address are None where they stay as they were."""

    personal: ClassVar[tuple[str, ...]] = ("name", "address")

    grid: str
    household_class: HouseholdClass
    every: Rhythm
    by: str
    name: str | None = None
    address: str | None = None


class HouseholdLeft(Event, frozen=True, kw_only=True, tag="household.left"):
    """A household is no longer in the town, and no longer visited; the reason may say something personal."""

    personal: ClassVar[tuple[str, ...]] = ("reason",)

    by: str
    reason: str


class HouseholdVisited(Event, frozen=True, kw_only=True, tag="household.visited"):
    """`by` visited the household for a task; `at` is when that work was done, not when it was verified."""

    task: str
    by: str


HouseholdEvent = HouseholdRecorded | HouseholdChanged | HouseholdLeft | HouseholdVisited


class HouseholdStatus(StrEnum):
    """Whether a household is there to be visited."""

    ON_RECORD = "on_record"
    LEFT = "left"


class Household(msgspec.Struct, frozen=True, kw_only=True):
    """A household as it stands; it holds no personal data, so erasing them changes no decision."""

    grid: str
    household_class: HouseholdClass
    every: Rhythm
    status: HouseholdStatus = HouseholdStatus.ON_RECORD
    last_visited_at: datetime | None = None

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.grid

    @property
    def on_record(self) -> bool:
        """Whether it is there to be visited."""
        return self.status is HouseholdStatus.ON_RECORD


def evolve(household: Household | None, event: HouseholdEvent) -> Household:
    """Return the household after `event`; an old event always loads."""
    if isinstance(event, HouseholdRecorded):
        return Household(grid=event.grid, household_class=event.household_class, every=event.every)
    assert household is not None
    match event:
        case HouseholdChanged():
            return replace(
                household, grid=event.grid, household_class=event.household_class, every=event.every
            )
        case HouseholdLeft():
            return replace(household, status=HouseholdStatus.LEFT)
        case HouseholdVisited():
            return replace(household, last_visited_at=max(event.at, household.last_visited_at or event.at))
