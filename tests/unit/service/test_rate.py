"""How many requests a sender may make: a minute's at once, then as they come in again."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.service.http.rate import SENDERS, Allowance


def test_a_minutes_requests_may_come_at_once_and_no_more() -> None:
    allowance = Allowance(60)
    assert [allowance.wait("a", 1_000.0) for _ in range(60)] == [0.0] * 60
    assert allowance.wait("a", 1_000.0) == 1.0
    assert allowance.wait("b", 1_000.0) == 0.0


def test_who_waits_as_long_as_he_is_told_may_go_on_once() -> None:
    allowance = Allowance(60)
    for _ in range(60):
        allowance.wait("a", 0.0)
    wait = allowance.wait("a", 0.5)
    assert wait == 0.5
    assert allowance.wait("a", 0.5 + wait) == 0.0
    assert allowance.wait("a", 0.5 + wait) == 1.0


def test_being_refused_costs_nothing() -> None:
    allowance = Allowance(60)
    for _ in range(1_000):
        allowance.wait("a", 0.0)
    assert allowance.wait("a", 1.0) == 0.0


def test_only_so_many_senders_are_known_and_who_waits_is_not_forgotten_for_those_who_do_not() -> None:
    allowance = Allowance(60)
    for _ in range(60):
        allowance.wait("a", 0.0)
    for number in range(2 * SENDERS):
        assert allowance.wait(number, number / 1_000) == 0.0
    assert len(allowance._full_at) <= SENDERS
    assert allowance._full_at["a"] == 60.0


@given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=300),
)
def test_no_minute_lets_more_through_than_two_minutes_worth(per_minute: int, pauses: list[float]) -> None:
    allowance, now, passed = Allowance(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        if not allowance.wait("a", now):
            passed.append(now)
    for begin in passed:
        # What was left of the minute before, and what comes in during this one.
        assert sum(begin <= at < begin + 60 for at in passed) <= 2 * per_minute + 1
