"""The live feed goes on whatever has gone wrong: nobody is there to start it again."""

import asyncio
from pathlib import Path
from typing import Any

from typing_extensions import override

from dispatch.domain.towns import TownFounded
from dispatch.eventlog.sqlite import SqliteLog
from dispatch.service.live import Feed
from tests.histories import record
from tests.unit.eventlog.making import NOON, Clock

TOWN = "500115101"


class FalteringLog(SqliteLog):
    """Fails in a way that nobody foresaw, the first time that events are read."""

    falters = True

    @override
    def read(self, *arguments: Any, **named: Any) -> Any:
        if self.falters:
            self.falters = False
            raise RuntimeError("nobody foresaw this")
        return super().read(*arguments, **named)


async def first_position_told(log: FalteringLog) -> int:
    feed = Feed(log)
    await feed.start()
    try:
        with feed.listening():
            founding = TownFounded(at=NOON, code=TOWN, name="万顺镇")
            await asyncio.to_thread(record, log, [(f"town:{TOWN}", founding)])
            async with asyncio.timeout(30):
                while not (found := await feed.after(0)):
                    await feed.wait(30)
    finally:
        await feed.stop()
    return found[0].position


def test_what_went_wrong_once_keeps_no_event_from_the_listeners(tmp_path: Path) -> None:
    with FalteringLog(str(tmp_path / "log.db"), clock=Clock()) as log:
        assert asyncio.run(first_position_told(log)) == 1
        assert not log.falters
