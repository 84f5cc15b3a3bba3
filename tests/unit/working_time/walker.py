"""Counting time the slow and obvious way: look at the clock on the wall in every single minute."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from dispatch.domain.working_time import Calendar

MINUTE = timedelta(minutes=1)
NEAR = 70  # minutes: no zone here changes its clock by more than an hour


class Walk:
    """A calendar walked through from `first` (UTC, a whole minute) to `last`.

    `counted[i]` is the number of working minutes in the first `i` minutes.
    """

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self.calendar = calendar
        self.first = first
        self.zone = ZoneInfo(calendar.zone)
        self.minutes = (last - first) // MINUTE
        self.shown = {minute for span in calendar.spans for minute in _minutes_of(*span)}
        self.counted = [0, *accumulate(self._works(first + index * MINUTE) for index in range(self.minutes))]

    def _works(self, at: datetime) -> int:
        """Give 1 if the town works in the minute that begins at this time, else 0."""
        local = at.astimezone(self.zone)
        return local.hour * 60 + local.minute in self.shown and _worked(self.calendar, local.date())

    def at(self, index: int) -> datetime:
        return self.first + index * MINUTE

    def index(self, at: datetime) -> int:
        return (at - self.first) // MINUTE

    def elapsed(self, start: int, end: int) -> int:
        return self.counted[end] - self.counted[start]

    def due(self, start: int, minutes: int) -> int:
        """Give the first minute by which so many working minutes are over."""
        return bisect_left(self.counted, self.counted[start] + minutes)

    def before(self, end: int, minutes: int) -> int:
        """Give the last minute from which so many working minutes lie ahead."""
        return bisect_right(self.counted, self.counted[end] - minutes) - 1

    def wall(self, index: int) -> datetime:
        return self.at(index).astimezone(self.zone).replace(tzinfo=None)

    def days_later(self, start: int, days: int) -> int:
        """Give the first minute that shows the same time on that day.

        If the clock jumps over that time, it is as long after the jump as it would have been
        after the minute before it.
        """
        wanted = self.wall(start) + timedelta(days=days)
        near = start + days * 24 * 60
        for index in range(near - NEAR, near + NEAR):
            if self.wall(index) == wanted:
                return index
        jump = next(index for index in range(near - NEAR, near + NEAR) if self.wall(index) > wanted)
        return jump + (wanted - self.wall(jump - 1)) // MINUTE - 1


def _minutes_of(begin: time, until: time) -> range:
    first = begin.hour * 60 + begin.minute
    last = until.hour * 60 + until.minute
    return range(first, last or 24 * 60)


@cache
def _worked(calendar: Calendar, day: date) -> bool:
    if day in calendar.workdays:
        return True
    return day not in calendar.days_off and day.isoweekday() <= 5
