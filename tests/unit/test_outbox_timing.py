"""Pauses between attempts, and quiet hours."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.recipients import Quiet
from dispatch.domain.rhythm import SHANGHAI
from dispatch.service.outbox.timing import LONGEST, LONGEST_URGENT, out_of_quiet, pause

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
TIMES = st.times().map(lambda found: found.strftime("%H:%M"))


@given(
    attempts=st.integers(1, 10_000),
    first=st.floats(0.001, 3_600),
    urgent=st.booleans(),
    chance=st.floats(0, 1),
)
def test_a_pause_is_never_nothing_and_never_longer_than_the_longest(
    attempts: int, first: float, urgent: bool, chance: float
) -> None:
    found = pause(attempts, timedelta(seconds=first), urgent=urgent, chance=chance)
    longest = max(LONGEST_URGENT if urgent else LONGEST, timedelta(seconds=first))
    assert timedelta() < found <= longest


def test_a_pause_doubles_and_what_failed_together_comes_apart() -> None:
    first = timedelta(seconds=5)
    assert [pause(n, first, urgent=False, chance=0).total_seconds() for n in (1, 2, 3)] == [5, 10, 20]
    assert pause(1, first, urgent=False, chance=1) == first / 2


@given(
    at=st.integers(0, 100 * 365 * 86_400).map(lambda seconds: BEGINNING + timedelta(seconds=seconds)),
    start=TIMES,
    until=TIMES,
)
def test_what_waits_for_the_end_of_quiet_hours_waits_less_than_a_day_and_is_then_out_of_them(
    at: datetime, start: str, until: str
) -> None:
    if start == until:
        return
    quiet = Quiet(start, until)
    found = out_of_quiet(quiet, at)
    assert at <= found < at + timedelta(days=1)
    assert out_of_quiet(quiet, found) == found
    if found > at:
        assert found.astimezone(SHANGHAI).strftime("%H:%M") == until


def test_quiet_hours_may_lie_across_midnight_or_not() -> None:
    night, noon = Quiet("22:00", "07:00"), Quiet("12:00", "14:00")

    def shanghai(hour: int, day: int = 1) -> datetime:
        return datetime(2023, 3, day, hour, tzinfo=SHANGHAI).astimezone(UTC)

    assert out_of_quiet(night, shanghai(23)) == shanghai(7, 2)
    assert out_of_quiet(night, shanghai(22)) == shanghai(7, 2)
    assert out_of_quiet(night, shanghai(6)) == shanghai(7)
    assert out_of_quiet(night, shanghai(7)) == shanghai(7)
    assert out_of_quiet(noon, shanghai(13)) == shanghai(14)
    assert out_of_quiet(noon, shanghai(11)) == shanghai(11)
    assert out_of_quiet(None, shanghai(3)) == shanghai(3)
