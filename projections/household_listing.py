"""Lists of households, and one household: nothing personal."""

from datetime import datetime
from typing import Final

import msgspec

from dispatch.domain.households import HouseholdClass, HouseholdStatus
from projections.households import HOUSEHOLDS, HouseholdRow
from projections.questions.asked import Page, Reach
from projections.questions.listing import paged, sorting
from projections.questions.view import Condition, View, within

SORTS: Final = {
    "recorded": "recorded_at",
    "visited": "last_visited_at",
    "grid": "grid",
    "class": "household_class",
}


class HouseholdItem(HouseholdRow, frozen=True):
    """A household as a list shows it."""


class HouseholdFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which households: all that is given must hold; `visited_before` also holds for those never visited."""

    household_class: tuple[HouseholdClass, ...] = ()
    status: HouseholdStatus | None = None
    visited_before: datetime | None = None
    reach: Reach | None = None


class Households(msgspec.Struct, frozen=True, kw_only=True):
    """A page of households: `total` is the length of the whole list, `next` the cursor to go on from."""

    items: list[HouseholdItem]
    total: int
    next: str | None
    as_of: datetime
    position: int


def households(view: View, scope: str, chosen: HouseholdFilter, *, sort: str, page: Page) -> Households:
    """Return a page of the households of a scope. Raises `SortUnknown` and `PageMalformed`."""
    c = HOUSEHOLDS.c
    conditions: list[Condition] = within(c.grid, scope)
    if chosen.household_class:
        conditions.append(c.household_class.in_(chosen.household_class))
    if chosen.status is not None:
        conditions.append(c.status == chosen.status)
    if chosen.visited_before is not None:
        conditions.append(c.last_visited_at.is_(None) | (c.last_visited_at < chosen.visited_before))
    if chosen.reach is not None:
        conditions.append(c.grid.in_(sorted(chosen.reach.grids)))
    found = paged(view, HOUSEHOLDS, conditions, order=sorting(HOUSEHOLDS, SORTS, sort), page=page)
    return Households(
        items=[item(row) for row in found.rows],
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def household(view: View, key: str) -> HouseholdItem | None:
    """Return one household, or None if there is none of that id."""
    row = view.one(HOUSEHOLDS, HOUSEHOLDS.c.id == key)
    return None if row is None else item(row)


def item(row: HouseholdRow) -> HouseholdItem:
    """Return a household as a list shows it."""
    return HouseholdItem(**msgspec.structs.asdict(row))
