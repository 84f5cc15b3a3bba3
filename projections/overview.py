"""What the supervisors' board (驾驶舱) shows of one moment: all at one position, so that its parts fit."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dispatch.domain.ladder import LEVELS, Level
from projections.cases import listing as case_listing
from projections.cases.row import CASES, CaseRow
from projections.engine.tables import RowTable
from projections.figures.board import By, board
from projections.mode_listing import PlaceMode, modes
from projections.questions.answers import Board, Staffing
from projections.questions.asked import Asked
from projections.questions.view import View, within
from projections.spans import Window
from projections.staffing import staffing
from projections.tasks import listing as task_listing
from projections.tasks.row import TASKS, TaskRow

Kind = Literal["task", "case"]
BY_GRID: Final[tuple[By, ...]] = ("grid",)
SHOWN: Final = 12
"""How many of the escalated items are named one by one, the highest level first."""


class LevelCount(msgspec.Struct, frozen=True):
    """How many tasks and cases wait for an answer or an outcome, with this as their highest level."""

    level: Level
    tasks: int
    cases: int


class EscalatedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item that is escalated and still to be handled; `acceptance_due` is None once it is accepted."""

    kind: Kind
    id: str
    title: str
    category: str
    grid: str
    level: Level
    escalated_at: datetime
    acceptance_due: datetime | None
    handling_due: datetime | None
    promised_at: datetime | None
    assignee: str | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Figures, staffing, modes and open escalations of a scope.

    `began` is when the log's first event happened: the board can't look back further.
    """

    scope: str
    as_of: datetime
    position: int
    began: datetime | None
    board: Board
    staffing: Staffing
    modes: list[PlaceMode]
    levels: list[LevelCount]
    escalated: list[EscalatedItem]


class Escalating(NamedTuple):
    """A kind of item that may be escalated: where it is kept, and which of its rows are."""

    kind: Kind
    table: RowTable[Any]
    live: Any
    past: Any


KINDS: Final = (
    Escalating("task", TASKS, task_listing.ESCALATED, task_listing.is_escalated),
    Escalating("case", CASES, case_listing.ESCALATED, case_listing.is_escalated),
)


def overview(view: View, asked: Asked, window: Window, began: datetime | None) -> Overview:
    """Return all that the board shows of a scope and window."""
    found = [(one.kind, row) for one in KINDS for row in _escalated(view, one, asked.scope)]
    return Overview(
        scope=asked.scope,
        as_of=view.as_of,
        position=view.position,
        began=began,
        board=board(view, asked, window, BY_GRID),
        staffing=staffing(view, asked.scope),
        modes=modes(view, asked.scope).modes,
        levels=_levels(found),
        escalated=_highest(found),
    )


def _escalated(view: View, one: Escalating, scope: str) -> Iterable[TaskRow | CaseRow]:
    if view.moment is None:
        return view.rows(one.table, *within(one.table.c.grid, scope), one.live)
    # The rows themselves: all of them would have to be put into a table for a query to find these few.
    rows = view.moment.rows(one.table)
    return [row for row in rows if row.grid.startswith(scope) and one.past(row)]


Found = list[tuple[Kind, TaskRow | CaseRow]]


def _levels(found: Found) -> list[LevelCount]:
    counted = Counter((row.escalation_level, kind) for kind, row in found)
    return [LevelCount(level, counted[level, "task"], counted[level, "case"]) for level in LEVELS]


def _highest(found: Found) -> list[EscalatedItem]:
    rank = {level: place for place, level in enumerate(LEVELS)}
    items = [
        EscalatedItem(
            kind=kind,
            id=row.id,
            title=row.title,
            category=row.category,
            grid=row.grid,
            level=row.escalation_level,
            escalated_at=row.escalated_at,
            acceptance_due=row.acceptance_due if row.accepted_at is None else None,
            handling_due=row.handling_due,
            promised_at=row.promised_at,
            assignee=row.assignee,
        )
        for kind, row in found
        if row.escalation_level is not None and row.escalated_at is not None
    ]
    # The same order whatever order the rows came in: it is a part of an answer about the past.
    items.sort(key=lambda item: (-rank[item.level], item.escalated_at, item.id))
    return items[:SHOWN]
