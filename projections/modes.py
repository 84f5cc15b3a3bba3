"""Emergencies: where emergency mode was switched on, by whom and why, and whether it lasts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from dispatch.domain.event import Event, Recorded
from dispatch.domain.modes import EmergencyEntered, EmergencyLeft, Grade
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class EmergencyRow(Row, frozen=True):
    """An emergency, past or present; see `dispatch.domain.modes`. `left_at` is None while it lasts."""

    emergency: str
    scope: str
    grade: Grade
    reason: str
    by: str
    since: datetime
    pauses: tuple[str, ...]
    position: int
    left_at: datetime | None = None
    left_by: str | None = None
    left_reason: str | None = None


EMERGENCIES: Final = RowTable("emergencies", EmergencyRow, key=("emergency",), indexes=[("left_at",)])


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    if isinstance(recorded.event, EmergencyEntered | EmergencyLeft):
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
            recorded.position,
        ),
    )


def _left(rows: Rows, event: EmergencyLeft, recorded: Recorded) -> None:
    rows.change(
        EMERGENCIES,
        event.emergency,
        left_at=event.at,
        left_by=event.by,
        left_reason=event.reason,
        position=recorded.position,
    )


FOLDS: Final[dict[type[Event], Fold[Any]]] = {EmergencyEntered: _entered, EmergencyLeft: _left}
