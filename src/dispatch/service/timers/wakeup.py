"""What wakes the sweep: one job of a scheduler in memory, which knows nothing of what is due."""

import logging
from datetime import UTC
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


class WakeUp:
    """Has the sweep run again and again; a sweep that takes longer lets the next one wait."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._scheduler: Any = AsyncIOScheduler(timezone=UTC)
        # It warns of each wake-up that came while a long sweep was still running, which is as meant.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._scheduler.add_job(
            self._wake,
            "interval",
            seconds=INTERVAL,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _wake(self) -> None:
        try:
            await self._sweep.run()
        except (PersistenceError, SQLAlchemyError, NotReady) as error:
            # The database is away or the read models are being built: what is due stays due.
            logger.warning("sweep_interrupted", error=str(error)[:200])
