"""A process that takes requests can answer them, and what it says of itself is true."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dispatch.eventlog import open_log
from dispatch.service.clock import system_clock
from dispatch.service.runtime import Runtime, open_runtime
from dispatch.service.settings import Settings
from dispatch.service.timers.duty import LATEST, Timers
from tests.faults.proofs.racing_schedulers import timers, town
from tests.histories import record


def test_each_of_the_processes_has_read_models_when_it_begins(database: str) -> None:
    with open_log(database, clock=system_clock) as log:
        record(log, list(town(datetime.now(UTC))))

    async def story() -> None:
        processes = [
            open_runtime(Settings(database=database)) for _ in range(1 if "sqlite" in database else 3)
        ]
        try:
            for process in processes:
                await process.start()
                assert process.read_models.status.ready
        finally:
            for process in processes:
                await process.stop()

    asyncio.run(story())


class Meanwhile(Timers):
    """Timers of a service that goes on with its work while it is asked how late they are."""

    def __init__(self, process: Runtime) -> None:
        super().__init__(process.log, process.handler, process.read_models, process.clock)
        self._process = process

    async def late(self) -> float | None:
        found = await super().late()
        assert self.time_lapse is not None
        await self.time_lapse.pass_until(datetime.now(UTC))
        assert await self._process.read_models.wait_until(self._process.log.head(), 20)
        return found


def test_what_readiness_says_of_timers_is_of_the_position_that_it_names_or_later(sqlite_url: str) -> None:
    due = datetime.now(UTC) - timedelta(seconds=LATEST + 600)
    with open_log(sqlite_url, clock=system_clock) as log:
        record(log, [*town(due), *timers(1, due, 0, 1)])

    async def story() -> None:
        process = open_runtime(Settings(database=sqlite_url, clock="simulated"))
        try:
            await process.start()
            assert await process.read_models.wait_until(process.log.head(), 20)
            before = process.log.head()
            said = await replace(process, timers=Meanwhile(process)).readiness()
            assert process.log.head() > before
            assert said["timers"]["late_s"] > LATEST
            assert said["read_models"]["position"] == before
        finally:
            await process.stop()

    asyncio.run(story())
