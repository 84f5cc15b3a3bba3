"""Windows of time, and the days, months and years of Asia/Shanghai that they are made of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from dispatch.domain.rhythm import SHANGHAI

FIRST_DAY: Final = date(1900, 1, 1)
"""Where an open window begins: no ledger of this field is older."""

FIRST: Final = datetime(1900, 1, 2, tzinfo=UTC)
FIXED_SINCE: Final = datetime(1992, 1, 1, tzinfo=UTC)
EIGHT_HOURS: Final = timedelta(hours=8)
DECEMBER: Final = 12


class Window(msgspec.Struct, frozen=True):
    """A stretch of time: `start` belongs to it, `until` no longer does; None is open. Both aware."""

    start: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime | None) -> bool:
        """Return whether a moment lies in the window; one that hasn't come doesn't."""
        return (
            at is not None
            and (self.start is None or self.start <= at)
            and (self.until is None or at < self.until)
        )


def local_day(at: datetime) -> date:
    """Return the day in Shanghai of a time in UTC."""
    # No change of clocks since 1991, and ten times as fast as the zone's table.
    if at >= FIXED_SINCE:
        return (at + EIGHT_HOURS).date()
    return at.astimezone(SHANGHAI).date()


def spans_of(at: datetime) -> tuple[str, str, str]:
    """Return the day, month and year that a time in UTC belongs to: `2023-05-17`, `2023-05`, `2023`."""
    day = local_day(at).isoformat()
    return day, day[:7], day[:4]


def covering(window: Window, as_of: datetime) -> list[str] | None:
    """Return the spans that make up a window exactly, as few as possible; None if it isn't of whole days.

    A window that ends after `as_of` is taken to the end of that year: nothing has happened yet after `as_of`.
    """
    if window.start is not None and window.start > as_of:
        return []
    start = FIRST_DAY if window.start is None or window.start < FIRST else _whole_day(window.start)
    if window.until is None or window.until > as_of:
        until: date | None = date(local_day(as_of).year + 1, 1, 1)
    else:
        until = FIRST_DAY if window.until < FIRST else _whole_day(window.until)
    if start is None or until is None:
        return None
    return list(_spans(start, until))


def _whole_day(at: datetime) -> date | None:
    """Return the day that begins at this very moment, if one does."""
    day = local_day(at)
    # Compared in UTC: summer time began at midnight in 1940, and that day with one o'clock.
    return day if datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC) == at else None


def _spans(day: date, until: date) -> Iterator[str]:
    while day < until:
        year = date(day.year + 1, 1, 1)
        month = year if day.month == DECEMBER else date(day.year, day.month + 1, 1)
        if day.month == day.day == 1 and year <= until:
            yield f"{day.year:04d}"
            day = year
        elif day.day == 1 and month <= until:
            yield f"{day.year:04d}-{day.month:02d}"
            day = month
        else:
            yield day.isoformat()
            day += timedelta(days=1)
