"""A process that sends what is in the outbox until it is killed: `DATABASE URL careful|careless`."""

import asyncio
import sys
from collections.abc import Collection
from datetime import datetime, timedelta

from typing_extensions import override

from dispatch.service.clock import system_clock
from dispatch.service.outbox.channels import Channels
from dispatch.service.outbox.outbox import Outbox, Tuning
from dispatch.service.outbox.store import Delivery, Store
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings


class CarelessStore(Store):
    """The break: what is about to be sent is noted as sent."""

    @override
    def claim(
        self, now: datetime, *, lease: timedelta, most: int, without: Collection[str] = ()
    ) -> list[Delivery]:
        claimed = super().claim(now, lease=lease, most=most, without=without)
        for delivery in claimed:
            self.sent(delivery, now)
        return claimed


async def send(database: str, url: str, manner: str) -> None:
    runtime = open_runtime(Settings(database=database))
    await asyncio.to_thread(runtime.read_models.start)
    store = CarelessStore(database) if manner == "careless" else Store(database)
    # Claims that end soon: whoever was killed is followed at once.
    tuning = Tuning(seconds=1, pause=0.1, attempts=100, lease=timedelta(seconds=0.1))
    outbox = Outbox(
        store,
        Channels({"hook": url}, seconds=1),
        runtime.handler,
        runtime.read_models,
        clock=system_clock,
        tuning=tuning,
    )
    await outbox.run()


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
