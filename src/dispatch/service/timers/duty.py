"""The timers of one process: woken by a scheduler on real time, driven by whoever sets a simulated clock."""

from datetime import datetime
from typing import Final

from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from commands.handler import Handler
from dispatch.eventlog import EventLog
from dispatch.service.clock import Clock, SimulatedClock
from dispatch.service.timers.simulated import TimeLapse
from dispatch.service.timers.sweep import Sweep
from dispatch.service.timers.wakeup import WakeUp
from projections.engine.generations import NotReady
from projections.engine.supervisor import Supervisor

LATEST: Final = 60.0
"""Seconds after which a timer that has not fired says that the service doesn't do its work."""


class Timers:
    """Fires what is due: woken by `wakeup`, or through `time_lapse` where the clock is set by hand."""

    def __init__(self, log: EventLog, handler: Handler, read_models: Supervisor, clock: Clock) -> None:
        self.sweep = Sweep(handler, read_models, clock)
        self.time_lapse: TimeLapse | None = None
        self.wakeup: WakeUp | None = None
        if isinstance(clock, SimulatedClock):
            self.time_lapse = TimeLapse(clock, log, handler, read_models, self.sweep)
        else:
            self.wakeup = WakeUp(self.sweep)

    def start(self) -> None:
        """Begin, on the running event loop."""
        if self.wakeup is not None:
            self.wakeup.start()

    def stop(self) -> None:
        """Fire nothing any more."""
        if self.wakeup is not None:
            self.wakeup.stop()

    async def pass_until(self, now: datetime) -> None:
        """Let it become `now` on a simulated clock, with everything that is due on the way."""
        assert self.time_lapse is not None
        await self.time_lapse.pass_until(now)

    async def late(self) -> float | None:
        """Return for how many seconds the longest due timer waits; None while nothing can be read."""
        try:
            return await self.sweep.late()
        except (PersistenceError, SQLAlchemyError, NotReady):
            return None
