"""Households and their visits: who is on record where and in which class, since when, and visited when.

A *spell* is the time that a household spends on record in one rhythm of visits, as the whole periods that
lie in it: whether a visit was due in a window is then a comparison of numbers, see
`projections.figures.coverage`.

A household has a *number* in its grid, so that people can tell one from another and name it although who
lives there is sealed. A number is given once: whoever moves to another grid gets the next one there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain.event import Event, Recorded
from dispatch.domain.households import (
    HouseholdChanged,
    HouseholdClass,
    HouseholdLeft,
    HouseholdRecorded,
    HouseholdStatus,
    HouseholdVisited,
)
from dispatch.domain.rhythm import SHANGHAI, Rhythm, begin, first_whole, last_whole
from dispatch.domain.rhythm import number as period_of
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class HouseholdRow(Row, frozen=True):
    """A household as it stands, without anything personal.

    `number` is its own in its grid. `visit_due` is by when it is to be visited next, the end of the first
    whole period of its rhythm that begins after the last visit; None of one that has left. `spell` is the
    number of its present or last spell, `visits` how many visits are on record. `version` is its stream's,
    `position` that of its last event.
    """

    id: str
    grid: str
    household_class: HouseholdClass
    every: Rhythm
    number: int
    visit_due: datetime | None
    status: HouseholdStatus
    recorded_at: datetime
    position: int
    version: int
    left_at: datetime | None = None
    last_visited_at: datetime | None = None
    visits: int = 0
    spell: int = 1


class NumberRow(Row, frozen=True):
    """The last number that was given to a household of a grid."""

    grid: str
    last: int


class SpellRow(Row, frozen=True):
    """One spell of a household: the numbers of its first and last whole period; None for one that goes on.

    `grid` is the household's present one, so that it counts in one grid only.
    """

    household: str
    number: int
    grid: str
    every: Rhythm
    first: int
    last: int | None = None


class VisitRow(Row, frozen=True):
    """One visit to a household, for one task."""

    household: str
    task: str
    at: datetime
    by: str
    position: int


HOUSEHOLDS: Final = RowTable(
    "households", HouseholdRow, key=("id",), indexes=[("grid", "household_class", "status")]
)
NUMBERS: Final = RowTable("household_numbers", NumberRow, key=("grid",))
SPELLS: Final = RowTable("household_spells", SpellRow, key=("household", "number"), indexes=[("grid",)])
VISITS: Final = RowTable("visits", VisitRow, key=("household", "task"), indexes=[("household", "at")])
STREAM: Final = "household:"


def household_of(recorded: Recorded) -> str:
    """Return the id of the household that an event of its stream is about."""
    return recorded.originator_id[len(STREAM) :]


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that an event touches; only the household's row says which spells a change touches."""
    key, event = household_of(recorded), recorded.event
    yield HOUSEHOLDS, key
    if isinstance(event, HouseholdRecorded | HouseholdChanged):
        yield NUMBERS, event.grid
    if isinstance(event, HouseholdRecorded):
        yield SPELLS, (key, 1)
    elif isinstance(event, HouseholdVisited):
        yield VISITS, (key, event.task)


def _next_number(rows: Rows, grid: str) -> int:
    before = rows.get(NUMBERS, grid)
    given = 1 if before is None else before.last + 1
    rows.put(NUMBERS, NumberRow(grid, given))
    return given


def _due(every: Rhythm, first: int, visited: datetime | None) -> datetime:
    """Return the end of the first period from `first` on that had no visit."""
    after = first if visited is None else period_of(every, visited.astimezone(SHANGHAI).date()) + 1
    return begin(every, max(first, after) + 1)


def _recorded(rows: Rows, event: HouseholdRecorded, recorded: Recorded) -> None:
    key = household_of(recorded)
    first = first_whole(event.every, event.at)
    rows.put(
        HOUSEHOLDS,
        HouseholdRow(
            key,
            event.grid,
            event.household_class,
            event.every,
            _next_number(rows, event.grid),
            _due(event.every, first, None),
            HouseholdStatus.ON_RECORD,
            event.at,
            recorded.position,
            recorded.originator_version,
        ),
    )
    rows.put(SPELLS, SpellRow(key, 1, event.grid, event.every, first))


def _changed(rows: Rows, event: HouseholdChanged, recorded: Recorded) -> None:
    key = household_of(recorded)
    before = rows.need(HOUSEHOLDS, key)
    number, spell, due = before.number, before.spell, before.visit_due
    if event.grid != before.grid:
        number = _next_number(rows, event.grid)
        for one in range(1, spell + 1):
            rows.change(SPELLS, (key, one), grid=event.grid)
    if event.every is not before.every:
        rows.change(SPELLS, (key, spell), last=last_whole(before.every, event.at))
        spell += 1
        first = first_whole(event.every, event.at)
        rows.put(SPELLS, SpellRow(key, spell, event.grid, event.every, first))
        due = _due(event.every, first, before.last_visited_at)
    rows.put(
        HOUSEHOLDS,
        replace(
            before,
            grid=event.grid,
            household_class=event.household_class,
            every=event.every,
            number=number,
            visit_due=due,
            spell=spell,
            position=recorded.position,
            version=recorded.originator_version,
        ),
    )


def _left(rows: Rows, event: HouseholdLeft, recorded: Recorded) -> None:
    key = household_of(recorded)
    before = rows.change(
        HOUSEHOLDS,
        key,
        status=HouseholdStatus.LEFT,
        visit_due=None,
        left_at=event.at,
        position=recorded.position,
        version=recorded.originator_version,
    )
    rows.change(SPELLS, (key, before.spell), last=last_whole(before.every, event.at))


def _visited(rows: Rows, event: HouseholdVisited, recorded: Recorded) -> None:
    key = household_of(recorded)
    before = rows.need(HOUSEHOLDS, key)
    rows.put(VISITS, VisitRow(key, event.task, event.at, event.by, recorded.position))
    due = _due(before.every, 0, event.at)
    rows.put(
        HOUSEHOLDS,
        replace(
            before,
            # A visit before the rhythm's first whole period, or one that is told late, takes nothing off.
            visit_due=before.visit_due and max(due, before.visit_due),
            visits=before.visits + 1,
            last_visited_at=max(event.at, before.last_visited_at or event.at),
            position=recorded.position,
            version=recorded.originator_version,
        ),
    )


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    HouseholdRecorded: _recorded,
    HouseholdChanged: _changed,
    HouseholdLeft: _left,
    HouseholdVisited: _visited,
}
