"""Limits, the calendar that they are counted in, and the deadlines that come of them.

A limit is counted in one of four kinds of time:

- working hours and working days: the time in which the clock on the wall shows a span of a
  working day. A working day is as long as the spans of the calendar together, 8 hours if nothing
  else was set. A due time is the earliest that fits: four hours from 14:00 are up at 18:00, not
  the next morning.
- clock hours: time as it passes.
- calendar days: the same time on the wall so many days later. Where the zone's clock skips that
  time or shows it twice, it is read as RFC 5545 (3.3.5) does: a skipped one with the offset
  before the gap, a repeated one as the first. Counted back, it is the other way round, so that
  neither way leaves less than the limit; and time never runs backwards.

Times go in aware, in any zone, and come out in UTC.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from dispatch.domain.ladder import NOW, LadderStep, Step
from dispatch.domain.limits import WORKING, Limit, LimitKind, LimitOutOfRange
from dispatch.domain.working_calendar import Calendar, CalendarNotUsable, backward, counted, forward
from dispatch.domain.working_year import MICROSECOND, TimeOutOfRange, TimeWithoutZone, micros, moment, year_of

__all__ = [
    "Calendar",
    "CalendarNotUsable",
    "Deadline",
    "Limit",
    "LimitKind",
    "LimitOutOfRange",
    "Segment",
    "TimeOutOfRange",
    "TimeWithoutZone",
    "after",
    "before",
    "compute",
    "due",
    "elapsed",
    "extended",
    "late_factor",
    "length",
    "planned",
    "reached",
    "resumed",
    "segments",
]

HUNDREDTH: Final = Decimal("0.01")


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time and how much of it counted; the ends are in UTC."""

    start: datetime
    until: datetime
    kind: LimitKind
    counted: timedelta

    @property
    def minutes(self) -> float:
        """The counted time in minutes."""
        return self.counted / timedelta(minutes=1)


