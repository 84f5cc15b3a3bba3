"""Emergencies: where emergency mode was switched on, by whom and why, and whether it lasts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from dispatch.domain.event import Event, Recorded
from dispatch.domain.modes import DeadlinesRecalculated, EmergencyEntered, EmergencyLeft, Grade, ModeEvent
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class EmergencyRow(Row, frozen=True):
    """An emergency, past or present; see `dispatch.domain.modes`. `left_at` is None while it lasts.

    `recalculate_at` is since when open items wait for new deadlines, None where none do; `recalculated_at`
    is when the last of them had been looked at.
    """

    emergency: str
    scope: str
    grade: Grade
    reason: str
    by: str
    since: datetime
    pauses: tuple[str, ...]
    recalculates: tuple[str, ...]
    position: int
    recalculate_at: datetime | None = None
    recalculated_at: datetime | None = None
    left_at: datetime | None = None
    left_by: str | None = None
    left_reason: str | None = None


EMERGENCIES: Final = RowTable(
    "emergencies", EmergencyRow, key=("emergency",), indexes=[("left_at",), ("recalculate_at",)]
)


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    if isinstance(recorded.event, ModeEvent):
        yield EMERGENCIES, recorded.event.emergency


def _entered(rows: Rows, event: EmergencyEntered, recorded: Recorded) -> None:
    rows.put(
        EMERGENCIES,
        EmergencyRow(
            event.emergency,
            event.scope,
            event.grade,
            event.reason,
            event.by,
            event.at,
            event.pauses,
            event.recalculates,
            recorded.position,
            recalculate_at=event.at if event.recalculates else None,
        ),
    )


def _recalculated(rows: Rows, event: DeadlinesRecalculated, recorded: Recorded) -> None:
    rows.change(
        EMERGENCIES,
        event.emergency,
        recalculate_at=None,
        recalculated_at=event.at,
        position=recorded.position,
    )


def _left(rows: Rows, event: EmergencyLeft, recorded: Recorded) -> None:
    rows.change(
        EMERGENCIES,
        event.emergency,
        left_at=event.at,
        left_by=event.by,
        left_reason=event.reason,
        recalculate_at=None,
        position=recorded.position,
    )


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    EmergencyEntered: _entered,
    DeadlinesRecalculated: _recalculated,
    EmergencyLeft: _left,
}
