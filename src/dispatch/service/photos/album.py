"""The photos of a process's service: kept when they are sent, found by the events that name them, tidied."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from dispatch.domain.event import name_of
from dispatch.domain.personal import PersonalErased
from dispatch.domain.refusal import NotNow
from dispatch.eventlog.log import EventLog, Stored
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.clock import Clock
from dispatch.service.photos.pictures import PhotoTooLarge, picture
from dispatch.service.photos.store import Kept, PhotoUnknown, Sent, Store
from projections.timeline import Entry

logger: Final = structlog.get_logger(__name__)

PAUSE: Final = 60.0
"""Seconds between two looks for what nobody named in time."""
BATCH: Final = 1_000
"""Events read at once."""
MOST_UNNAMED: Final = 200
"""How many photos an account may have sent that no event names: far more than a phone sends ahead."""
ERASED: Final = name_of(PersonalErased)
NAMES: Final = b'"evidence":["'
"""What the JSON of an event holds that names photos."""


class TooManyPhotos(NotNow):
    """You have sent many photos that no report names: send the reports first."""


class Album:
    """Keeps photos and forgets those that no event names within a day.

    An item's photos are those that its events name *and* that whoever recorded the event had sent himself:
    who has learnt of a photo's digest sees it no sooner for naming it.
    """

    def __init__(
        self,
        store: Store,
        log: EventLog,
        clock: Clock,
        *,
        limit: int,
        leading: Callable[[], bool],
    ) -> None:
        self.limit = limit
        """The largest photo, in bytes."""
        self._store, self._log, self._clock, self._leading = store, log, clock, leading

    def open(self) -> None:
        """Make the tables if they are not there."""
        self._store.open(self._log.head())

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def keep(self, file: bytes, account: str) -> Kept:
        """Keep a photo that an account sends. `PhotoUnusable`, `PhotoTooLarge`, `TooManyPhotos`."""
        if len(file) > self.limit:
            raise PhotoTooLarge(limit=self.limit)
        found = picture(file)
        if self._store.unnamed(account) >= MOST_UNNAMED:
            self.follow()
            if self._store.unnamed(account) >= MOST_UNNAMED:
                raise TooManyPhotos(most=MOST_UNNAMED)
        return self._store.keep(found, account, self._clock())

    def of(self, entries: Iterable[Entry]) -> list[Kept]:
        """Return the photos that an item's timeline names, in its order, each once."""
        return self._store.of({(digest, one.actor): None for one in entries for digest in _named(one)})

    def sent(self, account: str, digests: Iterable[str]) -> tuple[str, ...]:
        """Return of which of the digests an account has sent the photo, in their order, each once."""
        return tuple(one.digest for one in self._store.of({(digest, account): None for digest in digests}))

    def show(self, digest: str, entries: Iterable[Entry]) -> tuple[Kept, bytes]:
        """Return one of an item's photos with its content. `PhotoUnknown` if it is none of them."""
        wanted = {(digest, one.actor) for one in entries if digest in _named(one)}
        for kept in self._store.of(wanted):
            return kept, self._store.content(digest)
        raise PhotoUnknown(digest=digest)

    async def run(self) -> None:
        """Tidy up again and again, in the process that leads, until cancelled."""
        while True:
            try:
                if self._leading():
                    await asyncio.to_thread(self.tidy)
            except Exception as error:  # noqa: BLE001 - whatever happens, it goes on: nobody is there to restart it
                logger.warning("photos_not_tidied", error=type(error).__name__)
            await asyncio.sleep(PAUSE)

    def tidy(self) -> int:
        """Forget what was sent long ago and that no event names; returns how many photos are gone."""
        # The time is taken first: what is sent while the log is read is younger.
        now = self._clock()
        self.follow()
        gone = self._store.forget(now)
        if gone:
            logger.info("photos_forgotten", count=gone)
        return gone

    def follow(self) -> None:
        """Learn from the log which photos events name, and forget those of whose personal data was erased."""
        after = self._store.followed()
        while batch := self._log.read(after=after, limit=BATCH):
            named = {sent for stored in batch for sent in sent_by(stored)}
            gone = self._erased(batch)
            after = batch[-1].position
            # The position last: what breaks off before is done again.
            self._store.erase(gone)
            self._store.name(named - gone, through=after)

    def _erased(self, batch: Iterable[Stored]) -> set[Sent]:
        """Return the photos of whose personal data events erased, but for those that other items name too."""
        subjects = [erased_by(stored) for stored in batch if stored.name == ERASED]
        theirs = {sent for one in subjects for event in self._log.read_stream(one) for sent in sent_by(event)}
        return theirs - self._named_elsewhere(theirs)

    def _named_elsewhere(self, photos: set[Sent]) -> set[Sent]:
        """Return those of the photos that an item names whose personal data wasn't erased."""
        naming: dict[str, set[Sent]] = {}
        erased: set[str] = set()
        after = 0
        while photos and (batch := self._log.read(after=after, limit=BATCH)):
            for stored in batch:
                if stored.name == ERASED:
                    erased.add(erased_by(stored))
                elif these := sent_by(stored) & photos:
                    naming.setdefault(stored.stream, set()).update(these)
            after = batch[-1].position
        return {sent for stream, these in naming.items() if stream not in erased for sent in these}


def erased_by(stored: Stored) -> str:
    """Return whose personal data an event erased."""
    erased = decode_whole(stored).event
    assert isinstance(erased, PersonalErased)
    return erased.subject


def sent_by(stored: Stored) -> set[Sent]:
    """Return the photos that an event names, with the account that recorded it."""
    if NAMES not in stored.state:
        return set()
    recorded = decode_whole(stored)
    assert recorded.metadata is not None
    evidence: tuple[str, ...] = getattr(recorded.event, "evidence", ())
    return {(digest, recorded.metadata.actor) for digest in evidence}


def kept_for(stored: Stored) -> set[Sent]:
    """Return the photos that an event names and that were there when it was recorded, as it says itself."""
    if NAMES not in stored.state:
        return set()
    recorded = decode_whole(stored)
    assert recorded.metadata is not None
    return {one for one in sent_by(stored) if one[0] in recorded.metadata.photos}


def _named(entry: Entry) -> list[str]:
    found: list[str] = entry.changed.get("evidence", [])
    return found


def open_album(
    database: str, log: EventLog, clock: Clock, *, limit: int, leading: Callable[[], bool]
) -> Album:
    """Open the photos beside the log, making their tables if they are not there yet."""
    album = Album(Store(database), log, clock, limit=limit, leading=leading)
    album.open()
    return album
