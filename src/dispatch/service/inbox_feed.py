"""The inboxes live: new notifications, read once for all listeners of this process, once they are folded."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
import structlog
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from dispatch.domain.accounts import Account
from dispatch.domain.inboxes import own
from dispatch.domain.towns import Town
from projections.engine.generations import NotReady
from projections.engine.supervisor import Supervisor
from projections.inbox.listing import after, notice, reached, unread_in
from projections.inbox.row import NoticeRow

logger: Final = structlog.get_logger(__name__)

INBOX: Final = frozenset({"inbox"})
RECENT: Final = 4_000
"""How many of the newest notifications are kept."""
BATCH: Final = 1_000
POLL: Final = 1.0
"""Seconds: longest wait for what nobody told of."""
MOST: Final = 50
"""Notifications in one frame; who has missed more reads his inbox."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")


class InboxFeed:
    """Follows the fold of the inboxes while somebody listens, and wakes the live feed's listeners."""

    def __init__(
        self, read_models: Supervisor, wake: Callable[[], None], listened: Callable[[], bool]
    ) -> None:
        self._read_models, self._wake, self._listened = read_models, wake, listened
        self._recent: deque[NoticeRow] = deque(maxlen=RECENT)
        self._awaited = 0
        self.position = 0
        """Up to which position of the log the notifications here are all that there are."""

    def expect(self, position: int) -> None:
        """Have listeners woken when the fold has come to a position, new notifications or not."""
        self._awaited = max(self._awaited, position)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 - whatever happens, it goes on
                logger.warning("inbox_feed_waits", error=type(error).__name__)
                await asyncio.sleep(POLL)

    async def _step(self) -> None:
        progress = self._read_models.progress
        if not await progress.wait_until(self.position + 1, POLL, INBOX):
            if progress.stopped(self.position + 1, INBOX):
                await asyncio.sleep(POLL)
            return
        if not self._listened():
            self._recent.clear()
            self.position = progress.seen.standings["inbox"].position
            return
        found, through = await asyncio.to_thread(self._new)
        before, self.position = self.position, max(self.position, through)
        self._recent.extend(found)
        if found or before < self._awaited <= self.position:
            self._wake()

    def _new(self) -> tuple[list[NoticeRow], int]:
        with self._read_models.connection() as connection:
            through = reached(connection)
            found = after(connection, self.position, BATCH)
        return found, found[-1].position if len(found) >= BATCH else through

    def since(self, position: int) -> Iterable[NoticeRow]:
        """Give the notifications kept of the events after a position, the oldest first."""
        return (row for row in self._recent if row.position > position)

    def unread(self, account: Account, owners: Sequence[str]) -> int:
        """Return how many notifications of these inboxes an account has not read; blocks."""
        with self._read_models.connection() as connection:
            return unread_in(connection, account.account, owners)


class InboxFollower:
    """What one listener has been told of his inbox: first how much is unread, then what is new."""

    def __init__(self, feed: InboxFeed) -> None:
        self._feed = feed
        self._position: int | None = None
        self._read_at = 0

    def read(self, position: int) -> None:
        """Take note that the listener himself has read something, as the event at a position says."""
        self._read_at = position
        self._feed.expect(position)

    async def news(self, account: Account, town: Town | None) -> bytes:
        """Return the frame that is due, or nothing; `town` says where the member behind the account works."""
        position, before = self._feed.position, self._position
        mine = own(account, town)
        found = [] if before is None else [row for row in self._feed.since(before) if row.owner in mine]
        counted = 0 < self._read_at <= position
        self._position = position
        if not (before is None or found or counted):
            return b""
        if counted:
            self._read_at = 0
        try:
            unread = await asyncio.to_thread(self._feed.unread, account, mine)
        except (NotReady, PersistenceError, SQLAlchemyError):
            # Told when the read models are there again.
            self._position = None
            return b""
        body = {
            "unread": unread,
            "position": position,
            "items": [notice(row, unread=True) for row in found[-MOST:]],
        }
        return b"event: inbox\ndata: %s\n\n" % _encoder.encode(body)
