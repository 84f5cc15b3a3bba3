"""Counting the sets' members by grid and category: live from the tallies, else from the rows themselves."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from dispatch.domain.cases.kinds import DISPUTE
from projections.cases.row import CaseRow
from projections.figures.coverage import Coverage, coverage
from projections.figures.definitions import Figure
from projections.figures.kinds import CASE, KINDS, Kind
from projections.figures.tally import LEVEL_TALLY, TALLIES, LevelCounts, level_counts
from projections.questions.asked import Asked
from projections.questions.view import Condition, View, within
from projections.spans import Window, covering


class Part(NamedTuple):
    """How many items of one grid and category belong to each set, of those of a cohort in a window."""

    kind: str
    cohort: str
    grid: str
    category: str
    counts: dict[str, int]


class LevelPart(NamedTuple):
    """Disputes of one grid that were resolved at one level."""

    grid: str
    level: str
    counts: LevelCounts


class Counted(NamedTuple):
    """All that a board is made of."""

    parts: list[Part]
    levels: list[LevelPart]
    coverage: Sequence[Coverage] = ()


def counted(view: View, asked: Asked, window: Window, *, by_category: bool = True) -> Counted:
    """Count everything that was asked for: in the rows of a past moment, or in the live tallies.

    The tallies answer for windows of whole days of Asia/Shanghai; other windows are counted in the rows.
    Without `by_category` the parts may be of all categories together, under "".
    """
    found = _counted(view, asked, window, by_category=by_category)
    return found._replace(coverage=coverage(view, asked, window))


def _counted(view: View, asked: Asked, window: Window, *, by_category: bool) -> Counted:
    if view.moment is not None:
        past = {kind.name: asked_for(view.moment.rows(kind.table), kind, asked) for kind in KINDS}
        return from_rows(past, view.as_of, window)
    spans = covering(window, view.as_of)
    if spans is None:
        live = {kind.name: candidates(view, kind, asked, window) for kind in KINDS}
        return from_rows(live, view.as_of, window)
    parts = [
        part
        for kind in KINDS
        for part in (
            *_tallied(view, kind, asked, spans, by_category=by_category),
            *_lapsed(view, kind, asked, window),
        )
    ]
    return Counted(parts, _tallied_levels(view, asked, spans))


def pairs(view: View, figure: Figure, asked: Asked, windows: Sequence[Window]) -> list[tuple[int, int]]:
    """Return the numerator and denominator of one figure in each of some windows; none may overlap."""
    kind, moment = figure.kind, attrgetter(figure.kind.cohorts[figure.cohort])
    if view.moment is None and all(covering(window, view.as_of) is not None for window in windows):
        return [_tallied_pair(view, figure, asked, window) for window in windows]
    if view.moment is not None:
        rows: Iterable[Any] = asked_for(view.moment.rows(kind.table), kind, asked)
    else:
        whole = Window(windows[0].start, windows[-1].until) if windows else Window()
        rows = candidates(view, kind, asked, whole, figure.cohort)
    starts = [window.start for window in windows]
    found = [(0, 0)] * len(windows)
    for row in rows:
        at = moment(row)
        place = bisect_right(starts, at) - 1 if at is not None else -1
        if place >= 0 and windows[place].has(at):
            sets, (above, below) = kind.membership(row, view.as_of), found[place]
            found[place] = above + (figure.numerator in sets), below + (figure.denominator in sets)
    return found


def _tallied_pair(view: View, figure: Figure, asked: Asked, window: Window) -> tuple[int, int]:
    kind, spans = figure.kind, covering(window, view.as_of) or []
    parts = [*_tallied(view, kind, asked, spans, by_category=False), *_lapsed(view, kind, asked, window)]
    own = [part.counts for part in parts if part.cohort == figure.cohort]
    return (
        sum(counts.get(figure.numerator, 0) for counts in own),
        sum(counts.get(figure.denominator, 0) for counts in own),
    )


def asked_for(rows: Iterable[Any], kind: Kind, asked: Asked) -> Iterator[Any]:
    """Give the rows that a question is about."""
    scope, category, source = asked.scope, asked.category, asked.source if kind.source else None
    source_of = attrgetter(kind.source or "grid")
    for row in rows:
        if (
            (row.grid == scope if asked.exact else row.grid.startswith(scope))
            and (category is None or row.category == category)
            and (source is None or source_of(row) == source)
        ):
            yield row


def candidates(view: View, kind: Kind, asked: Asked, window: Window, *cohorts: str) -> list[Any]:
    """Return the live rows asked for whose moment of one of these cohorts (default: any) is in the window."""
    columns = kind.table.c
    either = [
        sa.and_(*conditions)
        for cohort in cohorts or kind.cohorts
        if (conditions := in_window(columns[kind.cohorts[cohort]], window))
    ]
    return view.rows(kind.table, *where_asked(kind, asked, columns), *([sa.or_(*either)] if either else []))


def in_window(column: sa.ColumnElement[Any], window: Window) -> list[Condition]:
    """Return the conditions for a moment to lie in a window."""
    conditions: list[Condition] = [column.is_not(None)]
    if window.start is not None:
        conditions.append(column >= window.start)
    if window.until is not None:
        conditions.append(column < window.until)
    return conditions


def where_asked(kind: Kind, asked: Asked, columns: Any) -> list[Condition]:
    """Return what a question asks of a row, as `asked_for` does of a row in memory."""
    found = within(columns.grid, asked.scope, exact=asked.exact)
    if asked.category is not None:
        found.append(columns.category == asked.category)
    if asked.source is not None and kind.source is not None:
        found.append(columns.source == asked.source)
    return found


def from_rows(rows: Mapping[str, Iterable[Any]], as_of: datetime, window: Window) -> Counted:
    """Count rows, by kind, with `membership` itself."""
    parts: list[Part] = []
    levels: Counter[tuple[str, str, LevelCounts]] = Counter()
    for kind in KINDS:
        # A few dozen different sets of sets are all there are: count those, then take them apart.
        found: Counter[tuple[str, str, str, frozenset[str]]] = Counter()
        cohorts = [(cohort, attrgetter(field)) for cohort, field in kind.cohorts.items()]
        membership, has = kind.membership, window.has
        for row in rows[kind.name]:
            sets = membership(row, as_of)
            for cohort, moment in cohorts:
                if has(moment(row)):
                    found[cohort, row.grid, row.category, sets] += 1
            if kind is CASE and has(row.accepted_at):
                _add_level(levels, row)
        parts += [
            Part(kind.name, cohort, grid, category, dict.fromkeys(sets, number))
            for (cohort, grid, category, sets), number in found.items()
        ]
    return Counted(
        parts,
        [
            LevelPart(grid, level, LevelCounts(*(number * count for count in counts)))
            for (grid, level, counts), number in levels.items()
        ],
    )


def _add_level(levels: Counter[tuple[str, str, LevelCounts]], case: CaseRow) -> None:
    counts = level_counts(case)
    if counts is not None:
        levels[case.grid, case.agreed_level or "", counts] += 1


def _tallied(view: View, kind: Kind, asked: Asked, spans: list[str], *, by_category: bool) -> Iterator[Part]:
    columns = TALLIES[kind.name].c
    keys = [columns.cohort, columns.grid, *([columns.category] if by_category else [])]
    statement = (
        sa.select(*keys, *(sa.func.sum(columns[name]) for name in kind.sets))
        .where(columns.span.in_(spans), *where_asked(kind, asked, columns))
        .group_by(*keys)
    )
    for found in view.execute(statement):
        cohort, grid, category = found[0], found[1], found[2] if by_category else ""
        sums = found[len(keys) :]
        counts = {name: int(number) for name, number in zip(kind.sets, sums, strict=True) if number}
        yield Part(kind.name, cohort, grid, category, counts)


def _lapsed(view: View, kind: Kind, asked: Asked, window: Window) -> Iterator[Part]:
    """Count what time alone has done since the rows were written: few rows, found by an index."""
    columns = kind.table.c
    for cohort, field in kind.cohorts.items():
        statement = (
            sa.select(columns.grid, columns.category, sa.func.count())
            .where(
                columns.lapses_at <= view.as_of,
                *where_asked(kind, asked, columns),
                *in_window(columns[field], window),
            )
            .group_by(columns.grid, columns.category)
        )
        for grid, category, number in view.execute(statement):
            counts = dict.fromkeys(kind.entered_by_time(category), number)
            yield Part(kind.name, cohort, grid, category, counts)


def _tallied_levels(view: View, asked: Asked, spans: list[str]) -> list[LevelPart]:
    if asked.category not in (None, DISPUTE):
        return []
    columns = LEVEL_TALLY.c
    sums = [sa.func.sum(columns[name]) for name in LEVEL_TALLY.count_names]
    conditions = within(columns.grid, asked.scope, exact=asked.exact)
    if asked.source is not None:
        conditions.append(columns.source == asked.source)
    statement = (
        sa.select(columns.grid, columns.level, *sums)
        .where(columns.span.in_(spans), *conditions)
        .group_by(columns.grid, columns.level)
    )
    return [
        LevelPart(grid, level, LevelCounts(*map(int, numbers)))
        for grid, level, *numbers in view.execute(statement)
    ]
