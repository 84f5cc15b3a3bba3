"""The proof about calendars holds, and each of its breaks is noticed."""

import pytest

from tests.faults.proofs import calendars

SHORT = 1_200
"""Examples for each run of the tests; `scripts/prove calendars` tries more."""


def test_deadlines_are_what_a_minute_walker_finds() -> None:
    tally = calendars.count(calendars.Counting(), SHORT)
    assert tally.differences == 0, tally.first


@pytest.mark.parametrize("name", calendars.BREAKS)
def test_each_break_is_noticed(name: str) -> None:
    assert calendars.count(calendars.BREAKS[name], SHORT // 4).differences > 0
