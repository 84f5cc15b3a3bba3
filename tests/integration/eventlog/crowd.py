"""Many threads and processes that append to one log at once."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime

from dispatch.eventlog import EventLog, StaleRead, open_log
from tests.unit.eventlog.making import append

SPAWN = multiprocessing.get_context("spawn")


def system_clock() -> datetime:
    return datetime.now(UTC)


def in_threads(work: Callable[[int], int], threads: int) -> int:
    """Do the work in so many threads; returns the sum of what they return."""
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads)))


def in_processes(work: Callable[[str, int], int], url: str, processes: int) -> int:
    """Do the work in so many processes of their own; returns the sum of what they return."""
    with ProcessPoolExecutor(processes, mp_context=SPAWN) as pool:
        return sum(pool.map(work, [url] * processes, range(processes)))


def append_own(log: EventLog, who: str, times: int) -> int:
    """Append one, two or three events at a time to a stream of one's own; returns how many."""
    version = 0
    for time in range(times):
        count = time % 3 + 1
        log.append(append(who, read=version, events=count))
        version += count
    return version


def append_shared(log: EventLog, stream: str, times: int) -> int:
    """Append to a stream that others want as well, reading again as often as need be."""
    for _ in range(times):
        while True:
            try:
                log.append(append(stream, read=log.versions([stream])[stream]))
            except StaleRead:
                continue
            break
    return times


def process_appends(url: str, who: int) -> int:
    with open_log(url, clock=system_clock) as log:
        return in_threads(lambda thread: append_own(log, f"{who}-{thread}", 15), 4)
