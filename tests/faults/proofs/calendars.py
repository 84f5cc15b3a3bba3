"""Deadlines are what somebody finds who looks at the clock on the wall in every single minute."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from dispatch.domain import working_time
from dispatch.domain.working_time import Calendar, Deadline, Limit, LimitKind, before, compute, elapsed
from tests.faults.proofs import ProofResult
from tests.unit.working_time.calendars import CALENDARS, CHANGES, FIRST, walked
from tests.unit.working_time.walker import MINUTE, Walk

NAME = "calendars"
SHORT = 12_000
FULL = 120_000
RED = 3_000
SEED = 20_231_007
DAY = 24 * 60
WORKING_DAY = 480
ZONES_OF_JANUARY = {
    "Asia/Shanghai": "Etc/GMT-8",
    "Europe/Berlin": "Etc/GMT-1",
    "America/New_York": "Etc/GMT+5",
    "Australia/Lord_Howe": "Etc/GMT-11",
}


class Counting(NamedTuple):
    """What is put to the proof: how time is counted, and the calendar that it is counted by."""

    due: Callable[[Calendar, datetime, Limit], datetime] = working_time.due
    resumed: Callable[[Calendar, Deadline, datetime, datetime], Deadline] = working_time.resumed
    calendar: Callable[[Calendar], Calendar] = lambda calendar: calendar


def _day_of_24_hours(calendar: Calendar, start: datetime, limit: Limit) -> datetime:
    if limit.kind is LimitKind.WORKING_DAYS:
        limit = Limit(LimitKind.CLOCK_HOURS, limit.amount * 24)
    return working_time.due(calendar, start, limit)


BREAKS = {
    "a working day counted as 24 hours": Counting(due=_day_of_24_hours),
    "make-up days ignored": Counting(
        calendar=lambda calendar: msgspec.structs.replace(calendar, workdays=frozenset())
    ),
    "one offset from UTC all year": Counting(
        calendar=lambda calendar: msgspec.structs.replace(calendar, zone=ZONES_OF_JANUARY[calendar.zone])
    ),
    "a pause that the clock runs through": Counting(
        resumed=lambda _calendar, deadline, _paused, _on: deadline
    ),
}


class Example(NamedTuple):
    """A start (its minute in the walk) and amounts in minutes, days for `days`."""

    start: int
    minutes: int
    days: int
    until_pause: int
    paused: int


class Tally:
    """Differences from the walker, and how many of them were deadlines that came too early."""

    def __init__(self) -> None:
        self.differences = 0
        self.early = 0
        self.first = ""

    def compare(self, what: str, found: datetime, expected: datetime) -> None:
        if found != expected:
            self.differences += 1
            self.early += found < expected
            self.first = self.first or f"{what}: {found} instead of {expected}"


def run(*, full: bool, red: bool) -> ProofResult:
    """Compare with the walker; the red twin is every break of `BREAKS`, and each must be noticed."""
    if red:
        tallies = {name: count(counting, RED) for name, counting in BREAKS.items()}
        unnoticed = [name for name, tally in tallies.items() if not tally.differences]
        figure = "; ".join(f"{name}: {tally.differences:,} differences" for name, tally in tallies.items())
        return ProofResult(NAME, bool(unnoticed), figure, f"unnoticed: {', '.join(unnoticed) or 'none'}")
    examples = FULL if full else SHORT
    tally = count(Counting(), examples)
    figure = (
        f"{tally.differences} differences, {tally.early} early, in {examples:,} examples on {len(CALENDARS)} "
        f"calendars of {len(ZONES_OF_JANUARY)} zones"
    )
    return ProofResult(NAME, tally.differences == 0, figure, tally.first)


def count(counting: Counting, examples: int) -> Tally:
    """Try so many examples, the same ones each time, spread over all calendars."""
    tally = Tally()
    for name in CALENDARS:
        chance = random.Random(f"{SEED} {name}")  # examples, not secrets
        walk = walked(name)
        calendar = counting.calendar(walk.calendar)
        for _ in range(examples // len(CALENDARS)):
            check(counting, calendar, walk, draw(chance), tally)
    return tally


def draw(chance: random.Random) -> Example:
    """Make an example; half of them start near a change of the clock, a year's end or a make-up day."""
    if chance.random() < 1 / 2:
        start = (chance.choice(CHANGES) - FIRST) // MINUTE + chance.randint(-3 * DAY, 3 * DAY)
    else:
        start = chance.randint(5 * DAY, 366 * DAY)
    longest = chance.choice((600, 20 * WORKING_DAY, 366 * WORKING_DAY))
    days = chance.randint(1, chance.choice((3, 30, 366)))
    return Example(
        start, chance.randint(1, longest), days, chance.randint(0, 9 * DAY), chance.randint(0, 60 * DAY)
    )


def check(counting: Counting, calendar: Calendar, walk: Walk, example: Example, tally: Tally) -> None:
    """Ask for every kind of answer about one example and compare each with the walker's."""
    start, began = example.start, walk.at(example.start)
    minutes = min(example.minutes, walk.elapsed(start, walk.minutes))
    hours = Limit(LimitKind.WORKING_HOURS, minutes / 60)
    end = walk.due(start, minutes)
    tally.compare("working hours", counting.due(calendar, began, hours), walk.at(end))
    tally.compare("counted back", before(calendar, walk.at(end), hours), walk.at(walk.before(end, minutes)))
    spent = elapsed(calendar, hours.kind, began, walk.at(end))
    tally.compare("elapsed", began + spent, began + minutes * MINUTE)

    a_day = calendar.working_day // MINUTE
    days = min(example.days, walk.elapsed(start, walk.minutes) // a_day)
    found = counting.due(calendar, began, Limit(LimitKind.WORKING_DAYS, days))
    tally.compare("working days", found, walk.at(walk.due(start, days * a_day)))
    found = counting.due(calendar, began, Limit(LimitKind.CALENDAR_DAYS, example.days))
    tally.compare("calendar days", found, walk.at(walk.days_later(start, example.days)))
    _check_pause(counting, calendar, walk, example, tally)


def _check_pause(counting: Counting, calendar: Calendar, walk: Walk, example: Example, tally: Tally) -> None:
    start, pause = example.start, example.start + example.until_pause
    goes_on = pause + example.paused
    used = walk.elapsed(start, pause)
    left = min(example.minutes, walk.elapsed(goes_on, walk.minutes), 366 * WORKING_DAY - used)
    limit = Limit(LimitKind.WORKING_HOURS, (used + left) / 60)
    deadline = compute(calendar, "proof@1", limit, walk.at(start))
    found = counting.resumed(calendar, deadline, walk.at(pause), walk.at(goes_on))
    tally.compare("after a pause", found.due, walk.at(walk.due(goes_on, left)))
