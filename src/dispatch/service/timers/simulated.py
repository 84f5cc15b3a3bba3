"""Time that is set by hand: what is due on the way to the new time happens at its own time, in its order."""

import asyncio
import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from commands.handler import Handler
from dispatch.domain import modes, plans, tasks
from dispatch.domain.cases import Case, running
from dispatch.domain.modes import Modes
from dispatch.domain.plans import Plan
from dispatch.domain.streams import kind_of
from dispatch.domain.tasks import Task
from dispatch.eventlog import EventLog, Stored
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
        self._known = self._read = 0
        self._unknown: dict[str, tuple[int, datetime | None]] = {}
        """What the read models don't know yet: by stream, its last position and when it is due."""

    async def pass_until(self, now: datetime) -> None:
        """Let it become `now`; raises `ClockGoesForward` if that would turn it back."""
        async with self._one_at_a_time:
            self._clock.require_forward(now)
            full = True
            while full:
                found, full, news = await asyncio.to_thread(self._found, now)
                await self._take_note(news)
                coming = (stream for stream, (_, at) in self._unknown.items() if at and at <= now)
                await self._pass(found.union(coming), now)
                if full:
                    head = await asyncio.to_thread(self._log.head)
                    await self._read_models.wait_until(head, BUILT, READ_MODELS)
            self._clock.set(now)

    def _found(self, until: datetime) -> tuple[set[str], bool, Sequence[Stored]]:
        """Return what is due as far as the read models know, whether there may be more, and the news.

        The news are the events that these don't know yet and nobody here has taken note of.
        """
        self._read_models.progress.wait(0, BUILT, READ_MODELS)
        standings = self._read_models.progress.seen.standings
        with self._read_models.connection() as connection:
            rows = [found.stream for found in due(connection, until, BATCH)]
        known = min(standings[name].position for name in READ_MODELS)
        if known < self._known:
            # They were put back: what was forgotten because they knew it is read once more.
            self._read = 0
        self._known, self._read = known, max(self._read, known)
        news = self._log.read(after=self._read)
        return set(rows), len(rows) == BATCH, news

    async def _take_note(self, news: Sequence[Stored]) -> None:
        for stream, position in {one.stream: one.position for one in news}.items():
            if kind_of(stream) in KINDS:
                self._unknown[stream] = position, await self._due_at(stream)
        if news:
            self._read = news[-1].position
        self._unknown = {stream: one for stream, one in self._unknown.items() if one[0] > self._known}

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
