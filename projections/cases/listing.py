"""Work lists of cases, and one case."""

from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from dispatch.domain.cases import ENDED, Severity, Status
from dispatch.domain.cases.kinds import PERMIT
from dispatch.domain.ladder import Level
from dispatch.domain.working_time import late_factor
from projections.calendars import Calendars
from projections.cases.membership import membership
from projections.cases.row import CASES, CaseRow
from projections.questions.asked import Page, Reach
from projections.questions.listing import Light, light, paged, reachable, running_out, sorting
from projections.questions.view import Condition, View, within

SORTS: Final = {
    "reported": "reported_at",
    "due": "handling_due",
    "since": "since",
    "closed": "closed_at",
    "grid": "grid",
    "status": "status",
    "category": "category",
    "severity": "severity",
    "title": "title",
    "assignee": "assignee",
    "number": "number",
    "position": "position",
    "escalated": "escalated_at",
    "next_step": "next_step_at",
}
RUNNING_OUT: Final = running_out(CASES, waiting=Status.REPORTED, ended=ENDED)
ESCALATED: Final = sa.and_(
    CASES.c.escalation_level.is_not(None),
    CASES.c.handled_at.is_(None),
    CASES.c.published_at.is_(None),
    CASES.c.status.not_in(sorted(ENDED)),
)


def is_escalated(row: CaseRow) -> bool:
    """Tell of a row in memory what `ESCALATED` asks a database: told of, and still to be handled."""
    told = row.escalation_level is not None and row.status not in ENDED
    return told and row.handled_at is None and row.published_at is None


class CaseItem(CaseRow, frozen=True):
    """A case with what time makes of it.

    `overdue`: still not handled (a permit: not reported), past its deadline. `light` is that of the clock
    that runs: of acceptance, then of handling. `late_factor` is (used − limit) / limit, None for what isn't
    late.
    """

    overdue: bool = False
    light: Light | None = None
    late_factor: float | None = None


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: all that is given must hold.

    `acceptance_overdue`: nobody has accepted it, and the time for that is over; `overdue` is of the handling.
    `escalated`: a step of its ladder has fired and it is still to be handled; `escalation_level` is the
    highest.

    `text` stands in the title, small or capital; `open` is what is left to do something about; `due_before`
    and `due_from` look at the handling deadline, `reported_from` (included) and `reported_before` at the
    report. `permits`: permits to publish only, or without them. `unassigned`: with nobody by name and with no
    department, so whoever works in its grid may begin; or with one of them. `exact`: of the scope's own
    code, not of what lies in it.
    """

    status: tuple[Status, ...] = ()
    open: bool | None = None
    overdue: bool | None = None
    acceptance_overdue: bool | None = None
    escalated: bool | None = None
    escalation_level: tuple[Level, ...] = ()
    extension_requested: bool | None = None
    appealed: bool | None = None
    permits: bool | None = None
    category: str | None = None
    source: str | None = None
    severity: tuple[Severity, ...] = ()
    assignee: str | None = None
    unassigned: bool | None = None
    department: str | None = None
    checker: str | None = None
    check_passed: bool | None = None
    reference: str | None = None
    number: str | None = None
    merged_into: str | None = None
    text: str | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    reported_from: datetime | None = None
    reported_before: datetime | None = None
    exact: bool = False
    reach: Reach | None = None


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list of cases: `total` is the length of the whole list, `next` the cursor to go on from."""

    items: list[CaseItem]
    total: int
    next: str | None
    as_of: datetime
    position: int


