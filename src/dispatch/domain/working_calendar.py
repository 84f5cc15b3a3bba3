"""A town's working calendar, and how the four kinds of time are counted by it.

All times in here are microseconds since 1970, all amounts microseconds.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from dispatch.domain.limits import WORKING, LimitKind
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.working_year import (
    MICROSECOND,
    NAIVE_EPOCH,
    SPANS,
    Span,
    TimeOutOfRange,
    WorkingYear,
    build,
    moment,
    offset_at,
    year_of,
)

SATURDAY = 5
# A year is some 60 kB of table; more years than this are never in use at once.
YEARS_KEPT = 64
DIGEST_LENGTH = 8


class CalendarNotUsable(Unacceptable, ValueError):
    """A calendar needs a known zone, spans in order, and no day that is both off and worked."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """When a town works: spans of local time on working days.

    A span ends before its `until`; 00:00 as `until` means midnight at the end of the day.
    `days_off` are off although weekdays, `workdays` are worked although at a weekend (调休).
    `version` names all of this in what was decided by it. Raises `CalendarNotUsable`.
    """

    version: str
    zone: str = "Asia/Shanghai"
    spans: tuple[Span, ...] = SPANS
    days_off: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if any(edge.tzinfo for edge in edges):
            raise CalendarNotUsable(version=self.version)
        if edges and edges[-1] == time.min:
            edges[-1] = time.max
        in_order = all(a < b for a, b in zip(edges[::2], edges[1::2], strict=True)) and all(
            a <= b for a, b in pairwise(edges)
        )
        if not edges or not in_order or self.days_off & self.workdays:
            raise CalendarNotUsable(version=self.version)
        try:
            ZoneInfo(self.zone)
        except (OSError, ValueError, LookupError) as error:
            raise CalendarNotUsable(version=self.version, zone=self.zone) from error

    def is_working_day(self, day: date) -> bool:
        """Tell whether the town works on this local day."""
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.days_off)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The zone, read once."""
        return ZoneInfo(self.zone)

    @cached_property
    def working_day(self) -> timedelta:
        """How long a working day is: its spans together."""
        day = date(2000, 1, 1)
        return sum(
            (
                datetime.combine(day + timedelta(days=until == time.min), until)
                - datetime.combine(day, begin)
                for begin, until in self.spans
            ),
            timedelta(),
        )

    @cached_property
    def _adapted(self) -> dict[tuple[tuple[date, ...], tuple[date, ...], tuple[Span, ...]], "Calendar"]:
        return {}

    def adapted(
        self, days_off: Iterable[date], workdays: Iterable[date], spans: tuple[Span, ...] = SPANS
    ) -> "Calendar":
        """Return the calendar with a town's own days off, worked days and working time before all others.

        A day that the town names as both is refused with `CalendarNotUsable`, and so are spans out of order.
        The version names, after this calendar's own, a digest of what the town changed: `holidays 0.109 CN,
        town 5f0c2a11`.
        """
        key = (tuple(sorted(set(days_off))), tuple(sorted(set(workdays))), spans)
        if key == ((), (), self.spans):
            return self
        found = self._adapted.get(key)
        if found is None:
            found = self._adapted[key] = self._with(frozenset(key[0]), frozenset(key[1]), spans)
        return found

    def _with(
        self, days_off: frozenset[date], workdays: frozenset[date], spans: tuple[Span, ...]
    ) -> "Calendar":
        said = f"off {sorted(map(str, days_off))} worked {sorted(map(str, workdays))}"
        if spans != self.spans:
            said += f" time {[f'{begin}-{until}' for begin, until in spans]}"
        digest = hashlib.sha256(said.encode()).hexdigest()[:DIGEST_LENGTH]
        return msgspec.structs.replace(
            self,
            version=f"{self.version}, town {digest}",
            spans=spans,
            days_off=(self.days_off - workdays) | days_off,
            workdays=(self.workdays - days_off) | workdays,
        )

    @cached_property
    def _years(self) -> dict[int, WorkingYear]:
        return {}

    def year(self, year: int) -> WorkingYear:
        """Return the working time of a UTC year. Raises `TimeOutOfRange`."""
        found = self._years.get(year)
        if found is None:
            if not date.min.year <= year <= date.max.year:
                raise TimeOutOfRange(year=year)
            if len(self._years) >= YEARS_KEPT:
                self._years.clear()
            found = build(year, self.zone_info, self.spans, self.is_working_day)
            self._years[year] = found
        return found


def forward(calendar: Calendar, kind: LimitKind, start: int, amount: int) -> int:
    """Return the earliest time that is `amount` of this kind after `start`. Raises `TimeOutOfRange`."""
    if amount == 0:
        return start
    if kind is LimitKind.CLOCK_HOURS:
        return start + amount
    if kind is LimitKind.CALENDAR_DAYS:
        wall = start + offset_at(start, calendar.zone_info) + amount
        found = _on_the_wall(wall, calendar.zone_info, fold=0)
        return found if found >= start else _on_the_wall(wall, calendar.zone_info, fold=1)
    number = year_of(start)
    year = calendar.year(number)
    worked = year.before(start) + amount
    while worked > year.total:
        worked -= year.total
        number += 1
        year = calendar.year(number)
    return year.earliest(worked)


def backward(calendar: Calendar, kind: LimitKind, end: int, amount: int) -> int:
    """Return the latest time that is `amount` of this kind before `end`. Raises `TimeOutOfRange`."""
    if amount == 0:
        return end
    if kind is LimitKind.CLOCK_HOURS:
        return end - amount
    if kind is LimitKind.CALENDAR_DAYS:
        wall = end + offset_at(end, calendar.zone_info) - amount
        found = _on_the_wall(wall, calendar.zone_info, fold=1)
        return found if found <= end else _on_the_wall(wall, calendar.zone_info, fold=0)
    number = year_of(end)
    year = calendar.year(number)
    worked = year.before(end) - amount
    while worked < 0:
        number -= 1
        year = calendar.year(number)
        worked += year.total
    return year.latest(worked)


def counted(calendar: Calendar, kind: LimitKind, start: int, end: int) -> int:
    """Return the time of this kind between two times; 0 if `end` isn't after `start`."""
    if end <= start:
        return 0
    if kind in WORKING:
        first, last = year_of(start), year_of(end)
        whole = sum(calendar.year(number).total for number in range(first, last))
        return whole - calendar.year(first).before(start) + calendar.year(last).before(end)
    if kind is LimitKind.CALENDAR_DAYS:
        zone = calendar.zone_info
        # In the hour that a zone shows twice, the clock on the wall may stand earlier than before.
        return max(0, end + offset_at(end, zone) - start - offset_at(start, zone))
    return end - start


def _on_the_wall(wall: int, zone: ZoneInfo, *, fold: int) -> int:
    """Return when the zone's clock shows a local time; `fold` as in PEP 495."""
    moment(wall)  # a local time outside the years 1 to 9999 is refused like any other
    shown = (NAIVE_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=zone, fold=fold)
    offset = shown.utcoffset()
    assert offset is not None
    return wall - offset // MICROSECOND
