"""Limits, calendars and deadlines in single cases that a person can check."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.ladder import NOW, Addressee, LadderStep, Level
from dispatch.domain.working_time import (
    Calendar,
    CalendarNotUsable,
    Deadline,
    Limit,
    LimitKind,
    LimitOutOfRange,
    TimeOutOfRange,
    TimeWithoutZone,
    before,
    compute,
    due,
    elapsed,
    extended,
    late_factor,
    length,
    planned,
    reached,
    resumed,
    segments,
)

CHINA = ZoneInfo("Asia/Shanghai")
TOWN = Calendar(
    version="town 1",
    days_off=frozenset({date(2023, 9, 29), *(date(2023, 10, day) for day in range(1, 7))}),
    workdays=frozenset({date(2023, 10, 7), date(2023, 10, 8)}),
)
BERLIN = Calendar(version="Berlin 1", zone="Europe/Berlin")

kinds = st.sampled_from(LimitKind)
times = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
hours = st.integers(1, 2000).map(lambda minutes: minutes / 60)


def local(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2023, month, day, hour, minute, tzinfo=CHINA)


def test_a_working_day_is_eight_working_hours_not_twenty_four() -> None:
    began = local(9, 5, 9)
    assert due(TOWN, began, Limit(LimitKind.WORKING_DAYS, 1)) == local(9, 6, 9)
    assert due(TOWN, began, Limit(LimitKind.WORKING_HOURS, 8)) == local(9, 6, 9)


def test_holidays_are_skipped_and_make_up_days_are_worked() -> None:
    assert due(TOWN, local(9, 28, 17), Limit(LimitKind.WORKING_DAYS, 1)) == local(10, 7, 17)
    assert due(TOWN, local(9, 28, 17), Limit(LimitKind.WORKING_DAYS, 2)) == local(10, 8, 17)
    assert due(TOWN, local(9, 28, 17), Limit(LimitKind.WORKING_DAYS, 3)) == local(10, 9, 17)


def test_a_limit_ends_with_the_span_that_fills_it_not_with_the_next() -> None:
    assert due(TOWN, local(9, 8, 14), Limit(LimitKind.WORKING_HOURS, 4)) == local(9, 8, 18)


def test_what_starts_at_night_begins_to_count_in_the_morning() -> None:
    assert due(TOWN, local(9, 8, 23), Limit(LimitKind.WORKING_HOURS, 1)) == local(9, 11, 9)


def test_clock_hours_and_calendar_days_know_no_holidays() -> None:
    assert due(TOWN, local(10, 1, 3), Limit(LimitKind.CLOCK_HOURS, 0.5)) == local(10, 1, 3, 30)
    assert due(TOWN, local(9, 29, 3), Limit(LimitKind.CALENDAR_DAYS, 3)) == local(10, 2, 3)


def test_a_long_limit_does_not_overflow() -> None:
    assert due(TOWN, local(1, 1), Limit(LimitKind.CLOCK_HOURS, 366 * 24)) == local(1, 1) + timedelta(days=366)


def test_a_calendar_day_keeps_the_time_on_the_wall_when_the_clock_changes() -> None:
    wall = ZoneInfo("Europe/Berlin")
    day = Limit(LimitKind.CALENDAR_DAYS, 1)
    assert due(BERLIN, datetime(2023, 3, 25, 12, tzinfo=wall), day) == datetime(2023, 3, 26, 10, tzinfo=UTC)
    skipped = due(BERLIN, datetime(2023, 3, 25, 2, 30, tzinfo=wall), day)
    assert skipped == datetime(2023, 3, 26, 3, 30, tzinfo=wall)
    twice = due(BERLIN, datetime(2023, 10, 28, 2, 30, tzinfo=wall), day)
    assert twice == datetime(2023, 10, 29, 2, 30, tzinfo=wall, fold=0).astimezone(UTC)


def test_calendar_time_does_not_run_backwards_in_the_repeated_hour() -> None:
    wall = ZoneInfo("Europe/Berlin")
    second = datetime(2023, 10, 29, 2, 10, tzinfo=wall, fold=1).astimezone(UTC)
    ten_minutes = Limit(LimitKind.CALENDAR_DAYS, 10 / 1440)
    assert due(BERLIN, second, ten_minutes) == second + timedelta(minutes=10)
    first = datetime(2023, 10, 29, 2, 40, tzinfo=wall, fold=0).astimezone(UTC)
    assert before(BERLIN, first, ten_minutes) == first - timedelta(minutes=10)
    assert elapsed(BERLIN, LimitKind.CALENDAR_DAYS, first, second) == timedelta()


@given(kinds, times, hours)
def test_the_due_time_is_the_first_at_which_the_limit_is_used_up(
    kind: LimitKind, start: datetime, amount: float
) -> None:
    limit = Limit(kind, amount) if kind.endswith("hours") else Limit(kind, round(amount) or 1)
    end = due(TOWN, start, limit)
    assert elapsed(TOWN, kind, start, end) == length(TOWN, limit)
    a_moment_before = end - timedelta(microseconds=1)
    assert elapsed(TOWN, kind, start, a_moment_before) < length(TOWN, limit)
    assert elapsed(TOWN, kind, before(TOWN, end, limit), end) == length(TOWN, limit)


@given(kinds, times, times, times)
def test_counted_time_adds_up(kind: LimitKind, one: datetime, two: datetime, three: datetime) -> None:
    first, second, third = sorted([one, two, three])
    parts = elapsed(TOWN, kind, first, second) + elapsed(TOWN, kind, second, third)
    assert parts == elapsed(TOWN, kind, first, third)


def test_segments_say_which_time_counted() -> None:
    parts = list(segments(TOWN, LimitKind.WORKING_DAYS, local(9, 28, 11), local(10, 7, 9)))
    assert [(part.start, part.until, part.minutes) for part in parts] == [
        (local(9, 28, 11), local(9, 28, 12), 60),
        (local(9, 28, 14), local(9, 28, 18), 240),
        (local(10, 7, 8), local(10, 7, 9), 60),
    ]
    whole = list(segments(TOWN, LimitKind.CLOCK_HOURS, local(9, 28), local(9, 29)))
    assert [part.minutes for part in whole] == [1440]
    assert list(segments(TOWN, LimitKind.CLOCK_HOURS, local(9, 29), local(9, 28))) == []


def test_a_deadline_names_its_rule_and_calendar_and_equal_is_on_time() -> None:
    limit = Limit(LimitKind.WORKING_HOURS, 4)
    deadline = compute(TOWN, "task.routine@1", limit, local(9, 5, 8))
    assert deadline == Deadline(
        started=local(9, 5, 8), due=local(9, 5, 12), limit=limit, rule="task.routine@1", calendar="town 1"
    )
    assert deadline.started.tzinfo is UTC
    assert deadline.due.tzinfo is UTC
    assert deadline.met(local(9, 5, 12))
    assert not deadline.met(local(9, 5, 12) + timedelta(microseconds=1))


def test_a_pause_over_a_holiday_costs_no_working_time() -> None:
    deadline = compute(TOWN, "task.routine@1", Limit(LimitKind.WORKING_HOURS, 4), local(9, 28, 16))
    assert deadline.due == local(10, 7, 10)
    again = resumed(TOWN, deadline, local(9, 28, 17), local(10, 7, 17))
    assert again.due == local(10, 8, 10)
    assert (again.started, again.limit) == (deadline.started, deadline.limit)


def test_a_pause_that_ends_earlier_than_planned_moves_the_deadline_back() -> None:
    deadline = compute(TOWN, "task.routine@1", Limit(LimitKind.CLOCK_HOURS, 4), local(9, 4, 8))
    counted_on = resumed(TOWN, deadline, local(9, 4, 9), local(9, 6, 9))
    assert counted_on.due == local(9, 6, 12)
    assert resumed(TOWN, counted_on, local(9, 6, 9), local(9, 5, 9)).due == local(9, 5, 12)


def test_what_was_overdue_when_it_paused_is_as_overdue_afterwards() -> None:
    deadline = compute(TOWN, "task.routine@1", Limit(LimitKind.CLOCK_HOURS, 1), local(9, 4, 8))
    assert resumed(TOWN, deadline, local(9, 4, 12), local(9, 9, 12)).due == local(9, 9, 9)


def test_an_extension_adds_to_the_due_time_and_keeps_the_original_limit() -> None:
    limit = Limit(LimitKind.WORKING_DAYS, 1)
    deadline = compute(TOWN, "task.routine@1", limit, local(9, 28, 9))
    longer = extended(TOWN, deadline, deadline.limit)
    assert (longer.due, longer.limit) == (local(10, 8, 9), limit)
    assert extended(TOWN, longer, longer.limit).due == local(10, 9, 9)


def test_shares_of_a_limit_are_reached_in_its_own_kind_of_time() -> None:
    deadline = compute(TOWN, "task.routine@1", Limit(LimitKind.WORKING_DAYS, 1), local(9, 28, 8))
    assert reached(TOWN, deadline, 0.5) == local(9, 28, 14)
    assert reached(TOWN, deadline, 0.8) == local(9, 28, 16, 24)
    assert reached(TOWN, deadline, 1) == local(9, 28, 18)
    assert reached(TOWN, deadline, 2) == local(10, 7, 18)


def test_what_was_due_at_once_stays_due_then_whatever_moves_the_deadline() -> None:
    at_once = LadderStep(name="commander", share=NOW, level=Level.COMMANDER, to=(Addressee.COMMANDER,))
    card = LadderStep(name="red_card", share=2, level=Level.RED_CARD, to=(Addressee.LEADER,))
    began = compute(TOWN, "case.routine@1", Limit(LimitKind.WORKING_DAYS, 1), local(9, 5, 9))
    deadline = planned(TOWN, began, (at_once, card))
    assert [step.at for step in deadline.steps] == [local(9, 5, 9), local(9, 7, 9)]
    moved = extended(TOWN, deadline, deadline.limit)
    assert [step.at for step in moved.steps] == [local(9, 5, 9), local(9, 8, 9)]
    moved = resumed(TOWN, deadline, local(9, 5, 10), local(9, 6, 10))
    assert [step.at for step in moved.steps] == [local(9, 5, 9), local(9, 8, 9)]


def test_a_late_factor_is_rounded_half_up_and_what_is_on_time_has_none() -> None:
    limit = Limit(LimitKind.WORKING_HOURS, 40)
    deadline = compute(TOWN, "task.routine@1", limit, local(9, 4, 8))
    assert deadline.due == local(9, 8, 18)
    late = [
        late_factor(TOWN, deadline, at)
        for at in (local(9, 8, 18), local(9, 11, 8, 11), local(9, 11, 8, 12), local(9, 11, 8, 36))
    ]
    assert late == [None, 0.0, 0.01, 0.02]
    assert late_factor(TOWN, deadline, local(9, 15, 18)) == 1


@pytest.mark.parametrize("amount", [0, -1, 1 / 7, float("nan"), float("inf"), 1e308, 367 * 24])
@pytest.mark.parametrize("kind", LimitKind)
def test_a_limit_that_cannot_be_meant_is_refused(kind: LimitKind, amount: float) -> None:
    with pytest.raises(LimitOutOfRange):
        Limit(kind, amount)
    body = msgspec.json.encode({"kind": kind, "amount": amount})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Limit)


def test_a_limit_is_the_same_said_as_three_or_as_three_point_nought() -> None:
    whole = Limit(LimitKind.WORKING_DAYS, 3)
    assert msgspec.json.encode(whole) == msgspec.json.encode(Limit(LimitKind.WORKING_DAYS, 3.0))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Limit) == whole


def test_a_calendar_survives_being_written_and_read() -> None:
    assert msgspec.json.decode(msgspec.json.encode(TOWN), type=Calendar) == TOWN


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Mars/Olympus"},
        {"zone": ""},
        {"zone": "../etc/passwd"},
        {"spans": ()},
        {"spans": ((time(12), time(8)),)},
        {"spans": ((time(8), time(8)),)},
        {"spans": ((time(8), time(12)), (time(11), time(18)))},
        {"spans": ((time(14), time(0)), (time(8), time(12)))},
        {"days_off": frozenset({date(2023, 1, 1)}), "workdays": frozenset({date(2023, 1, 1)})},
    ],
    ids=repr,
)
def test_a_calendar_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(CalendarNotUsable):
        msgspec.structs.replace(TOWN, **change)


def test_a_working_day_is_as_long_as_its_spans() -> None:
    short = Calendar(version="short", spans=((time(9), time(12)), (time(20), time(0))))
    assert short.working_day == timedelta(hours=7)
    began = datetime(2023, 9, 5, 9, tzinfo=CHINA)
    assert due(short, began, Limit(LimitKind.WORKING_DAYS, 1)) == datetime(2023, 9, 6, tzinfo=CHINA)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TimeWithoutZone):
        due(TOWN, datetime(2023, 1, 1), Limit(LimitKind.CLOCK_HOURS, 1))  # noqa: DTZ001 - this is the mistake


@pytest.mark.parametrize("kind", LimitKind)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_the_ends_of_time_are_refused_and_never_overflow(kind: LimitKind, zone: str) -> None:
    calendar = Calendar(version="1", zone=zone)
    limit = Limit(kind, 100)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with pytest.raises(TimeOutOfRange):
        due(calendar, last, limit)
    with pytest.raises(TimeOutOfRange):
        before(calendar, first, limit)
    assert due(calendar, first, limit) > first
    assert before(calendar, last, limit) < last
    assert elapsed(calendar, kind, last - timedelta(days=9), last) > timedelta(days=1)
    assert elapsed(calendar, kind, first, first + timedelta(days=9)) > timedelta(days=1)


@given(kinds, st.datetimes(timezones=st.timezones()), st.integers(1, 366))
def test_no_time_at_all_raises_anything_else(kind: LimitKind, start: datetime, amount: int) -> None:
    try:
        end = due(TOWN, start, Limit(kind, amount))
        assert end > start
        back = before(TOWN, start, Limit(kind, amount))
        assert back < start
    except TimeOutOfRange:
        assert start.year in (1, 2, 9998, 9999)
