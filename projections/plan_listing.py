"""Lists of recurring plans, one plan, and the times that it came round."""

from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from dispatch.domain.plans import PlanStatus
from projections.engine.columns import from_microseconds, to_microseconds
from projections.plans import OCCURRENCES, PLANS, OccurrenceRow, PlanRow
from projections.questions.asked import Page
from projections.questions.listing import paged, sorting
from projections.questions.view import Condition, View, within

SORTS: Final = {"next": "next_at", "started": "started_at", "title": "title", "scope": "scope"}


class PlanItem(PlanRow, frozen=True):
    """A plan as a list shows it."""


class Occurrence(OccurrenceRow, frozen=True):
    """One time that a plan came round."""


class Plans(msgspec.Struct, frozen=True, kw_only=True):
    """A page of plans: `total` is the length of the whole list, `next` the cursor to go on from."""

    items: list[PlanItem]
    total: int
    next: str | None
    as_of: datetime
    position: int


class Occurrences(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the times that a plan came round, the newest first."""

    items: list[Occurrence]
    next: str | None
    as_of: datetime
    position: int


def plans(view: View, scope: str, status: PlanStatus | None, *, sort: str, page: Page) -> Plans:
    """Return a page of the plans of a scope. Raises `SortUnknown` and `PageMalformed`."""
    conditions: list[Condition] = within(PLANS.c.scope, scope)
    if status is not None:
        conditions.append(PLANS.c.status == status)
    found = paged(view, PLANS, conditions, order=sorting(PLANS, SORTS, sort), page=page)
    return Plans(
        items=[_item(row) for row in found.rows],
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def plan(view: View, key: str) -> PlanItem | None:
    """Return one plan, or None if there is none of that id."""
    row = view.one(PLANS, PLANS.c.id == key)
    return None if row is None else _item(row)


def occurrences(view: View, key: str, page: Page) -> Occurrences:
    """Return a page of the times that a plan came round. Raises `PageMalformed`."""
    c = OCCURRENCES.c
    conditions: list[Condition] = [c.plan == key]
    if (before := page.number()) is not None:
        conditions.append(c.planned_at < from_microseconds(before))
    newest = sa.type_coerce(c.planned_at, sa.BigInteger()).desc()
    found = view.rows(OCCURRENCES, *conditions, order=newest, limit=page.limit + 1)
    rows = found[: page.limit]
    return Occurrences(
        items=[Occurrence(**msgspec.structs.asdict(row)) for row in rows],
        next=str(to_microseconds(rows[-1].planned_at)) if len(found) > len(rows) else None,
        as_of=view.as_of,
        position=view.position,
    )


def _item(row: PlanRow) -> PlanItem:
    return PlanItem(**msgspec.structs.asdict(row))
