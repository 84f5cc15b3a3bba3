"""Reading by position, by stream and by time."""

import pytest

from dispatch.eventlog import EventLog, database_log, micros
from tests.unit.eventlog.making import NOON, Clock, append


@pytest.fixture
def ten(log: EventLog, clock: Clock) -> EventLog:
    """Ten events, one a second; the n-th one happened at n µs, every second one in stream b."""
    for n in range(1, 11):
        stream = "ab"[n % 2 == 0]
        log.append(append(stream, read=(n - 1) // 2, at=n))
        clock.move(1)
    return log


def positions(log: EventLog, **bounds: int) -> list[int]:
    return [stored.position for stored in log.read(**bounds)]


def test_an_empty_log_has_nothing(log: EventLog) -> None:
    assert (log.read(), log.head(), log.position_at(micros(NOON))) == ([], 0, 0)
    assert log.read_stream("a") == []
    assert log.versions(["a"]) == {"a": 0}
    assert log.versions([]) == {}
    assert log.outcome("1") is None


def test_events_are_read_by_position(ten: EventLog) -> None:
    assert positions(ten) == list(range(1, 11))
    assert positions(ten, after=4) == list(range(5, 11))
    assert positions(ten, after=4, until=7) == [5, 6, 7]
    assert positions(ten, after=4, limit=2) == [5, 6]
    assert positions(ten, limit=0) == []
    assert positions(ten, after=10) == []


def test_what_happened_later_can_be_left_out(ten: EventLog) -> None:
    ten.append(append("late", at=3))
    assert positions(ten, happened_until=3) == [1, 2, 3, 11]
    assert positions(ten, happened_until=3, until=10, after=1, limit=5) == [2, 3]


def test_long_reads_go_page_by_page_and_miss_nothing(ten: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (1, 3, 5, 10, 11):
        monkeypatch.setattr(database_log, "PAGE", page)
        assert positions(ten) == list(range(1, 11))
        assert positions(ten, limit=7) == list(range(1, 8))
        assert positions(ten, happened_until=6, after=1) == list(range(2, 7))


def test_a_stream_is_read_after_a_version(ten: EventLog) -> None:
    assert [(e.version, e.position) for e in ten.read_stream("b")] == [(n, 2 * n) for n in range(1, 6)]
    assert [e.version for e in ten.read_stream("b", after=3)] == [4, 5]


def test_versions_are_those_of_the_streams_asked_for(ten: EventLog) -> None:
    assert ten.versions(["b", "none"]) == {"b": 5, "none": 0}


def test_a_time_gives_the_last_position_recorded_by_then(ten: EventLog) -> None:
    for second in range(10):
        at = micros(NOON) + second * 1_000_000
        assert ten.position_at(at - 1) == second
        assert ten.position_at(at) == second + 1
    assert ten.position_at(0) == 0
    assert ten.position_at(micros(NOON) + 10**9) == 10


def test_events_of_one_time_belong_together(log: EventLog, clock: Clock) -> None:
    log.append(append("a", events=5))
    log.append(append("b", events=3))
    assert log.position_at(micros(clock.now)) == 8