class Deadline(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When something must be done by, and which rule and calendar said so.

    `started` is when its clock started (pauses and extensions move only `due`), `limit` the
    original limit, `rule` such as `task.routine@1`, `calendar` the version of the calendar. `steps` are
    those of the escalation ladder that have not fired yet, in the order in which they are due. `hurried`
    says that an emergency found it overdue: from then on its steps are planned by the clock.
    """

    started: datetime
    due: datetime
    limit: Limit
    rule: str
    calendar: str
    steps: tuple[Step, ...] = ()
    hurried: bool = False

    def met(self, at: datetime) -> bool:
        """Tell whether something done `at` this time was on time; equal to the deadline is."""
        return at <= self.due


def length(calendar: Calendar, limit: Limit) -> timedelta:
    """Return the counted time of a limit, in whole minutes; a working day is the calendar's."""
    if limit.kind is LimitKind.WORKING_DAYS:
        unit = calendar.working_day
    elif limit.kind is LimitKind.CALENDAR_DAYS:
        unit = timedelta(days=1)
    else:
        unit = timedelta(hours=1)
    return timedelta(minutes=round(limit.amount * (unit / timedelta(minutes=1))))


def due(calendar: Calendar, start: datetime, limit: Limit) -> datetime:
    """Return the earliest time (UTC) by which the limit is used up. Raises `TimeOutOfRange`."""
    return after(calendar, limit.kind, start, length(calendar, limit))


def after(calendar: Calendar, kind: LimitKind, start: datetime, counted: timedelta) -> datetime:
    """Return the earliest time (UTC) by which so much of this kind has counted. Raises `TimeOutOfRange`."""
    return moment(forward(calendar, kind, micros(start), counted // MICROSECOND))


def before(calendar: Calendar, end: datetime, limit: Limit) -> datetime:
    """Return the latest time (UTC) that leaves the whole limit until `end`. Raises `TimeOutOfRange`."""
    return moment(backward(calendar, limit.kind, micros(end), length(calendar, limit) // MICROSECOND))


def elapsed(calendar: Calendar, kind: LimitKind, start: datetime, end: datetime) -> timedelta:
    """Return the time of this kind between two times; none if `end` isn't after `start`."""
    return timedelta(microseconds=counted(calendar, kind, micros(start), micros(end)))


def segments(calendar: Calendar, kind: LimitKind, start: datetime, end: datetime) -> Iterator[Segment]:
    """Give the stretches that counted between two times; they add up to `elapsed`.

    Working time comes span by span; the other kinds count everything, in one stretch.
    """
    begin, finish = micros(start), micros(end)
    if kind not in WORKING:
        if begin < finish:
            whole = elapsed(calendar, kind, start, end)
            yield Segment(start=moment(begin), until=moment(finish), kind=kind, counted=whole)
        return
    for year in range(year_of(begin), year_of(finish) + 1):
        for opens, closes in calendar.year(year).between(begin, finish):
            part = timedelta(microseconds=closes - opens)
            yield Segment(start=moment(opens), until=moment(closes), kind=kind, counted=part)


def compute(calendar: Calendar, rule: str, limit: Limit, started: datetime) -> Deadline:
    """Return the deadline of a clock that starts now, with what it was made by."""
    return Deadline(
        started=moment(micros(started)),
        due=due(calendar, started, limit),
        limit=limit,
        rule=rule,
        calendar=calendar.version,
    )


def resumed(calendar: Calendar, deadline: Deadline, paused_at: datetime, resumed_at: datetime) -> Deadline:
    """Return the deadline after a pause: what was left at `paused_at` is left at `resumed_at`.

    What was overdue when it paused stays overdue by as much. `resumed_at` may lie before
    `paused_at`: a suspension that was to end later, and was counted so, ends early.
    """
    kind = deadline.limit.kind
    planned, stopped, continues = micros(deadline.due), micros(paused_at), micros(resumed_at)
    if stopped <= planned:
        moved = forward(calendar, kind, continues, counted(calendar, kind, stopped, planned))
    else:
        moved = backward(calendar, kind, continues, counted(calendar, kind, planned, stopped))
    return _moved(calendar, deadline, moment(moved), moment(continues) - moment(stopped))


def extended(calendar: Calendar, deadline: Deadline, by: Limit) -> Deadline:
    """Return the deadline with `by` added to its due time; `limit` stays the original one."""
    return _moved(calendar, deadline, due(calendar, deadline.due, by))


def _moved(
    calendar: Calendar, deadline: Deadline, until: datetime, waited: timedelta = timedelta(0)
) -> Deadline:
    """Return the deadline with another due time, and with the steps that are left moved as it was.

    Those of a hurried one are moved by the time for which its clock `waited`.
    """
    moved = msgspec.structs.replace(deadline, due=until, calendar=calendar.version)

    def at(step: Step) -> datetime:
        if step.share == NOW:
            return step.at
        return step.at + waited if moved.hurried else reached(calendar, moved, step.share)

    steps = (Step(step.name, at(step), step.share, step.level, step.to) for step in moved.steps)
    return msgspec.structs.replace(moved, steps=tuple(steps))


def planned(calendar: Calendar, deadline: Deadline, ladder: Iterable[LadderStep]) -> Deadline:
    """Return the deadline with the instants at which the steps of a ladder are due; a share of 0 is at once.

    A step that would lie beyond the year 9999 is left out.
    """
    steps = []
    for step in ladder:
        try:
            at = reached(calendar, deadline, step.share) if step.share else deadline.started
        except TimeOutOfRange:
            continue
        steps.append(Step(step.name, at, step.share, step.level, step.to))
    steps.sort(key=lambda step: step.at)
    return msgspec.structs.replace(deadline, steps=tuple(steps))


def late_factor(calendar: Calendar, deadline: Deadline, at: datetime) -> float | None:
    """Return (used − limit) / limit (超时倍数) `at` a time, to 2 decimals; None for what isn't late then.

    Both are counted in the limit's own kind of time; pauses and extensions are in the deadline. Rounded half
    up, as it is shown: nothing counts with it, and what it follows from is recorded whole.
    """
    if at <= deadline.due:
        return None
    try:
        beyond = elapsed(calendar, deadline.limit.kind, deadline.due, at)
    except TimeOutOfRange:
        return None
    factor = Decimal(beyond // MICROSECOND) / Decimal(length(calendar, deadline.limit) // MICROSECOND)
    return float(factor.quantize(HUNDREDTH, ROUND_HALF_UP))


def reached(calendar: Calendar, deadline: Deadline, share: float) -> datetime:
    """Return when a share of the limit is used: 0.8 is 80% of it, 2 is overdue by all of it.

    Counted from the due time, so that pauses and extensions are in it. Raises `TimeOutOfRange`.
    """
    kind = deadline.limit.kind
    apart = length(calendar, deadline.limit) * abs(share - 1) // MICROSECOND
    count = forward if share >= 1 else backward
    return moment(count(calendar, kind, micros(deadline.due), apart))
