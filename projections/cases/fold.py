"""How the events of a case change its row: the steps that every case goes through."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from dispatch.domain.cases import ENDED, Status, events
from dispatch.domain.cases.kinds import CLOCK_RUNS
from dispatch.domain.event import Event, Recorded
from dispatch.domain.working_time import Deadline
from projections.cases.row import CASES, CaseRow
from projections.engine.rows import RowMissing, Rows, Touched
from projections.escalation import first_step, look_again
from projections.lapse import lapse

E = TypeVar("E", bound=Event)
Changes = dict[str, Any]
"""Fields of a row and what they become; with a `status`, `since` becomes the event's time."""

CHANGES: Final[dict[type[Event], Callable[[CaseRow, Any], Changes]]] = {}
"""What each event after the first one changes."""

STREAM: Final = "case:"
RUNS: Final = CLOCK_RUNS | {Status.REPORTED, Status.DUE}
"""The statuses in which a clock runs: that of acceptance or handling, or that for reporting a permit."""
OUTSIDE: Final = frozenset({Status.VOIDED, Status.MERGED, Status.SELF_HANDLED})
"""The statuses in which a case's handling counts for nothing, so its time can't run out."""

NOTHING_ASKED: Final[Changes] = {"extension_requested_at": None}


def case_of(recorded: Recorded) -> str:
    """Return the id of the case that an event of a case's stream is about."""
    return recorded.originator_id[len(STREAM) :]


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    return [(CASES, case_of(recorded))]


def clock(handling: Deadline) -> Changes:
    """Return what a handling deadline says."""
    return {
        "handling_started": handling.started,
        "handling_due": handling.due,
        "limit_kind": handling.limit.kind,
        "limit_amount": handling.limit.amount,
        "rule": handling.rule,
        "calendar": handling.calendar,
        "step_at": first_step(handling),
    }


def to_be_accepted(acceptance: Deadline) -> Changes:
    """Return what the deadline of an acceptance clock that runs says."""
    return {
        "acceptance_due": acceptance.due,
        "acceptance_limit": acceptance.limit,
        "acceptance_rule": acceptance.rule,
        "step_at": first_step(acceptance),
    }


def reported(rows: Rows, event: events.CaseReported, recorded: Recorded) -> None:
    """Begin a row."""
    case = CaseRow(
        id=case_of(recorded),
        grid=event.grid,
        status=Status.REPORTED,
        since=event.at,
        title=event.title,
        category=event.category,
        source=str(event.source),
        channel=event.channel,
        severity=event.severity,
        reported_by=event.by,
        reported_in=event.grid,
        reported_at=event.at,
        position=recorded.position,
        version=recorded.originator_version,
        reference=event.reference,
        longitude=event.longitude,
        latitude=event.latitude,
        **to_be_accepted(event.acceptance),
    )
    rows.put(CASES, replace(case, next_step_at=stepping(case)))


def changed(rows: Rows, event: Event, recorded: Recorded) -> None:
    """Change a row as any later event says."""
    case = rows.get(CASES, case_of(recorded))
    if case is None:
        raise RowMissing(CASES, case_of(recorded))
    changes = CHANGES[type(event)](case, event)
    if "status" in changes:
        changes["since"] = event.at
    case = replace(case, position=recorded.position, version=recorded.originator_version, **changes)
    lapses_at, next_step_at = lapsing(case), stepping(case)
    if lapses_at != case.lapses_at or next_step_at != case.next_step_at:
        case = replace(case, lapses_at=lapses_at, next_step_at=next_step_at)
    rows.put(CASES, case)


def lapsing(case: CaseRow) -> datetime | None:
    """Return when a case's time, or a permit's for being reported, runs out; None for never."""
    if case.status in OUTSIDE:
        return None
    return lapse(
        case.handling_due,
        handled_at=case.handled_at or case.published_at,
        # What ended without having been handled has no clock that runs.
        waiting_since=case.waiting_since or (case.since if case.status in ENDED else None),
        suspended_until=case.suspended_until,
    )


def stepping(case: CaseRow) -> datetime | None:
    """Return when the service is to look at the case again."""
    return look_again(case, suspended=case.status is Status.SUSPENDED, runs=case.status in RUNS)


def after(event: type[E]) -> Callable[[Callable[[CaseRow, E], Changes]], Callable[[CaseRow, E], Changes]]:
    """Declare what an event changes."""

    def declare(change: Callable[[CaseRow, E], Changes]) -> Callable[[CaseRow, E], Changes]:
        CHANGES[event] = change
        return change

    return declare


@after(events.CaseAccepted)
def _(_case: CaseRow, event: events.CaseAccepted) -> Changes:
    return {"status": Status.ACCEPTED, "accepted_at": event.at}


