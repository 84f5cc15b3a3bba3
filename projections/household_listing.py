"""Lists of households, and one household: nothing personal."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from dispatch.domain.households import HouseholdClass, HouseholdStatus
from dispatch.domain.rhythm import SHANGHAI, begin, number
from projections.households import HOUSEHOLDS, HouseholdRow
from projections.questions.asked import Page, Reach
from projections.questions.listing import YELLOW, Light, paged, reachable, sorting
from projections.questions.view import Condition, View, within
from projections.tasks.row import TASKS

SORTS: Final = {
    "recorded": "recorded_at",
    "visited": "last_visited_at",
    "grid": "grid",
    "class": "household_class",
    "due": "visit_due",
}


class HouseholdItem(HouseholdRow, frozen=True):
    """A household as a list shows it; `light` is that of the visit that is due, None of one that has left."""

    light: Light | None = None


class HouseholdFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which households: all that is given must hold; `visited_before` also holds for those never visited.

    `overdue` are those that a whole period of their rhythm went by without a visit, `task` those that a task
    names, `number` those of that number, one in each grid.
    """

    household_class: tuple[HouseholdClass, ...] = ()
    status: HouseholdStatus | None = None
    visited_before: datetime | None = None
    overdue: bool | None = None
    number: int | None = None
    task: str | None = None
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
    if chosen.overdue is not None:
        missed = c.visit_due.is_not(None) & (c.visit_due <= view.as_of)
        conditions.append(missed if chosen.overdue else ~missed)
    if chosen.number is not None:
        conditions.append(c.number == chosen.number)
    if chosen.task is not None:
        task = view.one(TASKS, TASKS.c.id == chosen.task)
        conditions.append(c.id.in_(task.households if task else ()))
    conditions += reachable(c, chosen.reach)
    found = paged(view, HOUSEHOLDS, conditions, order=sorting(HOUSEHOLDS, SORTS, sort), page=page)
    return Households(
        items=[item(row, view.as_of) for row in found.rows],
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def household(view: View, key: str) -> HouseholdItem | None:
    """Return one household, or None if there is none of that id."""
    row = view.one(HOUSEHOLDS, HOUSEHOLDS.c.id == key)
    return None if row is None else item(row, view.as_of)


def item(row: HouseholdRow, as_of: datetime) -> HouseholdItem:
    """Return a household as a list shows it."""
    return HouseholdItem(**msgspec.structs.asdict(row), light=light(row, as_of))


def light(row: HouseholdRow, as_of: datetime) -> Light | None:
    """Return the light of the visit that is due: yellow in the last fifth of its period, red after it."""
    if row.visit_due is None:
        return None
    if as_of >= row.visit_due:
        return "red"
    last_day = row.visit_due.astimezone(SHANGHAI).date() - timedelta(days=1)
    begun = begin(row.every, number(row.every, last_day))
    return "yellow" if as_of > begun + (row.visit_due - begun) * YELLOW else "green"
