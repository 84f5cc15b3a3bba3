"""The live feed: the log's newest events, encoded once for all listeners of this process.

Nobody has a queue of his own: each listener holds a position and reads on from the recent events kept here,
or from the log when he has fallen behind them. So nothing is lost and a slow listener costs nobody memory.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec
import structlog
from eventsourcing.persistence import PersistenceError

from dispatch.domain.event import Event
from dispatch.domain.streams import kind_of
from dispatch.eventlog import EventLog, Stored
from dispatch.eventlog.mapper import decode_whole

logger: Final = structlog.get_logger(__name__)
RECENT: Final = 4_000
"""How many of the newest events are kept encoded."""
BATCH: Final = 1_000
SPACING: Final = 0.03
"""Seconds from one reading of the log to the next."""
POLL: Final = 1.0
"""Seconds: what wakes nobody is still seen this soon."""
HIDDEN: Final = frozenset({"digest"})
"""Fields of no event that leave the service."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")


class Message(NamedTuple):
    """One event as the stream sends it, with what decides who may see it.

    `key` is that of its stream, `persons` are the members whom it names as those whom it is for.
    """

    position: int
    kind: str
    scope: str
    frame: bytes
    key: str
    persons: frozenset[str]


def message(stored: Stored) -> Message:
    """Return an event as a server-sent event: no personal data, no digests."""
    recorded = decode_whole(stored)
    event, kind = recorded.event, kind_of(stored.stream)
    key = stored.stream.partition(":")[2]
    data = msgspec.to_builtins(event)
    for field in (*event.personal, *HIDDEN, "type"):
        data.pop(field, None)
    assert recorded.metadata is not None
    body = {
        "position": stored.position,
        "name": stored.name,
        "kind": kind,
        "id": key,
        "version": stored.version,
        "scope": recorded.metadata.scope,
        "recorded_at": recorded.recorded_at,
        "data": data,
    }
    frame = b"id: %d\nevent: %s\ndata: %s\n\n" % (
        stored.position,
        stored.name.encode(),
        _encoder.encode(body),
    )
    return Message(stored.position, kind, recorded.metadata.scope, frame, key, _persons(event))


def _persons(event: Event) -> frozenset[str]:
    named = (getattr(event, name, None) for name in ("assignee", "mediator", "checker"))
    return frozenset(one for one in (*getattr(event, "persons", ()), *named) if one is not None)


class Feed:
    """Tails the log and wakes the listeners of this process."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._recent: deque[Message] = deque(maxlen=RECENT)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._listeners = 0
        self.head = 0
        self.ending = False
        """The process is about to stop: no listener is to wait for more."""

    async def start(self) -> None:
        """Begin to tail, from the log's present head."""
        self.head = await asyncio.to_thread(self._log.head)
        self._task = asyncio.create_task(self._tail(), name="live-feed")

    async def stop(self) -> None:
        """Stop tailing and let every listener go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.wake()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep the newest events encoded while somebody listens; for nobody they are not even read."""
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1

    async def after(self, position: int) -> list[Message]:
        """Return up to a thousand of the events after `position`, the oldest first."""
        if position >= self.head:
            return []
        if self._recent and self._recent[0].position <= position + 1:
            skip = position + 1 - self._recent[0].position
            return [self._recent[n] for n in range(skip, min(len(self._recent), skip + BATCH))]
        stored = await asyncio.to_thread(self._log.read, position, None, None, BATCH)
        return [message(one) for one in stored]

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as something is new, or False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                return await self._news.wait()
        except TimeoutError:
            return False

    @property
    def listened(self) -> bool:
        """Whether somebody listens."""
        return self._listeners > 0

    def end(self) -> None:
        """Let every listener go, as the process is about to stop: each goes on with another one at once."""
        self.ending = True
        self.wake()

    def wake(self) -> None:
        """Have every listener look for what is new."""
        self._news.set()
        self._news = asyncio.Event()

    async def _tail(self) -> None:
        while True:
            try:
                await self._step()
            except PersistenceError as error:
                logger.warning("live_feed_waits_for_database", error=str(error)[:200])
                await asyncio.sleep(POLL)
            except Exception:
                # Nothing is left out: the next step reads the same events again.
                logger.exception("live_feed_interrupted", after=self.head)
                await asyncio.sleep(POLL)

    async def _step(self) -> None:
        head = await self._log.wait_async(self.head, POLL)
        if head <= self.head:
            return
        if self._listeners:
            stored = await asyncio.to_thread(self._log.read, self.head, None, None, BATCH)
            self._recent.extend(message(one) for one in stored)
            head = stored[-1].position
        else:
            self._recent.clear()
        self.head = head
        self.wake()
        # What comes in a stream is read and sent together.
        await asyncio.sleep(SPACING)
