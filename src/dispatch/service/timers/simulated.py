"""Time that is set by hand: what is due on the way to the new time happens at its own time, in its order."""

import asyncio
import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from commands.handler import Handler
from dispatch.domain import modes, plans, tasks
from dispatch.domain.cases import Case, running
from dispatch.domain.modes import Modes
from dispatch.domain.plans import Plan
from dispatch.domain.streams import kind_of
from dispatch.domain.tasks import Task
from dispatch.eventlog import EventLog
from dispatch.service.clock import SimulatedClock
from dispatch.service.timers.sweep import Sweep
from projections.due import READ_MODELS, due
from projections.engine.supervisor import Supervisor

BATCH: Final = 1_000
BUILT: Final = 10.0
"""Seconds to wait for the read models to be there at all."""
KINDS: Final = frozenset({"task", "case", "plan", "mode"})


class TimeLapse:
    """Sets a simulated clock forward as if the time had passed."""

    def __init__(
        self, clock: SimulatedClock, log: EventLog, handler: Handler, read_models: Supervisor, sweep: Sweep
    ) -> None:
        self._clock, self._log, self._handler = clock, log, handler
        self._read_models, self._sweep = read_models, sweep
        self._one_at_a_time = asyncio.Lock()

    async def pass_until(self, now: datetime) -> None:
        """Let it become `now`; raises `ClockGoesForward` if that would turn it back."""
        async with self._one_at_a_time:
            self._clock.require_forward(now)
            full = True
            while full:
                found, full = await asyncio.to_thread(self._found, now)
                await self._pass(found, now)
                if full:
                    head = await asyncio.to_thread(self._log.head)
                    await self._read_models.wait_until(head, BUILT, READ_MODELS)
            self._clock.set(now)

    def _found(self, until: datetime) -> tuple[set[str], bool]:
        """Return the items that may be due, and whether there may be more.

        These are what the read models say, and what they don't know yet: whatever the log's tail is about.
        """
        self._read_models.progress.wait(0, BUILT, READ_MODELS)
        standings = self._read_models.progress.seen.standings
        with self._read_models.connection() as connection:
            rows = [found.stream for found in due(connection, until, BATCH)]
        known = min(standings[name].position for name in READ_MODELS)
        tail = {one.stream for one in self._log.read(after=known) if kind_of(one.stream) in KINDS}
        return tail.union(rows), len(rows) == BATCH

    async def _pass(self, streams: Iterable[str], until: datetime) -> None:
        coming = [(at, stream) for stream in streams if (at := await self._due_at(stream)) and at <= until]
        heapq.heapify(coming)
        while coming:
            at = coming[0][0]
            together = []
            while coming and coming[0][0] == at:
                together.append(heapq.heappop(coming)[1])
            self._clock.set(max(at, self._clock()))
            looked = await self._sweep.look_at(together)
            # What a plan has just issued, or a switch recalculated, has steps that may be due on the way too.
            further = sorted(looked.written.difference(together))
            for stream in (*together, *further):
                following = await self._due_at(stream)
                # What stands where it stood was refused: to try again at once would be in vain.
                if following is not None and following <= until and (following > at or stream in further):
                    heapq.heappush(coming, (following, stream))

    async def _due_at(self, stream: str) -> datetime | None:
        state = await self._handler.state(stream, fresh=False)
        if isinstance(state, Task):
            return tasks.due_at(state)
        if isinstance(state, Plan):
            return plans.due_at(state)
        if isinstance(state, Modes):
            return modes.due_at(state)
        return running.due_at(state) if isinstance(state, Case) else None
