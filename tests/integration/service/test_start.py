"""A process that takes requests can answer them."""

import asyncio
from datetime import UTC, datetime

from dispatch.eventlog import open_log
from dispatch.service.clock import system_clock
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings
from tests.faults.proofs.racing_schedulers import town
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
