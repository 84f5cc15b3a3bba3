"""After a switch to emergency mode: every open item that it concerns is looked at, by ordinary commands.

What remains to be done is in the log, as an emergency whose recalculation has not ended: so a restart, or
another process, goes on with what is left, and no item is recalculated twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from commands.cases.recalculate import RecalculateCase
from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.modes.end_recalculation import EndRecalculation
from commands.tasks.recalculate import RecalculateTask
from dispatch.domain.modes import Emergency, Modes
from dispatch.service.timers.request import by_timer
from projections.engine.supervisor import Supervisor
from projections.open_items import READ_MODELS, concerned

CATCH_UP: Final = 5.0
"""Seconds for which the read models may take to know what was open at the switch."""
AT_ONCE: Final = 64
"""How many commands are under way together: enough for the log to commit them in groups."""

Carry = Callable[[Request], Awaitable[Outcome | None]]
"""Carries a request out; None when it was refused."""


class Recalculation:
    """Carries on with the recalculations of a county that have not ended."""

    def __init__(self, handler: Handler, read_models: Supervisor, carry: Carry) -> None:
        self._handler, self._read_models, self._carry = handler, read_models, carry

    async def go_on(self, stream: str) -> list[Outcome]:
        """Look at every item that is left; returns what was done."""
        done: list[Outcome] = []
        modes = await self._handler.state(stream)
        for emergency in modes.emergencies if isinstance(modes, Modes) else ():
            if emergency.pending:
                done += await self._recalculate(stream, emergency)
        return done

    async def _recalculate(self, stream: str, emergency: Emergency) -> list[Outcome]:
        head = await asyncio.to_thread(self._handler.head)
        if not await self._read_models.wait_until(head, CATCH_UP, READ_MODELS):
            # Somebody's item might be missing; the next sweep finds this emergency again.
            return []
        items = await asyncio.to_thread(self._concerned, emergency)
        cause = f"{stream}/{emergency.emergency}"
        waiting = iter([by_timer(command_for(item, emergency), stream, cause) for item in items])

        async def work() -> list[Outcome | None]:
            return [await self._carry(request) for request in waiting]

        several = await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(items)))))
        outcomes = [outcome for some in several for outcome in some]
        if None not in outcomes:
            end = EndRecalculation(scope=emergency.scope, emergency=emergency.emergency)
            outcomes.append(await self._carry(by_timer(end, stream, cause)))
        return [outcome for outcome in outcomes if outcome is not None]

    def _concerned(self, emergency: Emergency) -> Sequence[str]:
        with self._read_models.connection() as connection:
            return concerned(connection, emergency)


def command_for(item: str, emergency: Emergency) -> Command:
    """Return the command that recalculates an item, given by its stream."""
    kind, _, key = item.partition(":")
    if kind == "task":
        return RecalculateTask(task=key, emergency=emergency.emergency)
    return RecalculateCase(case=key, emergency=emergency.emergency)
