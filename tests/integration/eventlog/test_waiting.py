"""Waiting for what comes next, from this process and from another one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic

import pytest

from dispatch.eventlog import EventLog, open_log
from tests.unit.eventlog.making import Clock, append

LONG = 30.0


def test_a_waiting_thread_is_woken_by_an_append(log: EventLog) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(log.wait, 1, LONG)
        log.append(append("a"))
        log.append(append("a", read=1))
        assert waiting.result(LONG / 2) == 2


def test_a_waiting_coroutine_is_woken_by_an_append(log: EventLog) -> None:
    async def main() -> int:
        waiting = asyncio.ensure_future(log.wait_async(0, LONG))
        await log.append_async(append("a"))
        return await waiting

    assert asyncio.run(main()) == 1


def test_nothing_to_wait_for_ends_at_the_time_out(log: EventLog) -> None:
    log.append(append("a"))
    assert log.wait(0, LONG) == 1
    assert log.wait(1, 0.01) == 1
    assert log.wait(1, 0) == 1


def test_each_log_hears_of_what_another_process_appends(database: str, clock: Clock, log: EventLog) -> None:
    heard, risen = list[int](), Event()

    def hear(head: int) -> None:
        heard.append(head)
        risen.set()

    unsubscribe = log.subscribe(hear)
    with open_log(database, clock=clock) as other:
        other.append(append("a", events=3))
    assert log.wait(2, LONG) == 3
    assert risen.wait(LONG)
    assert heard == [3]
    unsubscribe()
    log.append(append("b"))
    assert heard == [3]


def test_a_log_that_somebody_follows_closes_at_once(
    database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sqlite", "postgres_watch"):
        monkeypatch.setattr(f"dispatch.eventlog.{module}.POLL_SECONDS", LONG)
    log = open_log(database, clock=clock)
    log.wait(0, 0.01)
    start = monotonic()
    log.close()
    assert monotonic() - start < LONG / 2  # not one period of the look
