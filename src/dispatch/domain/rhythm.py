"""How often something is to happen at least: once in each week, month or quarter of Asia/Shanghai.

Periods are numbered, so that "a whole period lies within" is a comparison of two numbers.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DAY: Final = timedelta(days=1)
DAYS_OF_WEEK: Final = 7
MONTHS_OF_YEAR: Final = 12
MONTHS_OF_QUARTER: Final = 3


class Rhythm(StrEnum):
    """Once in each calendar week (from Monday), month or quarter."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Whole(NamedTuple):
    """The numbers of the first and the last whole period within a stretch; there is none if last < first."""

    first: int
    last: int


def number(rhythm: Rhythm, day: date) -> int:
    """Return the number of the period that a local day lies in; the next period has the next number."""
    if rhythm is Rhythm.WEEK:
        # The first day of the calendar, of the ordinal 1, is a Monday.
        return (day.toordinal() - 1) // DAYS_OF_WEEK
    months = day.year * MONTHS_OF_YEAR + day.month - 1
    return months if rhythm is Rhythm.MONTH else months // MONTHS_OF_QUARTER


def begin(rhythm: Rhythm, period: int) -> datetime:
    """Return when the period of a number begins, the midnight of its first day in Shanghai."""
    if rhythm is Rhythm.WEEK:
        day = date.fromordinal(period * DAYS_OF_WEEK + 1)
    else:
        months = period if rhythm is Rhythm.MONTH else period * MONTHS_OF_QUARTER
        day = date(months // MONTHS_OF_YEAR, months % MONTHS_OF_YEAR + 1, 1)
    return datetime.combine(day, time.min, SHANGHAI)


def first_whole(rhythm: Rhythm, start: datetime) -> int:
    """Return the number of the first period that begins at `start`, an aware time, or later."""
    local = start.astimezone(SHANGHAI)
    present = number(rhythm, local.date())
    at_midnight = local.time() == time.min
    return present if at_midnight and number(rhythm, local.date() - DAY) != present else present + 1


def last_whole(rhythm: Rhythm, until: datetime) -> int:
    """Return the number of the last period that has ended by `until`, an aware time."""
    return number(rhythm, until.astimezone(SHANGHAI).date()) - 1


def whole(rhythm: Rhythm, start: datetime, until: datetime) -> Whole:
    """Return which periods lie wholly between two aware times."""
    return Whole(first_whole(rhythm, start), last_whole(rhythm, until))
