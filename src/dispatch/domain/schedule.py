"""When a recurring plan comes round: on which days, at which times of the day, in Asia/Shanghai.

Like cron, but each part narrows the days down, and days may be counted from the end of the month.
"""

import calendar as gregorian
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

from dispatch.domain.refusal import Unacceptable
from dispatch.domain.rhythm import DAY, DAYS_OF_WEEK, MONTHS_OF_YEAR, SHANGHAI
from dispatch.domain.working_time import Calendar

CLOSEST: Final = timedelta(minutes=15)
"""Two occurrences lie at least so far apart: nobody works on tasks that come more often."""
MOST_TIMES: Final = 24
LONGEST_MONTH: Final = 31
HORIZON: Final = 9 * 366
"""Days to look ahead: a 29th of February comes round within eight years and a day, around the year 2100."""
LAST_DAY: Final = date(2199, 12, 31)


class ScheduleUnacceptable(Unacceptable, ValueError):
    """Weekdays are 1 to 7 from Monday, months 1 to 12, days of a month 1 to 31, or -1 to -31 from its end."""


class ScheduleWithoutTime(Unacceptable, ValueError):
    """A schedule names 1 to 24 different times of the day, in whole minutes and without a zone."""


class ScheduleTooDense(Unacceptable, ValueError):
    """A plan comes round at most every 15 minutes."""


class Days(StrEnum):
    """Which days of the working calendar count."""

    EVERY = "every"
    WORKING = "working"
    OFF = "off"


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """On each day that all of this holds for, at each of `times` of Asia/Shanghai.

    `weekdays` 1 (Monday) to 7, `days` of the month 1 to 31 or from its end (-1 is the last), `months` 1 to
    12; what is empty holds for every day. A day that a month hasn't got is left out, not moved. Raises
    `ScheduleUnacceptable`, `ScheduleWithoutTime` or `ScheduleTooDense`.
    """

    times: tuple[time, ...]
    weekdays: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    on: Days = Days.EVERY

    def __post_init__(self) -> None:
        for given, lowest, highest in (
            (self.weekdays, 1, DAYS_OF_WEEK),
            (self.months, 1, MONTHS_OF_YEAR),
            (tuple(abs(day) for day in self.days), 1, LONGEST_MONTH),
        ):
            if not all(lowest <= one <= highest for one in given):
                raise ScheduleUnacceptable
        whole = all(at.tzinfo is None and at.second == at.microsecond == 0 for at in self.times)
        if not whole or not 1 <= len(self.times) <= MOST_TIMES or len(set(self.times)) != len(self.times):
            raise ScheduleWithoutTime
        for name in ("times", "weekdays", "days", "months"):
            # Said in another order it is the same schedule, down to the bytes in the log.
            msgspec.structs.force_setattr(self, name, tuple(sorted(set(getattr(self, name)))))
        day = date(2000, 1, 1)
        moments = [datetime.combine(day, at) for at in self.times]
        moments.append(moments[0] + DAY)
        if any(later - earlier < CLOSEST for earlier, later in pairwise(moments)):
            raise ScheduleTooDense

    def falls_on(self, day: date, calendar: Calendar) -> bool:
        """Tell whether it comes round on a local day."""
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return False
        if self.months and day.month not in self.months:
            return False
        if self.days:
            length = gregorian.monthrange(day.year, day.month)[1]
            if day.day not in self.days and day.day - length - 1 not in self.days:
                return False
        return self.on is Days.EVERY or calendar.is_working_day(day) is (self.on is Days.WORKING)

    def after(self, at: datetime, calendar: Calendar) -> Iterator[datetime]:
        """Give the times after `at`, in order and in UTC; none if there is none for nine years."""
        if at.year > LAST_DAY.year:
            return
        day = at.astimezone(SHANGHAI).date()
        barren = 0
        while barren <= HORIZON and day <= LAST_DAY:
            barren += 1
            if self.falls_on(day, calendar):
                for local in self.times:
                    moment = datetime.combine(day, local, SHANGHAI).astimezone(UTC)
                    if moment > at:
                        barren = 0
                        yield moment
            day += DAY
