"""Which clock an installation goes by: the system's, or a simulated one, on from its log's last record.

A log that a service fills by a simulated clock has times of its own, and recorded time never goes back: what
a command line recorded today would date all that the service records after it. So a service on a simulated
clock says so beside the database, and commands go by the log's time there.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.log import moment
from dispatch.service.clock import Clock, SimulatedClock, system_clock
from dispatch.service.settings import SQLITE, ClockKind, Environment, Settings
from dispatch.service.signing import beside

SIMULATED_START: Final = datetime(2023, 1, 1, tzinfo=UTC)
"""Where the simulated clock stands on an empty log."""


def clock_of(settings: Settings) -> Clock:
    """Return the clock that a service goes by, and let commands on the same database know."""
    simulated = settings.clock is ClockKind.SIMULATED
    if (mark := _mark(settings)) is not None:
        if simulated:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)
    return SimulatedClock(SIMULATED_START) if simulated else system_clock


def clock_beside(settings: Settings) -> Clock:
    """Return the clock that a command goes by: that of the last service on the database."""
    mark = _mark(settings)
    marked = settings.environment is not Environment.PRODUCTION and mark is not None and mark.exists()
    if settings.clock is ClockKind.SIMULATED or marked:
        return SimulatedClock(SIMULATED_START)
    return system_clock


def catch_up(clock: Clock, log: DatabaseLog) -> None:
    """Set a simulated clock to the log's last record; the system's goes by itself."""
    if not isinstance(clock, SimulatedClock):
        return
    # A time that somebody tampered with is for `dispatch verify` to name.
    with suppress(ArithmeticError, TypeError, ValueError):
        for last in log.read(after=max(log.head() - 1, 0)):
            clock.set(max(clock(), moment(last.recorded_at)))


def _mark(settings: Settings) -> Path | None:
    return None if settings.database == f"{SQLITE}:memory:" else beside(settings, ".simulated-clock")
