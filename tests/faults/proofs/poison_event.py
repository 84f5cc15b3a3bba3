"""A fold that raises stops its projection just before that event, soon and for all to see, and nothing else.

A supervised service projects while events come in; one of them, at a random place, makes a fold raise. The
projection must stand just before it, readiness must be red, the other projection must reach the head.
Once the fold is mended it goes on by itself, and in the end nothing was skipped.
The break: the projection leaves out what it can't apply.
"""

import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep

from typing_extensions import override

from dispatch.domain.event import Recorded
from dispatch.eventlog import open_log
from projections.engine.projection import Projection
from projections.engine.rows import Rows, Touched
from projections.engine.supervisor import Supervisor
from tests import postgres
from tests.faults.proofs import ProofResult
from tests.integration.projections.setting import open_generations, record
from tests.unit.projections.example import SEEN, START, Opened, Seen, decode, item_of, items

NAME = "poison-event"
SHORT, FULL = 2, 20
"""Poisoned events on each database."""
EVENTS = 300
RED_SECONDS, MENDED_SECONDS = 10.0, 15.0


class Poisoned(Projection):
    """Raises at one position until it is mended."""

    def __init__(self, position: int) -> None:
        super().__init__("seen", version=1, tables=[SEEN], keys=touched)
        self.position = position
        self.mended = False
        self.on(Opened)(self.fold)

    def fold(self, rows: Rows, _: Opened, recorded: Recorded) -> None:
        rows.put(SEEN, Seen(item_of(recorded), "", recorded.position))
        if recorded.position == self.position and not self.mended:
            raise ZeroDivisionError


class Skipping(Poisoned):
    """The break: what can't be applied is left out."""

    @override
    def apply(self, rows: Rows, recorded: Recorded) -> None:
        with suppress(ZeroDivisionError):
            super().apply(rows, recorded)


@dataclass
class Found:
    """What came of one poisoned event."""

    red_after: float | None
    stood: bool
    others: bool
    resumed: bool


def touched(recorded: Recorded) -> list[Touched]:
    return [(SEEN, item_of(recorded))]


def within(seconds: float, condition: Callable[[], object]) -> float | None:
    """Return after how many seconds it came true, None if it didn't in time."""
    begun = monotonic()
    while monotonic() - begun < seconds:
        if condition():
            return monotonic() - begun
        sleep(0.01)
    return None


def poison(database: str, position: int, *, red: bool) -> Found:
    """Let one event stop one projection of a supervised service, and mend it."""
    poisoned = (Skipping if red else Poisoned)(position)
    with open_log(database, clock=lambda: datetime.now(UTC)) as log:
        supervisor = Supervisor(
            log, open_generations(database), [poisoned, items()], decode=decode, batch=50, retry=1.0
        )
        supervisor.start()
        try:
            for first in range(1, EVENTS + 1, 10):
                record(log, [(f"{n}", Opened(at=START, place="")) for n in range(first, first + 10)])

            def skipped() -> bool:
                return supervisor.status.positions.get("seen", 0) >= position

            def red_or_skipped() -> object:
                return skipped() or (not supervisor.status.ready and supervisor.status.failures)

            red_after = within(RED_SECONDS, red_or_skipped)
            if skipped():  # nothing turns red for it any more
                red_after = None
            caught_up = within(RED_SECONDS, lambda: supervisor.status.positions.get("items") == EVENTS)
            stood = not supervisor.status.ready
            stood &= supervisor.status.positions.get("seen") == position - 1
            poisoned.mended = True
            going = within(MENDED_SECONDS, lambda: supervisor.status.positions.get("seen") == EVENTS)
            with supervisor.connection() as connection:
                rows = {row.position for row in connection.execute(SEEN.table.select())}
            complete = rows == set(range(1, EVENTS + 1))
            resumed = going is not None and complete and supervisor.status.ready
        finally:
            supervisor.stop()
    return Found(red_after, stood, caught_up is not None, resumed)


def run(*, full: bool, red: bool) -> ProofResult:
    """Poison events on both databases; the red twin skips them."""
    chance = random.Random(3)
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as directory, postgres.running_server() as server:
        for n in range(FULL if full else SHORT):
            found.append(poison(f"sqlite:///{directory}/{n}.db", chance.randint(1, EVENTS), red=red))
            with postgres.fresh_database(server) as url:
                found.append(poison(url, chance.randint(1, EVENTS), red=red))
    late = max((f.red_after for f in found if f.red_after is not None), default=0.0)
    stood, others = sum(f.stood for f in found), sum(f.others for f in found)
    resumed, seen = sum(f.resumed for f in found), sum(f.red_after is not None for f in found)
    figure = (
        f"of {len(found)} poisoned events {stood} stopped their projection just before, {seen} turned "
        f"readiness red (after {late:.2f} s at most), {others} left the others alone, {resumed} were "
        f"folded without a skip once mended"
    )
    return ProofResult(NAME, all(total == len(found) for total in (stood, others, resumed, seen)), figure)
