"""The items behind a number, and not only their ids: as they stood at the moment that the number is of."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

import msgspec

from projections.calendars import Calendars
from projections.cases.listing import CaseItem
from projections.cases.listing import item as case_item
from projections.cases.row import CASES
from projections.engine.tables import RowTable
from projections.household_listing import HouseholdItem
from projections.household_listing import item as household_item
from projections.households import HOUSEHOLDS
from projections.questions.answers import Members
from projections.questions.view import View
from projections.tasks.listing import TaskItem
from projections.tasks.listing import item as task_item
from projections.tasks.row import TASKS

KEPT: Final[Mapping[str, RowTable[Any]]] = {"task": TASKS, "case": CASES, "household": HOUSEHOLDS}


class Behind(Members, frozen=True, kw_only=True):
    """A page of the items behind a number: those of its kind that may be seen, in the order of `ids`."""

    tasks: list[TaskItem]
    cases: list[CaseItem]
    households: list[HouseholdItem]


def behind(view: View, calendars: Calendars, found: Members, seen: Container[str]) -> Behind:
    """Return the items of a page of ids that may be seen, in their order, as they stood."""
    table = KEPT[found.kind]
    rows = _rows(view, table, [key for key in found.ids if key in seen])
    return Behind(
        **msgspec.structs.asdict(found),
        tasks=[task_item(row, calendars, view.as_of) for row in rows] if table is TASKS else [],
        cases=[case_item(row, calendars, view.as_of) for row in rows] if table is CASES else [],
        households=[household_item(row, view.as_of) for row in rows] if table is HOUSEHOLDS else [],
    )


def _rows(view: View, table: RowTable[Any], ids: Sequence[str]) -> list[Any]:
    if view.moment is not None:
        found = [view.moment.get(table, key) for key in ids]
        return [row for row in found if row is not None]
    by_id = {row.id: row for row in view.rows(table, table.c.id.in_(ids))}
    return [by_id[key] for key in ids if key in by_id]
