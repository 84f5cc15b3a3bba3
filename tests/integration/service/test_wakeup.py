"""The waking up on the system's clock: one job that knows nothing of what is due, and doesn't oversleep."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.jobstores.memory import MemoryJobStore  # type: ignore[import-untyped] # it has no types

from dispatch.eventlog import EventLog, open_log
from dispatch.service.clock import system_clock
from dispatch.service.runtime import Runtime, open_runtime
from dispatch.service.settings import Settings
from dispatch.service.timers.sweep import Sweep
from dispatch.service.timers.wakeup import WakeUp
from tests.faults.proofs.racing_schedulers import fired, timers, town
from tests.histories import record

NUMBER = 30
FIRST = 1
PATIENCE = 60.0


def arm(log: EventLog, due: datetime) -> None:
    """Arm timers, some of them recurring plans, that are due at one time."""
    record(log, [*town(due - timedelta(hours=1)), *timers(NUMBER, due, 0, FIRST)])


async def all_fired(log: EventLog) -> list[str]:
    """Return the streams of the timers that have fired, once they are as many as were due."""
    async with asyncio.timeout(PATIENCE):
        while len(found := await asyncio.to_thread(fired, log)) < NUMBER:
            await log.wait_async(await asyncio.to_thread(log.head), 1.0)
    return [stream for stream, _, _ in found]


def jobs(runtime: Runtime) -> list[tuple[bool, int, int | None]]:
    """Return what a process's scheduler holds, which is in memory only."""
    wakeup = runtime.timers.wakeup
    assert wakeup is not None
    assert [type(store) for store in wakeup.scheduler._jobstores.values()] == [MemoryJobStore]
    return [(job.coalesce, job.max_instances, job.misfire_grace_time) for job in wakeup.scheduler.get_jobs()]


def test_no_job_store_holds_what_is_due_and_the_next_process_finds_it(database: str) -> None:
    async def story() -> None:
        first = open_runtime(Settings(database=database))
        await first.start()
        try:
            arm(first.log, datetime.now(UTC) + timedelta(hours=1))
            assert await first.read_models.wait_until(first.log.head(), PATIENCE)
            assert jobs(first) == [(True, 1, None)]
            assert fired(first.log) == []
        finally:
            await first.stop()

        # More fell due while nobody ran: the log alone says so.
        with open_log(database, clock=system_clock) as log:
            record(log, list(timers(NUMBER, datetime.now(UTC) - timedelta(minutes=9), 0, FIRST + NUMBER)))
        second = open_runtime(Settings(database=database))
        await second.start()
        try:
            streams = await all_fired(second.log)
            assert len(set(streams)) == len(streams) == NUMBER
            assert jobs(second) == [(True, 1, None)]
        finally:
            await second.stop()

    asyncio.run(story())


def test_a_wall_clock_that_is_set_back_does_not_put_the_sweep_to_sleep() -> None:
    swept = asyncio.Event()

    class Looking(Sweep):
        def __init__(self) -> None:
            """Look at nothing."""

        async def run(self) -> int:
            swept.set()
            return 0

    async def story() -> None:
        wakeup = WakeUp(Looking())
        wakeup.start()
        try:
            (job,) = wakeup.scheduler.get_jobs()
            # By a clock that was set back an hour, the next sweep lies an hour ahead.
            job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
            async with asyncio.timeout(PATIENCE):
                await swept.wait()
        finally:
            wakeup.stop()

    with structlog.testing.capture_logs() as said:
        asyncio.run(story())
    assert [one["event"] for one in said] == ["clock_set_back"]
