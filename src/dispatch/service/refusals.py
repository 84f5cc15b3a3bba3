"""What is refused for rights is on record: collected here, and told to the log by one event in a while.

However fast somebody asks for what he may not, that makes one event for his account in each interval, with a
limited number of lines, and of what was tried on each. Nothing that a sender can word stands in it.
"""

import asyncio
import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec.structs import replace

from commands.accounts.note_refusals import NoteRefusals
from commands.command import Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.domain.refusal import Refusal, TooBusy
from dispatch.domain.refusals import NOBODY, Refused
from dispatch.service.clock import Clock

logger: Final = structlog.get_logger(__name__)
LINES: Final = 20
"""How many kinds of refusal an event tells apart; what goes beyond is only counted."""
ACCOUNTS: Final = 1_000
"""Of how many accounts refusals are kept at once; those of more are counted as nobody's."""
NAMED: Final = 20
"""How many items, sessions and tokens a line names of each."""
ITEM: Final = re.compile(r"(?:campaign|case|household|plan|task):[0-9a-f]{32}")
"""What an item is named by: in such a form nobody is, nor his telephone."""
REQUEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids of requests as they are made here, or at a gateway; others may say anything."""


class Kind(NamedTuple):
    """What is counted together."""

    code: str
    route: str


class Tried(NamedTuple):
    """What a refused request was about: the streams that it names; and by what and as which it was sent."""

    items: tuple[str, ...] = ()
    session: str | None = None
    token: str | None = None
    request_id: str | None = None


@dataclass
class _Collected:
    lines: dict[Kind, Refused] = field(default_factory=dict)
    others: int = 0

    def add(self, kind: Kind, at: datetime, address: str | None, tried: Tried) -> None:
        line = self.lines.get(kind)
        if line is None:
            if len(self.lines) >= LINES:
                self.others += 1
                return
            known = tried.request_id is not None and REQUEST.fullmatch(tried.request_id)
            request_id = tried.request_id if known else None
            line = Refused(
                code=kind.code, route=kind.route, count=0, first_at=at, last_at=at, request_id=request_id
            )
        items = [item for item in tried.items if ITEM.fullmatch(item)]
        named = _first(line.items, *items)
        self.lines[kind] = replace(
            line,
            count=line.count + 1,
            last_at=at,
            address=address,
            items=named,
            beyond=line.beyond + (not set(items) <= set(named)),
            sessions=_first(line.sessions, tried.session),
            tokens=_first(line.tokens, tried.token),
        )


def _first(named: tuple[str, ...], *more: str | None) -> tuple[str, ...]:
    """Return what a line names with what has come, each once, as far as there is room."""
    return tuple(dict.fromkeys((*named, *filter(None, more))))[:NAMED]


class Refusals:
    """The refusals of one process since it last told the log."""

    def __init__(self, handler: Handler, clock: Clock, *, seconds: float) -> None:
        self._handler = handler
        self._clock = clock
        self._seconds = seconds
        self._collected: dict[str, _Collected] = {}
        self._telling: deque[Request] = deque()
        """What is being told, each under a key of its own: told again, it still counts once."""
        self._turn = asyncio.Lock()

    def note(self, account: str | None, kind: Kind, address: str | None, tried: Tried | None = None) -> None:
        """Keep a refusal in mind; None is somebody whose proof is worth nothing."""
        whose = account or NOBODY
        if whose not in self._collected and len(self._collected) >= ACCOUNTS:
            whose = NOBODY
        self._collected.setdefault(whose, _Collected()).add(kind, self._clock(), address, tried or Tried())

    async def run(self) -> None:
        """Tell the log every so many seconds."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.flush()
            except Exception:
                # Nobody is there to begin it again, and what is to be told is kept.
                logger.exception("refusals_interrupted")

    async def flush(self) -> None:
        """Tell the log at once; what can't be told now is kept, and told the next time."""
        async with self._turn:
            if await self._tell():
                self._telling.extend(_request(*one) for one in self._collected.items())
                self._collected.clear()
                await self._tell()

    async def close(self) -> None:
        """Tell the log for the last time; what it doesn't take is said in the service's own log instead."""
        try:
            await self.flush()
        finally:
            left = [*self._telling, *(_request(*one) for one in self._collected.items())]
            for request in left:
                logger.error("refusals_not_on_record", **msgspec.to_builtins(request.command))

    async def _tell(self) -> bool:
        """Tell what is to be told, in order; False if the log doesn't take it now."""
        while self._telling:
            # It stays in its place while it is told, whatever becomes of that.
            request = self._telling[0]
            try:
                await self._handler.handle(request)
            except (PersistenceError, TooBusy) as error:
                logger.warning("refusals_wait_for_database", error=str(error)[:200])
                return False
            except Refusal as refusal:
                logger.warning(
                    "refusals_not_noted", code=refusal.code, **msgspec.to_builtins(request.command)
                )
            self._telling.popleft()
        return True


def _request(account: str, collected: _Collected) -> Request:
    command = NoteRefusals(account=account, refused=tuple(collected.lines.values()), others=collected.others)
    key = f"refusals-{secrets.token_hex(8)}"
    return Request(command=command, account=SYSTEM.account, key=key, source="service")
