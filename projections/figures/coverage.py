"""Visit coverage (走访覆盖率): households visited in the window / households due, and the ids behind both.

A household is due in a window if a whole week, month or quarter of its rhythm, all of it on record, lies in
what has passed of the window; it is visited if a visit to it lies in the window. So both are sets of
households, and a window without a whole period has no data. See docs/decisions/0007.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from dispatch.domain.rhythm import Rhythm, whole
from projections.engine.columns import to_microseconds
from projections.households import SPELLS, VISITS
from projections.questions.asked import Asked
from projections.questions.view import Condition, View, within
from projections.spans import FIRST, Window

VISIT: Final = "visit"
"""The category that coverage belongs to: asked about another one, it has no data."""


class Coverage(NamedTuple):
    """How many households of one grid were due, and how many of them were visited."""

    grid: str
    visited: int
    due: int


def coverage(view: View, asked: Asked, window: Window) -> list[Coverage]:
    """Return the coverage of each grid in which a household was due; the parts sum to the whole."""
    due: Counter[str] = Counter()
    visited: Counter[str] = Counter()
    for grid, _, was_visited in _due(view, asked, window):
        due[grid] += 1
        visited[grid] += was_visited
    return [Coverage(grid, visited[grid], number) for grid, number in sorted(due.items())]


def households(view: View, asked: Asked, window: Window, *, visited: bool) -> list[str]:
    """Return the ids of the households that were due, or only those of them that were visited, in order."""
    return sorted(key for _, key, seen in _due(view, asked, window) if seen or not visited)


def _due(view: View, asked: Asked, window: Window) -> Iterator[tuple[str, str, bool]]:
    """Give grid and id of each household due, and whether it was visited."""
    if asked.category not in (None, VISIT):
        return
    passed = min(window.until or view.as_of, view.as_of)
    start = max(window.start or FIRST, FIRST)
    c = SPELLS.c
    rhythms = [_holds(rhythm, start, passed) for rhythm in Rhythm]
    seen = sa.exists().where(VISITS.c.household == c.household, *_in(window, passed))
    place = within(c.grid, asked.scope, exact=asked.exact)
    statement = sa.select(c.grid, c.household, seen).where(*place, sa.or_(*rhythms)).distinct()
    for grid, household, was_visited in view.execute(statement):
        yield grid, household, bool(was_visited)


def _holds(rhythm: Rhythm, start: datetime, passed: datetime) -> Condition:
    """Return the condition for a spell of this rhythm to hold a whole period of the window."""
    c, inside = SPELLS.c, whole(rhythm, start, passed)
    if inside.last < inside.first:
        return sa.false()
    last = sa.func.coalesce(c.last, inside.last)
    return sa.and_(c.every == rhythm, c.first <= inside.last, last >= inside.first, c.first <= last)


def _in(window: Window, passed: datetime) -> list[Condition]:
    at = sa.type_coerce(VISITS.c.at, sa.BigInteger())
    conditions = [at <= to_microseconds(passed.astimezone(UTC))]
    if window.start is not None:
        conditions.append(at >= to_microseconds(window.start))
    if window.until is not None:
        conditions.append(at < to_microseconds(window.until))
    return conditions