@after(events.CaseRefused)
def _(case: CaseRow, _event: events.CaseRefused) -> Changes:
    return {"status": Status.REFUSED, "before": case.status, "appealed_at": None, **NOTHING_ASKED}


@after(events.CaseNotRegistered)
def _(case: CaseRow, _event: events.CaseNotRegistered) -> Changes:
    return {"status": Status.NOT_REGISTERED, "before": case.status, "appealed_at": None, **NOTHING_ASKED}


@after(events.CaseVoided)
def _(case: CaseRow, event: events.CaseVoided) -> Changes:
    return {
        "status": Status.VOIDED,
        "before": case.before if case.status is Status.SUSPENDED else case.status,
        "suspended_until": None,
        "waiting_since": case.waiting_since or (event.at if case.handling_due is not None else None),
        "appealed_at": None,
        **NOTHING_ASKED,
    }


@after(events.CaseVerified)
def _(_case: CaseRow, event: events.CaseVerified) -> Changes:
    return {"genuine": event.genuine}


@after(events.CaseRegistered)
def _(case: CaseRow, event: events.CaseRegistered) -> Changes:
    return {
        "status": Status.REGISTERED,
        "registered_at": case.registered_at or event.at,
        **clock(event.handling),
    }


@after(events.CaseSelfHandled)
def _(case: CaseRow, event: events.CaseSelfHandled) -> Changes:
    return {
        "status": Status.SELF_HANDLED,
        "accepted_at": case.accepted_at or event.at,
        "closed_at": event.at,
        "followed_up_at": None,
        "satisfied": None,
    }


@after(events.CaseDispatched)
def _(case: CaseRow, event: events.CaseDispatched) -> Changes:
    return {**_given(case, event.grid, event), "department": event.department, "assignee": event.assignee}


@after(events.CaseHandedDown)
def _(case: CaseRow, event: events.CaseHandedDown) -> Changes:
    return {**_given(case, event.grid, event), "department": None, "assignee": event.assignee}


def _given(case: CaseRow, grid: str, event: events.CaseDispatched | events.CaseHandedDown) -> Changes:
    return {
        "status": Status.DISPATCHED,
        "before": None,
        "grid": grid,
        "dispatched_at": case.dispatched_at or event.at,
        "waiting_since": None,
        **clock(event.handling),
    }


@after(events.CaseTransferred)
def _(_case: CaseRow, event: events.CaseTransferred) -> Changes:
    return {
        "status": Status.DISPATCHED,
        "grid": event.grid,
        "department": event.department,
        "assignee": event.assignee,
        **NOTHING_ASKED,
    }


@after(events.CaseDeclined)
def _(_case: CaseRow, _event: events.CaseDeclined) -> Changes:
    return {"status": Status.REGISTERED, "department": None, "assignee": None, **NOTHING_ASKED}


@after(events.CaseHandedUp)
def _(case: CaseRow, event: events.CaseHandedUp) -> Changes:
    return {
        "status": Status.HANDED_UP,
        "before": case.status,
        "department": None,
        "assignee": None,
        "waiting_since": event.at,
        **NOTHING_ASKED,
    }


@after(events.CaseHandlingStarted)
def _(case: CaseRow, event: events.CaseHandlingStarted) -> Changes:
    return {
        "status": Status.HANDLING,
        "assignee": case.assignee if case.department is not None else event.by,
        "started_at": case.started_at or event.at,
    }


@after(events.CaseHandled)
def _(case: CaseRow, event: events.CaseHandled) -> Changes:
    return {
        "status": Status.HANDLED,
        "handled_at": event.at,
        "first_handled_at": case.first_handled_at or event.at,
        **NOTHING_ASKED,
    }


@after(events.CaseCheckStarted)
def _(_case: CaseRow, event: events.CaseCheckStarted) -> Changes:
    return {"status": Status.CHECKING, "checker": event.checker, "check_passed": False}


@after(events.CaseCheckPassed)
def _(_case: CaseRow, event: events.CaseCheckPassed) -> Changes:
    return {"status": Status.CHECKING, "checker": event.by, "check_passed": True}


@after(events.CaseCheckFailed)
def _(case: CaseRow, event: events.CaseCheckFailed) -> Changes:
    return {
        "status": Status.HANDLING,
        "handled_at": None,
        "checker": None,
        "check_passed": False,
        "reworks": case.reworks + 1,
        **clock(event.handling),
    }


@after(events.CaseClosed)
def _(_case: CaseRow, event: events.CaseClosed) -> Changes:
    return {
        "status": Status.CLOSED,
        "before": None,
        "closed_at": event.at,
        "followed_up_at": None,
        "satisfied": None,
    }
