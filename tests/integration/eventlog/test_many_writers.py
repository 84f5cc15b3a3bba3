"""Threads and processes that append at once get contiguous positions, and nothing gets lost."""

from collections import Counter
from itertools import pairwise

from dispatch.eventlog import EventLog, StaleRead
from tests.integration.eventlog.crowd import (
    append_own,
    append_shared,
    in_processes,
    in_threads,
    process_appends,
)
from tests.unit.eventlog.making import append


def assert_sound(log: EventLog, events: int) -> None:
    """Positions are 1…n, each stream's versions 1…m in that order, and recorded times never fall."""
    stored = log.read()
    assert [e.position for e in stored] == list(range(1, events + 1))
    seen = Counter[str]()
    for e in stored:
        seen[e.stream] += 1
        assert e.version == seen[e.stream]
    assert all(one.recorded_at <= after.recorded_at for one, after in pairwise(stored))


def test_sixteen_threads_fill_the_positions_without_a_gap(log: EventLog) -> None:
    events = in_threads(lambda thread: append_own(log, f"s{thread}", 30), 16)
    assert events == 16 * 60
    assert_sound(log, events)


def test_four_processes_fill_the_positions_without_a_gap(database: str, log: EventLog) -> None:
    events = in_processes(process_appends, database, 4)
    assert events == 4 * 4 * 30
    assert_sound(log, events)


def test_of_those_that_race_for_one_version_one_wins_each_time(log: EventLog) -> None:
    assert in_threads(lambda _: append_shared(log, "shared", 12), 8) == 96
    assert_sound(log, 96)


def test_a_stale_append_does_not_fail_its_neighbours(log: EventLog) -> None:
    log.append(append("taken"))

    def work(thread: int) -> int:
        if thread % 2:
            return append_own(log, f"s{thread}", 10)
        stale = 0
        for _ in range(10):
            try:
                log.append(append("taken"))
            except StaleRead:
                stale += 1
        return -stale * 1000

    assert in_threads(work, 16) == 8 * 19 - 8 * 10 * 1000
    assert_sound(log, 8 * 19 + 1)


def test_one_command_that_many_send_at_once_has_one_effect_and_one_answer(log: EventLog) -> None:
    answers = []

    def work(thread: int) -> int:
        answers.append(log.append(append("once", events=2, command_id="same")))
        return int(not answers[-1].repeated)

    assert in_threads(work, 16) == 1
    assert len({answer[:-1] for answer in answers}) == 1
    assert_sound(log, 2)
