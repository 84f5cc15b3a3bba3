"""What is refused for rights is on record: collected here, and told to the log by one event in a while.

However fast somebody asks for what he may not, that makes one event for his account in each interval, with a
limited number of lines.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import structlog
from eventsourcing.persistence import PersistenceError

from commands.accounts.note_refusals import NoteRefusals
from commands.command import Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.domain.refusal import Refusal
from dispatch.domain.refusals import NOBODY, Refused
from dispatch.service.clock import Clock

logger: Final = structlog.get_logger(__name__)
LINES: Final = 20
"""How many kinds of refusal an event tells apart; what goes beyond is only counted."""
ACCOUNTS: Final = 1_000
"""Of how many accounts refusals are kept at once; those of more are counted as nobody's."""


class Kind(NamedTuple):
    """What is counted together."""

    code: str
    route: str


@dataclass
class _Collected:
    lines: dict[Kind, Refused] = field(default_factory=dict)
    others: int = 0

    def add(self, kind: Kind, at: datetime, address: str | None) -> None:
        line = self.lines.get(kind)
        if line is None and len(self.lines) >= LINES:
            self.others += 1
            return
        first, count = (line.first_at, line.count) if line else (at, 0)
        self.lines[kind] = Refused(
            code=kind.code, route=kind.route, count=count + 1, first_at=first, last_at=at, address=address
        )


class Refusals:
    """The refusals of one process since it last told the log."""

    def __init__(self, handler: Handler, clock: Clock, *, seconds: float) -> None:
        self._handler = handler
        self._clock = clock
        self._seconds = seconds
        self._collected: dict[str, _Collected] = {}

    def note(self, account: str | None, kind: Kind, address: str | None) -> None:
        """Keep a refusal in mind; None is somebody whose proof is worth nothing."""
        whose = account or NOBODY
        if whose not in self._collected and len(self._collected) >= ACCOUNTS:
            whose = NOBODY
        self._collected.setdefault(whose, _Collected()).add(kind, self._clock(), address)

    async def run(self) -> None:
        """Tell the log every so many seconds."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Tell the log at once; while the database is away, what was to be told is kept."""
        for account in list(self._collected):
            collected = self._collected.pop(account)
            command = NoteRefusals(
                account=account, refused=tuple(collected.lines.values()), others=collected.others
            )
            try:
                await self._handler.handle(Request(command=command, account=SYSTEM.account, source="service"))
            except PersistenceError as error:
                self._collected.setdefault(account, collected)
                logger.warning("refusals_wait_for_database", error=str(error)[:200])
                return
            except Refusal as refusal:
                logger.warning("refusals_not_noted", account=account, code=refusal.code)
