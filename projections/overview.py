"""What the supervisors' board (驾驶舱) shows of one moment: all at one position, so that its parts fit."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dispatch.domain.ladder import LEVELS, Level
from projections.cases import listing as case_listing
from projections.cases.row import CaseRow
from projections.figures.board import By, board
from projections.figures.counting import asked_for, where_asked
from projections.figures.kinds import CASE, TASK, Kind
from projections.mode_listing import PlaceMode, modes
from projections.questions.answers import Board, Staffing
from projections.questions.asked import Asked
from projections.questions.view import View
from projections.spans import Window
from projections.staffing import staffing
from projections.tasks import listing as task_listing
from projections.tasks.row import TaskRow

Named = Literal["task", "case"]
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

    kind: Named
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

    Of one category, source or code itself only, if that is asked: staffing and modes are of everything.
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
    """A kind of item that may be escalated, and which of its rows are."""

    name: Named
    kind: Kind
    live: Any
    past: Any


KINDS: Final = (
    Escalating("task", TASK, task_listing.ESCALATED, task_listing.is_escalated),
    Escalating("case", CASE, case_listing.ESCALATED, case_listing.is_escalated),
)


def overview(view: View, asked: Asked, window: Window, began: datetime | None) -> Overview:
    """Return all that the board shows of what is asked for, in a window."""
    found = [(one.name, row) for one in KINDS for row in _escalated(view, one, asked)]
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


def _escalated(view: View, one: Escalating, asked: Asked) -> Iterable[TaskRow | CaseRow]:
    table = one.kind.table
    if view.moment is None:
        return view.rows(table, *where_asked(one.kind, asked, table.c), one.live)
    # The rows themselves: all of them would have to be put into a table for a query to find these few.
    return [row for row in asked_for(view.moment.rows(table), one.kind, asked) if one.past(row)]


Found = list[tuple[Named, TaskRow | CaseRow]]


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
