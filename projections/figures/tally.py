"""Additive counts of the sets' members by grid, cohort, category, source and span, kept live by the engine.

They hold the part of `membership` that time alone doesn't change; what time does is asked of the rows.
"""

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

from dispatch.domain.cases.kinds import DISPUTE
from projections.cases.row import CASES, CaseRow
from projections.engine.tables import Contributions, Tally
from projections.figures.kinds import CASE, TASK, Kind
from projections.spans import spans_of


class Cell(NamedTuple):
    """What a count is of: a day, month or year of a cohort's moment, and where and what the items are."""

    span: str
    grid: str
    cohort: str
    category: str
    source: str


def _counts(name: str, sets: tuple[str, ...]) -> type[tuple[int, ...]]:
    fields = [(member, int) for member in sets]
    counts: Any = NamedTuple(name, fields)  # type: ignore[misc] # the sets are known when running
    return cast("type[tuple[int, ...]]", counts)


def contributions(kind: Kind) -> Contributions:
    """Return what one row adds: one to each of its sets, for each cohort, in its day, month and year."""
    cohorts = [(cohort, attrgetter(field)) for cohort, field in kind.cohorts.items()]
    source_of = attrgetter(kind.source) if kind.source else lambda _row: ""
    sets, membership = kind.sets, kind.membership

    @cache
    def numbers(found: frozenset[str]) -> tuple[int, ...]:
        return tuple(int(name in found) for name in sets)

    def contribute(row: Any) -> Mapping[Any, tuple[int, ...]]:
        counts = numbers(membership(row, None))
        grid, category, source = row.grid, row.category, source_of(row)
        return {
            (span, grid, cohort, category, source): counts
            for cohort, moment in cohorts
            if (at := moment(row)) is not None
            for span in spans_of(at)
        }

    return contribute


TASK_TALLY: Final = Tally(
    "task_tally",
    key=Cell,
    counts=_counts("TaskCounts", TASK.sets),
    sources={TASK.table: contributions(TASK)},
)
CASE_TALLY: Final = Tally(
    "case_tally",
    key=Cell,
    counts=_counts("CaseCounts", CASE.sets),
    sources={CASE.table: contributions(CASE)},
)
TALLIES: Final = {TASK.name: TASK_TALLY, CASE.name: CASE_TALLY}


class LevelCell(NamedTuple):
    """What a count of resolved disputes is of: the span of the acceptance, where, and at which level."""

    span: str
    grid: str
    level: str
    source: str


class LevelCounts(NamedTuple):
    """Resolved disputes: all, the major ones, and the major ones resolved together with others."""

    resolved: int = 0
    major: int = 0
    major_joint: int = 0


def level_counts(case: CaseRow) -> LevelCounts | None:
    """Return what a case adds to the level at which it was resolved; None if it isn't a resolved dispute."""
    if case.category != DISPUTE or "dispute_resolved" not in CASE.membership(case, None):
        return None
    return LevelCounts(1, int(case.major), int(case.major and case.joint))


def _levels(case: CaseRow) -> Mapping[Any, tuple[int, ...]]:
    counts = level_counts(case)
    if counts is None or case.accepted_at is None:
        return {}
    spans = spans_of(case.accepted_at)
    return {(span, case.grid, case.agreed_level or "", case.source): counts for span in spans}


LEVEL_TALLY: Final = Tally("dispute_tally", key=LevelCell, counts=LevelCounts, sources={CASES: _levels})
