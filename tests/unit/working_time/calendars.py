"""Calendars with everything that goes wrong in one: gaps, repeated hours, year ends, make-up days."""

from datetime import UTC, date, datetime, time
from functools import cache

from dispatch.domain.working_time import Calendar
from tests.unit.working_time.walker import Walk

OFFICE = ((time(8), time(12)), (time(14), time(18)))
# The hours in which zones change their clocks, and the turn of the day.
NIGHT = ((time(0), time(0, 20)), (time(1, 30), time(3, 10)), (time(9), time(17)), (time(23, 15), time(0)))
NEW_YEAR = {date(2022, 12, 30), date(2023, 1, 2), date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31)}

CALENDARS = {
    "Shanghai": Calendar(
        version="Shanghai",
        days_off=frozenset(NEW_YEAR | {date(2023, 1, day) for day in range(21, 28)}),
        workdays=frozenset({date(2023, 1, 28), date(2023, 1, 29), date(2023, 10, 7), date(2023, 10, 8)}),
    ),
    "Berlin": Calendar(
        version="Berlin",
        zone="Europe/Berlin",
        spans=NIGHT,
        days_off=frozenset(NEW_YEAR),
        workdays=frozenset({date(2023, 3, 26), date(2023, 10, 29), date(2024, 10, 27)}),
    ),
    "New York": Calendar(
        version="New York",
        zone="America/New_York",
        spans=NIGHT,
        days_off=frozenset(NEW_YEAR),
        workdays=frozenset({date(2023, 3, 12), date(2023, 11, 5), date(2024, 3, 10), date(2024, 12, 29)}),
    ),
    "Lord Howe": Calendar(  # its clock jumps by half an hour
        version="Lord Howe",
        zone="Australia/Lord_Howe",
        spans=NIGHT,
        days_off=frozenset(NEW_YEAR),
        workdays=frozenset({date(2023, 4, 2), date(2023, 10, 1), date(2024, 4, 7), date(2024, 10, 6)}),
    ),
    "New York at work": Calendar(version="New York at work", zone="America/New_York", spans=OFFICE),
    "around the clock": Calendar(
        version="around the clock",
        zone="Europe/Berlin",
        spans=((time(0), time(0)),),
        workdays=frozenset({date(2023, 3, 26), date(2023, 10, 29)}),
    ),
}

CHANGES = (  # moments near which mistakes are made
    datetime(2022, 12, 31, 16, tzinfo=UTC),
    datetime(2023, 1, 28, tzinfo=UTC),
    datetime(2023, 3, 12, 7, tzinfo=UTC),
    datetime(2023, 3, 26, 1, tzinfo=UTC),
    datetime(2023, 4, 1, 15, tzinfo=UTC),
    datetime(2023, 9, 30, 15, 30, tzinfo=UTC),
    datetime(2023, 10, 7, tzinfo=UTC),
    datetime(2023, 10, 29, 1, tzinfo=UTC),
    datetime(2023, 11, 5, 6, tzinfo=UTC),
    datetime(2023, 12, 31, 23, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=UTC),
)
FIRST = datetime(2022, 12, 1, tzinfo=UTC)
LAST = datetime(2025, 1, 20, tzinfo=UTC)


@cache
def walked(name: str) -> Walk:
    """Walk through one of the calendars, once in a process."""
    return Walk(CALENDARS[name], FIRST, LAST)
