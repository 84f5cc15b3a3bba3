"""Recurring plans: what each says, when it comes round next, and each time that it did."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain.event import Event, Recorded
from dispatch.domain.plans import (
    PassedOver,
    PlanCameRound,
    PlanChanged,
    PlanEnded,
    PlanPassedOver,
    PlanPaused,
    PlanResumed,
    PlanStarted,
    PlanStatus,
    PlanTerms,
)
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class PlanRow(Row, frozen=True):
    """A plan as it stands.

    `next_at` is when it comes round next, None unless it is running. `occurrences` counts the times that it
    issued `tasks`, `passed_over` those at which it issued none, `missed` those that an outage swallowed.
    """

    id: str
    scope: str
    title: str
    category: str
    status: PlanStatus
    terms: PlanTerms
    started_by: str
    started_at: datetime
    position: int
    version: int
    next_at: datetime | None = None
    last_planned_at: datetime | None = None
    occurrences: int = 0
    tasks: int = 0
    passed_over: int = 0
    missed: int = 0


class OccurrenceRow(Row, frozen=True):
    """One time that a plan came round: when due, when it happened, which tasks came of it or why none.

    `missed` counts the times before it, from `missed_from` on, that nobody saw go by. `left_out` are the
    grids in which an emergency paused it.
    """

    plan: str
    planned_at: datetime
    at: datetime
    tasks: tuple[str, ...]
    campaign: str | None
    passed_over: PassedOver | None
    missed: int
    missed_from: datetime | None
    position: int
    left_out: tuple[str, ...] = ()


PLANS: Final = RowTable("plans", PlanRow, key=("id",), indexes=[("next_at",), ("scope",)])
OCCURRENCES: Final = RowTable("plan_occurrences", OccurrenceRow, key=("plan", "planned_at"))
STREAM: Final = "plan:"


def plan_of(recorded: Recorded) -> str:
    """Return the id of the plan that an event of its stream is about."""
    return recorded.originator_id[len(STREAM) :]


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that an event touches."""
    key, event = plan_of(recorded), recorded.event
    yield PLANS, key
    if isinstance(event, PlanCameRound | PlanPassedOver):
        yield OCCURRENCES, (key, event.planned_at)


def _started(rows: Rows, event: PlanStarted, recorded: Recorded) -> None:
    terms = event.terms
    rows.put(
        PLANS,
        PlanRow(
            plan_of(recorded),
            terms.scope,
            terms.title,
            terms.category,
            PlanStatus.RUNNING,
            terms,
            event.by,
            event.at,
            recorded.position,
            recorded.originator_version,
            event.next_at,
        ),
    )


def _change(rows: Rows, recorded: Recorded, **fields: Any) -> None:
    rows.change(
        PLANS,
        plan_of(recorded),
        position=recorded.position,
        version=recorded.originator_version,
        **fields,
    )


def _changed(rows: Rows, event: PlanChanged, recorded: Recorded) -> None:
    terms = event.terms
    paused = rows.need(PLANS, plan_of(recorded)).status is PlanStatus.PAUSED
    _change(
        rows,
        recorded,
        terms=terms,
        scope=terms.scope,
        title=terms.title,
        category=terms.category,
        next_at=None if paused else event.next_at,
    )


def _paused(rows: Rows, _event: PlanPaused, recorded: Recorded) -> None:
    _change(rows, recorded, status=PlanStatus.PAUSED, next_at=None)


def _resumed(rows: Rows, event: PlanResumed, recorded: Recorded) -> None:
    _change(rows, recorded, status=PlanStatus.RUNNING, next_at=event.next_at)


def _ended(rows: Rows, _event: PlanEnded, recorded: Recorded) -> None:
    _change(rows, recorded, status=PlanStatus.ENDED, next_at=None)


def _came_round(rows: Rows, event: PlanCameRound | PlanPassedOver, recorded: Recorded) -> None:
    before = rows.need(PLANS, plan_of(recorded))
    issued = event if isinstance(event, PlanCameRound) else None
    rows.put(
        PLANS,
        replace(
            before,
            status=before.status if event.next_at else PlanStatus.ENDED,
            next_at=event.next_at,
            last_planned_at=event.planned_at,
            occurrences=before.occurrences + (issued is not None),
            tasks=before.tasks + (len(issued.tasks) if issued else 0),
            passed_over=before.passed_over + (issued is None),
            missed=before.missed + event.missed,
            position=recorded.position,
            version=recorded.originator_version,
        ),
    )
    rows.put(
        OCCURRENCES,
        OccurrenceRow(
            before.id,
            event.planned_at,
            event.at,
            issued.tasks if issued else (),
            issued.campaign if issued else None,
            None if isinstance(event, PlanCameRound) else event.why,
            event.missed,
            event.missed_from,
            recorded.position,
            issued.left_out if issued else (),
        ),
    )


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    PlanStarted: _started,
    PlanChanged: _changed,
    PlanPaused: _paused,
    PlanResumed: _resumed,
    PlanEnded: _ended,
    PlanCameRound: _came_round,
    PlanPassedOver: _came_round,
}
