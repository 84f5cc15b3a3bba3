"""The moments of the year at which the town's people act: several on a working day, fewer on a day off."""

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Final, NamedTuple

from dispatch.domain.rhythm import SHANGHAI
from dispatch.domain.working_time import Calendar

YEAR: Final = 2023
WORKING_DAY: Final = (time(8, 20), time(9, 50), time(11, 20), time(14, 20), time(15, 50), time(17, 20))
"""An hour and a half or so of working time from each to the next."""
DAY_OFF: Final = (time(9, 10), time(13, 30), time(17, 40))
SPREAD: Final = 12 * 60
"""The seconds by which a moment may be later, so that no two days are alike."""


class Hours(NamedTuple):
    """The moments of the year in order, in UTC, and the places of those on working days and on days off.

    A place is an index into `moments`.
    """

    moments: tuple[datetime, ...]
    working: tuple[int, ...]
    off: tuple[int, ...]

    def day(self, place: int) -> date:
        """Return the local day of a moment."""
        return self.moments[place].astimezone(SHANGHAI).date()

    def since(self, month: int, places: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of `places` that lie in `month` or later."""
        return places[sum(1 for _ in takewhile(lambda place: self.day(place).month < month, places)) :]


def hours(seed: int, calendar: Calendar) -> Hours:
    """Return the moments of the year; the same seed gives the same ones."""
    chance = random.Random(f"hours {seed}")  # noqa: S311 - a plan, not a secret
    moments: list[datetime] = []
    working: list[int] = []
    off: list[int] = []
    day = date(YEAR, 1, 1)
    while day.year == YEAR:
        works = calendar.is_working_day(day)
        for at in WORKING_DAY if works else DAY_OFF:
            (working if works else off).append(len(moments))
            local = datetime.combine(day, at, SHANGHAI) + timedelta(seconds=chance.randrange(SPREAD))
            moments.append(local.astimezone(UTC))
        day += timedelta(days=1)
    return Hours(tuple(moments), tuple(working), tuple(off))
