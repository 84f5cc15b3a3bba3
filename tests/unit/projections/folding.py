"""Rows of made-up histories in memory, without any database."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from dispatch.domain.event import Event, Recorded
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.working_time import Deadline
from projections.catalogue import PAST
from projections.engine.rows import Rows
from tests.histories import Happened

AT = datetime(2023, 5, 8, 1, tzinfo=UTC)
"""Monday, 09:00 in Shanghai."""


def hours(number: float) -> datetime:
    """So many hours after the beginning."""
    return AT + timedelta(hours=number)


def deadline(after: float, *, started: float = 0, limit: float | None = None) -> Deadline:
    """A deadline so many hours after the beginning."""
    return Deadline(
        started=hours(started),
        due=hours(after),
        limit=Limit(LimitKind.CLOCK_HOURS, limit or after - started),
        rule="test@1",
        calendar="test@1",
    )


def recorded(happened: Iterable[Happened]) -> list[Recorded]:
    versions: dict[str, int] = {}
    found = []
    for position, (stream, event) in enumerate(happened, start=1):
        versions[stream] = versions.get(stream, 0) + 1
        found.append(
            Recorded(
                originator_id=stream,
                originator_version=versions[stream],
                position=position,
                recorded_at=event.at,
                event=event,
            )
        )
    return found


def folded(happened: Iterable[Happened], *, as_of: datetime | None = None) -> Rows:
    """The rows after all events, or after those that had happened by a moment."""
    projection = PAST[0]
    rows = Rows(projection.tables)
    for one in recorded(happened):
        if as_of is None or one.event.at <= as_of:
            projection.apply(rows, one)
    return rows


def of_stream(stream: str, events: Sequence[Event]) -> Rows:
    return folded((stream, event) for event in events)
