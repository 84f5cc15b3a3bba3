"""What wakes the sweep: one job of a scheduler in memory, which knows nothing of what is due."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from apscheduler.schedulers.asyncio import (  # type: ignore[import-untyped] # it has no types
    AsyncIOScheduler,
)
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from dispatch.service.timers.sweep import Sweep
from projections.engine.generations import NotReady

logger: Final = structlog.get_logger(__name__)

INTERVAL: Final = 0.5
"""Seconds between two sweeps: so late is a step at most, and an idle sweep costs a millisecond."""
SET_BACK: Final = timedelta(seconds=4 * INTERVAL)
"""If the next sweep lies further ahead, the clock on the wall was set back."""


class WakeUp:
    """Has the sweep run again and again; a sweep that takes longer lets the next one wait."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self.scheduler: Any = AsyncIOScheduler(timezone=UTC)
        self._job: Any = None
        self._look: asyncio.TimerHandle | None = None
        # It warns of each wake-up that came while a long sweep was still running, which is as meant.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._job = self.scheduler.add_job(
            self._wake,
            "interval",
            seconds=INTERVAL,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self.scheduler.start()
        self._keep_awake()

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._look is not None:
            self._look.cancel()
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)

    def _keep_awake(self) -> None:
        """Bring the next sweep forward: the scheduler would sleep until the wall shows that time again."""
        now = datetime.now(UTC)
        if self._job.next_run_time - now > SET_BACK:
            logger.warning("clock_set_back")
            self._job.modify(next_run_time=now)
        self._look = asyncio.get_running_loop().call_later(INTERVAL, self._keep_awake)

    async def _wake(self) -> None:
        try:
            await self._sweep.run()
        except (PersistenceError, SQLAlchemyError, NotReady) as error:
            # The database is away or the read models are being built: what is due stays due.
            logger.warning("sweep_interrupted", error=str(error)[:200])
