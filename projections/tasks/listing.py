"""Work lists of tasks, and one task."""

from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from dispatch.domain.ladder import Level
from dispatch.domain.tasks import ENDED, Status
from dispatch.domain.working_time import late_factor
from projections.calendars import Calendars
from projections.questions.asked import Page, Reach
from projections.questions.listing import Light, light, paged, reachable, running_out, sorting
from projections.questions.view import Condition, View, within
from projections.tasks.membership import membership
from projections.tasks.row import TASKS, TaskRow

SORTS: Final = {
    "issued": "issued_at",
    "due": "handling_due",
    "since": "since",
    "closed": "closed_at",
    "grid": "grid",
    "status": "status",
    "category": "category",
    "title": "title",
    "assignee": "assignee",
    "position": "position",
    "escalated": "escalated_at",
    "next_step": "next_step_at",
}
RUNNING_OUT: Final = running_out(TASKS, waiting=Status.ISSUED, ended=ENDED)
ESCALATED: Final = sa.and_(
    TASKS.c.escalation_level.is_not(None),
    TASKS.c.handled_at.is_(None),
    TASKS.c.status.not_in(sorted(ENDED)),
)


def is_escalated(row: TaskRow) -> bool:
    """Tell of a row in memory what `ESCALATED` asks a database: told of, and still to be handled."""
    return row.escalation_level is not None and row.handled_at is None and row.status not in ENDED


class TaskItem(TaskRow, frozen=True):
    """A task with what time makes of it.

    `overdue`: still not handled, past its deadline. `light` is that of the clock that runs out first: of
    acceptance until it is accepted, then of handling. `late_factor` is (used − limit) / limit, None for what
    isn't late.
    """

    overdue: bool = False
    light: Light | None = None
    late_factor: float | None = None


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: all that is given must hold.

    `acceptance_overdue`: nobody has accepted it, and the time for that is over; `overdue` is of the handling.
    `escalated`: a step of its ladder has fired and it is still to be handled; `escalation_level` is the
    highest.

    `text` stands in the title, small or capital; `open` is neither closed nor cancelled; `due_before` and
    `due_from` look at the handling deadline, `issued_from` (included) and `issued_before` at the issue.
    `exact`: of the scope's own code, not of what lies in it.
    """

    status: tuple[Status, ...] = ()
    open: bool | None = None
    overdue: bool | None = None
    acceptance_overdue: bool | None = None
    escalated: bool | None = None
    escalation_level: tuple[Level, ...] = ()
    extension_requested: bool | None = None
    category: str | None = None
    assignee: str | None = None
    unassigned: bool | None = None
    campaign: str | None = None
    plan: str | None = None
    text: str | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None
    exact: bool = False
    reach: Reach | None = None


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list of tasks: `total` is the length of the whole list, `next` the cursor to go on from."""

    items: list[TaskItem]
    total: int
    next: str | None
    as_of: datetime
    position: int


def conditions(chosen: TaskFilter, as_of: datetime) -> list[Condition]:
    """Return what a filter asks of a row."""
    c = TASKS.c
    lapsed = sa.and_(c.lapses_at.is_not(None), c.lapses_at <= as_of)
    ended = c.status.in_(sorted(ENDED))
    unaccepted = sa.and_(c.status == Status.ISSUED, sa.func.coalesce(c.acceptance_due <= as_of, sa.false()))
    asked = c.extension_requested_at.is_not(None)
    optional: list[tuple[object, Condition]] = [
        (chosen.category, c.category == chosen.category),
        (chosen.assignee, c.assignee == chosen.assignee),
        (chosen.campaign, c.campaign == chosen.campaign),
        (chosen.plan, c.plan == chosen.plan),
        (chosen.due_from, c.handling_due >= (chosen.due_from or as_of)),
        (chosen.due_before, c.handling_due < (chosen.due_before or as_of)),
        (chosen.issued_from, c.issued_at >= (chosen.issued_from or as_of)),
        (chosen.issued_before, c.issued_at < (chosen.issued_before or as_of)),
        (chosen.open, sa.not_(ended) if chosen.open else ended),
        (chosen.overdue, lapsed if chosen.overdue else sa.not_(lapsed)),
        (chosen.acceptance_overdue, unaccepted if chosen.acceptance_overdue else sa.not_(unaccepted)),
        (chosen.escalated, ESCALATED if chosen.escalated else sa.not_(ESCALATED)),
        (chosen.extension_requested, asked if chosen.extension_requested else sa.not_(asked)),
        (chosen.unassigned, c.assignee.is_(None) if chosen.unassigned else c.assignee.is_not(None)),
    ]
    found = [condition for given, condition in optional if given is not None]
    if chosen.escalation_level:
        found.append(c.escalation_level.in_(chosen.escalation_level))
    if chosen.status:
        found.append(c.status.in_(chosen.status))
    if chosen.text:
        found.append(c.title.icontains(chosen.text, autoescape=True))
    return found + reachable(c, chosen.reach)


def tasks(
    view: View, calendars: Calendars, scope: str, chosen: TaskFilter, *, sort: str, page: Page
) -> Tasks:
    """Return a page of the tasks of a scope. Raises `SortUnknown` and `PageMalformed`."""
    where = within(TASKS.c.grid, scope, exact=chosen.exact) + conditions(chosen, view.as_of)
    found = paged(view, TASKS, where, order=sorting(TASKS, SORTS, sort, running=RUNNING_OUT), page=page)
    return Tasks(
        items=[item(row, calendars, view.as_of) for row in found.rows],
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def task(view: View, calendars: Calendars, key: str) -> TaskItem | None:
    """Return one task, or None if there is none of that id."""
    row = view.moment.get(TASKS, key) if view.moment else view.one(TASKS, TASKS.c.id == key)
    return item(row, calendars, view.as_of) if row else None


def item(row: TaskRow, calendars: Calendars, as_of: datetime) -> TaskItem:
    """Return a task with what time makes of it."""
    sets = membership(row, as_of)
    runs = row.lapses_at is not None and row.status is not Status.SUSPENDED and row.waiting_since is None
    ended = (row.handled_at or as_of) if sets & {"handled", "lapsed"} else None
    return TaskItem(
        **msgspec.structs.asdict(row),
        overdue="lapsed" in sets,
        light=light(calendars.of(row.running), row.running, as_of) if runs else None,
        late_factor=late_factor(calendars.of(row.deadline), row.deadline, ended) if ended else None,
    )