def conditions(chosen: CaseFilter, as_of: datetime) -> list[Condition]:
    """Return what a filter asks of a row."""
    c = CASES.c
    lapsed = sa.and_(c.lapses_at.is_not(None), c.lapses_at <= as_of)
    ended = c.status.in_(sorted(ENDED))
    unaccepted = sa.and_(c.status == Status.REPORTED, sa.func.coalesce(c.acceptance_due <= as_of, sa.false()))
    free = sa.and_(c.assignee.is_(None), c.department.is_(None))
    asked, appealed = c.extension_requested_at.is_not(None), c.appealed_at.is_not(None)
    optional: list[tuple[object, Condition]] = [
        (chosen.category, c.category == chosen.category),
        (chosen.source, c.source == chosen.source),
        (chosen.assignee, c.assignee == chosen.assignee),
        (chosen.unassigned, free if chosen.unassigned else sa.not_(free)),
        (chosen.department, c.department == chosen.department),
        (chosen.checker, c.checker == chosen.checker),
        (chosen.check_passed, c.check_passed == chosen.check_passed),
        (chosen.reference, c.reference == chosen.reference),
        (chosen.number, c.number == chosen.number),
        (chosen.merged_into, c.merged_into == chosen.merged_into),
        (chosen.due_from, c.handling_due >= (chosen.due_from or as_of)),
        (chosen.due_before, c.handling_due < (chosen.due_before or as_of)),
        (chosen.reported_from, c.reported_at >= (chosen.reported_from or as_of)),
        (chosen.reported_before, c.reported_at < (chosen.reported_before or as_of)),
        (chosen.open, sa.not_(ended) if chosen.open else ended),
        (chosen.overdue, lapsed if chosen.overdue else sa.not_(lapsed)),
        (chosen.acceptance_overdue, unaccepted if chosen.acceptance_overdue else sa.not_(unaccepted)),
        (chosen.escalated, ESCALATED if chosen.escalated else sa.not_(ESCALATED)),
        (chosen.extension_requested, asked if chosen.extension_requested else sa.not_(asked)),
        (chosen.appealed, appealed if chosen.appealed else sa.not_(appealed)),
        (chosen.permits, c.category == PERMIT if chosen.permits else c.category != PERMIT),
    ]
    found = [condition for given, condition in optional if given is not None]
    if chosen.escalation_level:
        found.append(c.escalation_level.in_(chosen.escalation_level))
    if chosen.status:
        found.append(c.status.in_(chosen.status))
    if chosen.severity:
        found.append(c.severity.in_(chosen.severity))
    if chosen.text:
        found.append(c.title.icontains(chosen.text, autoescape=True))
    return found + reachable(c, chosen.reach)


def cases(
    view: View, calendars: Calendars, scope: str, chosen: CaseFilter, *, sort: str, page: Page
) -> Cases:
    """Return a page of the cases of a scope. Raises `SortUnknown` and `PageMalformed`."""
    where = within(CASES.c.grid, scope, exact=chosen.exact) + conditions(chosen, view.as_of)
    found = paged(view, CASES, where, order=sorting(CASES, SORTS, sort, running=RUNNING_OUT), page=page)
    return Cases(
        items=[item(row, calendars, view.as_of) for row in found.rows],
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def case(view: View, calendars: Calendars, key: str) -> CaseItem | None:
    """Return one case, or None if there is none of that id."""
    row = view.moment.get(CASES, key) if view.moment else view.one(CASES, CASES.c.id == key)
    return item(row, calendars, view.as_of) if row else None


def item(row: CaseRow, calendars: Calendars, as_of: datetime) -> CaseItem:
    """Return a case with what time makes of it."""
    overdue = row.lapses_at is not None and row.lapses_at <= as_of and bool(membership(row, as_of))
    runs = row.status is Status.REPORTED or (
        row.lapses_at is not None
        and row.status is not Status.SUSPENDED
        and row.waiting_since is None
        and row.status not in ENDED
    )
    ended = row.handled_at or row.published_at or (as_of if overdue else None)
    deadline = row.deadline
    return CaseItem(
        **msgspec.structs.asdict(row),
        overdue=overdue,
        light=light(calendars.of(row.running), row.running, as_of) if runs else None,
        late_factor=late_factor(calendars.of(deadline), deadline, ended) if ended and deadline else None,
    )
