"""The sweep: finds the items for which something is due and has them looked at, by ordinary commands.

Nothing is remembered between two sweeps. A command decides against the item's own state, so that two sweeps
fire no step twice, and one that comes after an answer or an ending does nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from commands.cases.escalate import EscalateCase
from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.plans.come_round import ComeRound
from commands.tasks.escalate import EscalateTask
from dispatch.domain.plans import Plan
from dispatch.domain.refusal import Refusal
from dispatch.domain.streams import kind_of
from dispatch.eventlog import Stored
from dispatch.service.timers.recalculation import Recalculation
from dispatch.service.timers.request import by_timer
from projections.due import READ_MODELS, due, oldest
from projections.engine.supervisor import Supervisor
from projections.planned import households_of

logger: Final = structlog.get_logger(__name__)

BATCH: Final = 500
"""How many items one sweep takes on, the longest due first."""
AT_ONCE: Final = 64
"""How many commands of a sweep are under way together: enough for the log to commit them in groups."""
ON_RECORD: Final = frozenset({"household.recorded", "household.changed", "household.left"})
"""What changes which households a plan asks for."""
CATCH_UP: Final = 5.0
"""Seconds for which a sweep waits until the read models know what it did."""


class Looked(NamedTuple):
    """What came of looking at items: the last position written, and the streams written to."""

    position: int
    written: set[str]


class Sweep:
    """Looks at what is due, in the one process that projects."""

    def __init__(self, handler: Handler, read_models: Supervisor, clock: Callable[[], datetime]) -> None:
        self._handler, self._read_models, self._clock = handler, read_models, clock
        self._recalculation = Recalculation(handler, read_models, self._carry)

    async def run(self) -> int:
        """Look at what is due by now and return how many items that were; 0 where another process leads."""
        if not self._leads():
            return 0
        found = await asyncio.to_thread(self._due, self._clock(), BATCH)
        if found:
            position = (await self.look_at(found)).position
            # What was done would otherwise be found again, and be looked at again in vain.
            await self._read_models.wait_until(position, CATCH_UP, READ_MODELS)
        return len(found)

    def _leads(self) -> bool:
        """Return whether this is the process that projects, and there is something to read."""
        return self._read_models.leading and self._read_models.progress.seen.generation is not None

    async def look_at(self, streams: Iterable[str]) -> Looked:
        """Have these items looked at; a refusal stops no other."""
        several = list(streams)
        waiting, workers = iter(several), range(min(AT_ONCE, len(several)))
        written: set[str] = set()
        positions = await asyncio.gather(*(self._work(waiting, written) for _ in workers))
        return Looked(max(positions, default=0), written)

    async def _work(self, streams: Iterable[str], written: set[str]) -> int:
        position = 0
        for stream in streams:
            if kind_of(stream) == "mode":
                outcomes = await self._recalculation.go_on(stream)
            else:
                outcome = await self._carry(await self._request(stream))
                outcomes = [] if outcome is None else [outcome]
            for done in outcomes:
                position = max(position, done.position)
                written.update(one.stream for one in done.written)
        return position

    async def _carry(self, request: Request) -> Outcome | None:
        try:
            return await self._handler.handle(request)
        except Refusal as refusal:
            # Left as it is and found again by the next sweep; readiness tells if that goes on.
            logger.warning("timer_refused", stream=request.command.stream, code=refusal.code)
            return None

    async def _request(self, stream: str) -> Request:
        """Return the request that looks at an item, which it leads back to; a plan's to its time."""
        if kind_of(stream) != "plan":
            return by_timer(command_for(stream), stream)
        plan = await self._handler.state(stream)
        assert isinstance(plan, Plan)
        occasion = f"{stream}/{plan.next_at:%Y-%m-%dT%H:%M:%SZ}" if plan.next_at else None
        return by_timer(await self._come_round(stream.partition(":")[2], plan), stream, occasion)

    async def _come_round(self, key: str, plan: Plan) -> ComeRound:
        if not plan.terms.targets.classes:
            return ComeRound(plan=key)
        # Whoever is on record by now is asked for, however far the read models had come when it was found.
        unseen = await asyncio.to_thread(self._unseen)
        if len(unseen) == BATCH or any(one.name in ON_RECORD for one in unseen):
            head = await asyncio.to_thread(self._handler.head)
            await self._read_models.wait_until(head, CATCH_UP, {"routine"})
        return ComeRound(plan=key, households=await asyncio.to_thread(self._households, plan))

    def _unseen(self) -> Sequence[Stored]:
        """Return events that the read models don't know yet, a batch at most."""
        known = self._read_models.progress.seen.standings["routine"].position
        return self._handler.read(known, BATCH)

    def _households(self, plan: Plan) -> dict[str, tuple[str, ...]]:
        with self._read_models.connection() as connection:
            return households_of(connection, plan.terms)

    async def late(self) -> float:
        """Return for how many seconds the longest due item has been waiting; 0 if none is due."""
        first = await asyncio.to_thread(self._oldest)
        return 0.0 if first is None else max(0.0, (self._clock() - first).total_seconds())

    def _due(self, until: datetime, limit: int) -> Sequence[str]:
        with self._read_models.connection() as connection:
            return [found.stream for found in due(connection, until, limit)]

    def _oldest(self) -> datetime | None:
        with self._read_models.connection() as connection:
            return oldest(connection)


def command_for(stream: str) -> Command:
    """Return the command that looks at an item."""
    kind, _, key = stream.partition(":")
    return EscalateTask(task=key) if kind == "task" else EscalateCase(case=key)
