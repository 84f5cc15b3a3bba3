"""Counted time is what somebody finds who looks at the clock in every minute."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.working_time import (
    Limit,
    LimitKind,
    before,
    compute,
    due,
    elapsed,
    resumed,
    segments,
)
from tests.unit.working_time.calendars import CALENDARS, CHANGES, FIRST, walked
from tests.unit.working_time.walker import MINUTE

EXAMPLES = 400
YEAR = 366 * 24 * 60

near_a_change = st.builds(
    lambda change, minutes: (change - FIRST) // MINUTE + minutes,
    st.sampled_from(CHANGES),
    st.integers(-3 * 24 * 60, 3 * 24 * 60),
)
starts = near_a_change | st.integers(5 * 24 * 60, YEAR)
lengths = st.integers(1, 600) | st.integers(1, 20 * 480) | st.integers(1, 366 * 480)
each_calendar = pytest.mark.parametrize("name", CALENDARS)


@each_calendar
def test_working_time_is_what_a_minute_walker_counts(name: str) -> None:
    walk, calendar = walked(name), CALENDARS[name]

    @settings(max_examples=EXAMPLES)
    @given(starts, lengths)
    def check(start: int, minutes: int) -> None:
        minutes = min(minutes, walk.elapsed(start, walk.minutes))
        limit = Limit(LimitKind.WORKING_HOURS, minutes / 60)
        began = walk.at(start)

        found = due(calendar, began, limit)

        assert found == walk.at(walk.due(start, minutes))
        assert elapsed(calendar, limit.kind, began, found) == minutes * MINUTE
        parts = list(segments(calendar, limit.kind, began, found))
        assert sum((part.counted for part in parts), timedelta()) == minutes * MINUTE
        assert all(part.until - part.start == part.counted for part in parts)
        assert before(calendar, found, limit) == walk.at(walk.before(walk.index(found), minutes))

    check()


@each_calendar
def test_time_between_any_two_minutes_is_what_a_minute_walker_counts(name: str) -> None:
    walk, calendar = walked(name), CALENDARS[name]

    @settings(max_examples=EXAMPLES)
    @given(starts, st.integers(0, YEAR))
    def check(start: int, minutes: int) -> None:
        end = min(start + minutes, walk.minutes)
        found = elapsed(calendar, LimitKind.WORKING_DAYS, walk.at(start), walk.at(end))
        assert found == walk.elapsed(start, end) * MINUTE
        assert (
            elapsed(calendar, LimitKind.CLOCK_HOURS, walk.at(start), walk.at(end)) == (end - start) * MINUTE
        )

    check()


@each_calendar
def test_calendar_days_end_at_the_same_time_on_the_wall(name: str) -> None:
    walk, calendar = walked(name), CALENDARS[name]

    @settings(max_examples=EXAMPLES // 4)
    @given(starts, st.integers(1, 20) | st.integers(1, 366))
    def check(start: int, days: int) -> None:
        limit = Limit(LimitKind.CALENDAR_DAYS, days)
        assert due(calendar, walk.at(start), limit) == walk.at(walk.days_later(start, days))

    check()


@each_calendar
def test_a_pause_takes_nothing_and_gives_nothing(name: str) -> None:
    walk, calendar = walked(name), CALENDARS[name]

    @settings(max_examples=EXAMPLES // 2)
    @given(starts, st.integers(1, 40 * 480), st.integers(0, YEAR // 6), st.integers(0, YEAR // 6))
    def check(start: int, minutes: int, until_pause: int, paused: int) -> None:
        limit = Limit(LimitKind.WORKING_HOURS, minutes / 60)
        pause, goes_on = start + until_pause, start + until_pause + paused
        deadline = compute(calendar, "task.routine@1", limit, walk.at(start))

        found = resumed(calendar, deadline, walk.at(pause), walk.at(goes_on))

        used = walk.elapsed(start, pause)
        planned = walk.index(deadline.due)
        if pause <= planned:
            assert walk.index(found.due) == max(goes_on, walk.due(goes_on, minutes - used))
        else:
            late = walk.elapsed(planned, pause)
            assert walk.elapsed(walk.index(found.due), goes_on) == late
            assert found.due <= walk.at(goes_on)

    check()
