"""A process that sends what is in the outbox, by channels of its arguments, until it is killed."""

import asyncio
import sys
from datetime import timedelta

from dispatch.service.clock import system_clock
from dispatch.service.outbox.channels import Channels
from dispatch.service.outbox.outbox import Outbox, Tuning
from dispatch.service.outbox.store import Store
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings


async def send(database: str, url: str) -> None:
    runtime = open_runtime(Settings(database=database))
    await asyncio.to_thread(runtime.read_models.start)
    # Claims that end soon: whoever was killed is followed at once.
    tuning = Tuning(seconds=1, pause=0.1, attempts=5, lease=timedelta(seconds=0.1))
    outbox = Outbox(
        Store(database),
        Channels({"hook": url}, seconds=1),
        runtime.handler,
        runtime.read_models,
        clock=system_clock,
        tuning=tuning,
    )
    await outbox.run()


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
