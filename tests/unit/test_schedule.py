"""Schedules and rhythms against slow and obvious references."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch.domain.rhythm import SHANGHAI, Rhythm, first_whole, last_whole, number
from dispatch.domain.schedule import (
    Days,
    Schedule,
    ScheduleTooDense,
    ScheduleUnacceptable,
    ScheduleWithoutTime,
)
from dispatch.service.calendars import china

CHINA = china()
EIGHT = (time(8),)
DAY = timedelta(days=1)
moments = st.timedeltas(timedelta(0), timedelta(days=60 * 365)).map(
    lambda since: datetime(2000, 1, 1, tzinfo=UTC) + since
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    quarters = draw(st.sets(st.integers(0, 95), min_size=1, max_size=4))
    return Schedule(
        times=tuple(time(quarter // 4, quarter % 4 * 15) for quarter in quarters),
        weekdays=tuple(draw(st.sets(st.integers(1, 7), max_size=3))),
        days=tuple(draw(st.sets(st.integers(-31, 31).filter(bool), max_size=4))),
        months=tuple(draw(st.sets(st.integers(1, 12), max_size=4))),
        on=draw(st.sampled_from(Days)),
    )


def walked(schedule: Schedule, at: datetime, until: datetime) -> list[datetime]:
    """Every quarter of an hour, and whether all that the schedule says holds on the wall in Shanghai."""
    found = []
    local = at.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    while local.astimezone(UTC) <= until:
        month_end = next(day for day in (local.date() + n * DAY for n in range(32)) if (day + DAY).day == 1)
        from_end = (local.date() - month_end).days - 1
        if (
            local.time() in schedule.times
            and (not schedule.weekdays or local.isoweekday() in schedule.weekdays)
            and (not schedule.months or local.month in schedule.months)
            and (not schedule.days or {local.day, from_end} & set(schedule.days))
            and (schedule.on is Days.EVERY
                 or CHINA.is_working_day(local.date()) is (schedule.on is Days.WORKING))
            and local.astimezone(UTC) > at
        ):  # fmt: skip
            found.append(local.astimezone(UTC))
        local += timedelta(minutes=15)
    return found


@settings(max_examples=60, deadline=None)
@given(schedules(), moments)
def test_a_schedule_is_what_a_walk_along_the_wall_clock_finds(schedule: Schedule, at: datetime) -> None:
    until = at + 40 * DAY
    found = []
    for moment in schedule.after(at, CHINA):
        if moment > until:
            break
        found.append(moment)
    assert found == walked(schedule, at, until)


@settings(max_examples=100, deadline=None)
@given(schedules(), moments)
def test_the_next_after_the_next_is_the_one_after_it(schedule: Schedule, at: datetime) -> None:
    found = list(islice(schedule.after(at, CHINA), 3))
    assume(len(found) == 3)
    assert found[1:] == list(islice(schedule.after(found[0], CHINA), 2))


def local(schedule: Schedule, at: str, times: int) -> list[str]:
    after = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    return [
        moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        for moment in islice(schedule.after(after, CHINA), times)
    ]


def test_month_ends_leap_years_and_quarters() -> None:
    last = Schedule(times=EIGHT, days=(-1,))
    assert local(last, "2024-01-31T08:00", 3) == ["2024-02-29 08:00", "2024-03-31 08:00", "2024-04-30 08:00"]
    leap = Schedule(times=EIGHT, days=(29,), months=(2,))
    assert local(leap, "2023-01-01", 2) == ["2024-02-29 08:00", "2028-02-29 08:00"]
    assert local(leap, "2096-03-01", 1) == ["2104-02-29 08:00"]
    quarterly = Schedule(times=EIGHT, days=(1,), months=(1, 4, 7, 10))
    assert local(quarterly, "2023-01-01T08:00", 2) == ["2023-04-01 08:00", "2023-07-01 08:00"]
    assert local(Schedule(times=EIGHT, days=(31,)), "2023-04-01", 2) == [
        "2023-05-31 08:00",
        "2023-07-31 08:00",
    ]


def test_working_days_know_make_up_days() -> None:
    """The 28th of January 2023, a Saturday, made up for the Spring Festival."""
    working = Schedule(times=EIGHT, on=Days.WORKING)
    assert local(working, "2023-01-20T09:00", 2) == ["2023-01-28 08:00", "2023-01-29 08:00"]
    assert local(Schedule(times=EIGHT, on=Days.OFF, weekdays=(6,)), "2023-01-22", 1) == ["2023-02-04 08:00"]


def test_what_never_comes_round_says_so() -> None:
    assert local(Schedule(times=EIGHT, days=(30,), months=(2,)), "2023-01-01", 1) == []


@pytest.mark.parametrize(
    ("refusal", "fields"),
    [
        (ScheduleWithoutTime, {"times": ()}),
        (ScheduleWithoutTime, {"times": (time(8), time(8))}),
        (ScheduleWithoutTime, {"times": (time(8, 0, 1),)}),
        (ScheduleWithoutTime, {"times": (time(8, tzinfo=UTC),)}),
        (ScheduleWithoutTime, {"times": tuple(time(h, m) for h in range(24) for m in (0, 30))}),
        (ScheduleTooDense, {"times": (time(8), time(8, 1))}),
        (ScheduleTooDense, {"times": (time(0), time(23, 59))}),
        (ScheduleUnacceptable, {"times": EIGHT, "weekdays": (0,)}),
        (ScheduleUnacceptable, {"times": EIGHT, "days": (0,)}),
        (ScheduleUnacceptable, {"times": EIGHT, "days": (32,)}),
        (ScheduleUnacceptable, {"times": EIGHT, "months": (13,)}),
    ],
)
def test_what_nobody_can_mean_is_refused(refusal: type[Exception], fields: dict[str, object]) -> None:
    with pytest.raises(refusal):
        Schedule(**fields)  # type: ignore[arg-type]  # wrong on purpose


def test_the_same_said_in_another_order_is_the_same() -> None:
    assert Schedule(times=(time(9), time(8)), weekdays=(5, 1)) == Schedule(
        times=(time(8), time(9)), weekdays=(1, 5)
    )


def start_of(rhythm: Rhythm, day: date) -> date:
    if rhythm is Rhythm.WEEK:
        return day - timedelta(days=day.weekday())
    return date(day.year, day.month if rhythm is Rhythm.MONTH else (day.month - 1) // 3 * 3 + 1, 1)


@given(st.sampled_from(Rhythm), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_periods_are_numbered_in_order_and_begin_where_they_should(rhythm: Rhythm, day: date) -> None:
    begins = start_of(rhythm, day) == day
    assert number(rhythm, day) - number(rhythm, day - DAY) == int(begins)


@given(st.sampled_from(Rhythm), moments)
def test_whole_periods_begin_at_a_moment_or_later_and_have_ended_by_it(rhythm: Rhythm, at: datetime) -> None:
    midnight = datetime.combine(start_of(rhythm, at.astimezone(SHANGHAI).date()), time.min, SHANGHAI)
    here = number(rhythm, midnight.date())
    assert first_whole(rhythm, midnight) == here
    assert last_whole(rhythm, midnight) == here - 1
    if at > midnight:
        assert first_whole(rhythm, at) == here + 1
        assert last_whole(rhythm, at) == here - 1
