"""The board: all figures of a scope, in total and by grid, village, town and category."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any, Literal

from dispatch.domain import codes
from dispatch.domain.cases.kinds import DISPUTE
from projections.figures.counting import Counted, Part, asked_for, candidates, counted
from projections.figures.coverage import VISIT, Coverage, households
from projections.figures.definitions import (
    CASE_COUNTS,
    DISPUTE_COUNTS,
    FIGURES,
    PERMIT_COUNTS,
    PLAIN_NUMBERS,
    RESOLVED_AT,
    TASK_COUNTS,
    VISIT_COVERAGE,
    Count,
    FigureUnknown,
)
from projections.figures.kinds import Kind
from projections.questions.answers import (
    Board,
    Counts,
    GridFigures,
    GroupFigures,
    Level,
    Members,
    Rate,
    rate,
)
from projections.questions.asked import Asked, Page
from projections.questions.asked import Part as Side
from projections.questions.view import View, within
from projections.spans import Window
from projections.towns import GRIDS, TOWNS, GridRow

By = Literal["grid", "village", "town", "category"]


class Sums:
    """The numbers of one grid, one village, one category or of everything."""

    def __init__(self) -> None:
        self._sets: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._levels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._visited = self._due = 0

    def add(self, part: Part) -> None:
        """Add the numbers of a part."""
        self._sets[part.kind, part.cohort].update(part.counts)

    def add_level(self, level: str, counts: dict[str, int]) -> None:
        """Add disputes resolved at a level."""
        self._levels[level].update(counts)

    def add_coverage(self, part: Coverage) -> None:
        """Add households that were due and visited."""
        self._visited += part.visited
        self._due += part.due

    def figures(self) -> dict[str, Rate]:
        """Return every figure."""
        found = {
            figure.name: rate(sets[figure.numerator], sets[figure.denominator])
            for figure in FIGURES.values()
            for sets in [self._sets[figure.kind.name, figure.cohort]]
        }
        return found | {VISIT_COVERAGE: rate(self._visited, self._due)}

    def counts(self) -> Counts:
        """Return every plain number."""
        return Counts(
            tasks=self._numbers(TASK_COUNTS),
            cases=self._numbers(CASE_COUNTS),
            disputes=self._numbers(DISPUTE_COUNTS),
            permits=self._numbers(PERMIT_COUNTS),
            dispute_levels={level: Level(**numbers) for level, numbers in sorted(self._levels.items())},
        )

    def _numbers(self, counts: Iterable[Count]) -> dict[str, int]:
        return {count.name: self._sets[count.kind.name, count.cohort][count.counted] for count in counts}


def summed(found: Counted, code_of: Callable[[str, str], str]) -> dict[str, Sums]:
    """Return the sums by what `code_of` makes of a part's grid and category."""
    sums: defaultdict[str, Sums] = defaultdict(Sums)
    for part in found.parts:
        sums[code_of(part.grid, part.category)].add(part)
    for level in found.levels:
        sums[code_of(level.grid, DISPUTE)].add_level(level.level, level.counts._asdict())
    for covered in found.coverage:
        sums[code_of(covered.grid, VISIT)].add_coverage(covered)
    return sums


def board(view: View, asked: Asked, window: Window, by: Collection[By]) -> Board:
    """Return all figures of a scope and window, and of the parts that `by` names."""
    found = counted(view, asked, window, by_category="category" in by)
    total = summed(found, lambda _grid, _category: "").get("") or Sums()
    place = within(GRIDS.c.code, asked.scope, exact=asked.exact)
    places = {grid.code: grid for grid in view.rows(GRIDS, *place)}
    villages = {codes.village_of(grid.code): grid.village for grid in places.values()}
    towns = {}
    if {"town", "grid"} & set(by):
        scope = codes.town_of(asked.scope)
        towns = {town.code: town.name for town in view.rows(TOWNS, *within(TOWNS.c.code, scope))}
    return Board(
        scope=asked.scope,
        exact=asked.exact,
        window=window,
        category=asked.category,
        source=asked.source,
        as_of=view.as_of,
        position=view.position,
        figures=total.figures(),
        counts=total.counts(),
        grids=_grids(found, places, towns) if "grid" in by else [],
        villages=_groups(summed(found, lambda grid, _: codes.village_of(grid)), villages)
        if "village" in by
        else [],
        towns=_groups(summed(found, lambda grid, _: codes.town_of(grid)), towns) if "town" in by else [],
        categories=_groups(summed(found, lambda _, category: category), {}) if "category" in by else [],
    )


def _grids(found: Counted, places: dict[str, GridRow], towns: dict[str, str]) -> list[GridFigures]:
    """Return every grid that is drawn or has items; a given up one only if it has."""
    sums = summed(found, lambda grid, _: grid)
    drawn = {code for code, grid in places.items() if grid.closed_at is None}
    grids = []
    for code in sorted(drawn | sums.keys()):
        grid, own = places.get(code), sums.get(code) or Sums()
        name = grid.name if grid else towns.get(code)
        village = grid.village if grid else None
        closed = grid is not None and grid.closed_at is not None
        grids.append(GridFigures(code, name, village, closed, own.figures(), own.counts()))
    return grids


def _groups(sums: dict[str, Sums], names: dict[str, str]) -> list[GroupFigures]:
    return [
        GroupFigures(code, names.get(code), own.figures(), own.counts())
        for code, own in sorted(({code: Sums() for code in names} | sums).items())
    ]


def members(view: View, name: str, part: Side, asked: Asked, window: Window, *, page: Page) -> Members:
    """Return the items behind a number, those whose cohort's moment came first first.

    `name` is a figure's, or for a plain number its group and name, such as `tasks.open` (its only part is
    the numerator), or `dispute_levels.` and a level, for what was resolved there. Raises `FigureUnknown`.
    """
    if name == VISIT_COVERAGE:
        ids = households(view, asked, window, visited=part == "numerator")
        return _page(view, (name, part, "household"), ids, page)
    kind, cohort, wanted, level = _wanted(name, part)
    moment = attrgetter(kind.cohorts[cohort])
    if view.moment is not None:
        rows: Iterable[Any] = asked_for(view.moment.rows(kind.table), kind, asked)
    else:
        rows = candidates(view, kind, asked, window, cohort)
    found = sorted(
        (moment(row), row.id)
        for row in rows
        if window.has(moment(row))
        and (level is None or (row.agreed_level or "") == level)
        and wanted in kind.membership(row, view.as_of)
    )
    return _page(view, (name, part, kind.name), [key for _, key in found], page)


def _page(view: View, what: tuple[str, Side, str], ids: Sequence[str], page: Page) -> Members:
    name, part, kind = what
    begin = page.number() or 0
    more = begin + page.limit < len(ids)
    return Members(
        figure=name,
        part=part,
        kind=kind,
        total=len(ids),
        ids=list(ids[begin : begin + page.limit]),
        next=str(begin + page.limit) if more else None,
        as_of=view.as_of,
        position=view.position,
    )


def _wanted(name: str, part: Side) -> tuple[Kind, str, str, str | None]:
    """Return the kind, the cohort and the set behind a number, and the level that it is of, if of one."""
    if name in FIGURES:
        figure = FIGURES[name]
        wanted = figure.numerator if part == "numerator" else figure.denominator
        return figure.kind, figure.cohort, wanted, None
    group, _, level = name.partition(".")
    count = RESOLVED_AT if group == RESOLVED_AT.name else PLAIN_NUMBERS.get(name)
    if count is None:
        raise FigureUnknown(figure=name[:60])
    return count.kind, count.cohort, count.counted, level if count is RESOLVED_AT else None
