"""Holding what is noted of photos against the events: which are gone, and which nobody is shown any more."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from dispatch.eventlog.log import Stored
from dispatch.eventlog.mapper import UnreadableEvent
from dispatch.eventlog.tree.checking import Fault
from dispatch.service.photos.album import ERASED, erased_by, kept_for, sent_by
from dispatch.service.photos.store import Note, Sent, Store

NOBODY: Final = 0
"""The position of what no event tells of."""


class _Naming(NamedTuple):
    """Where an event names a photo, when it was recorded (µs), and of which item it is."""

    position: int
    recorded_at: int
    stream: str


class PhotoCheck:
    """Looks at every event of a walk over the log, and at the photos after that.

    `head` is the log's last position before that: photos that events up to there name had been sent.
    """

    def __init__(self, store: Store, head: int) -> None:
        self._store, self._head = store, head
        # Before the walk: what is noted as named by now, an event of the walk names.
        self._noted = store.noted()
        self._digests = self._noted.photos | {digest for digest, _ in self._noted.sent}
        self._naming: dict[Sent, list[_Naming]] = {}
        self._kept: dict[Sent, list[_Naming]] = {}
        """Those that were there when they were named, as the events say."""
        self._erased: set[str] = set()
        self._seen = 0

    def look(self, events: Sequence[Stored]) -> None:
        """Look at events that come after those looked at before."""
        self._seen = events[-1].position
        for event in events:
            try:
                found, kept = sent_by(event), kept_for(event)
                if event.name == ERASED:
                    self._erased.add(erased_by(event))
            except (UnreadableEvent, AssertionError):
                continue  # the tree tells what was changed
            naming = _Naming(event.position, event.recorded_at, event.stream)
            for sent in found:
                if sent[0] in self._digests:
                    self._naming.setdefault(sent, []).append(naming)
                elif sent in kept and event.position <= self._head:
                    self._kept.setdefault(sent, []).append(naming)

    def faults(self) -> Iterator[Fault]:
        """Return what is wrong, once all events were looked at."""
        yield from (Fault(NOBODY, f"the photo {digest} was changed") for digest in self._store.damaged())
        if self._noted.followed is None:
            yield Fault(NOBODY, "up to where photos are followed is not kept as it was")
        elif self._noted.followed > self._seen:
            yield Fault(self._seen, f"photos are followed to {self._noted.followed}, where no event is")
        for (digest, account), note in sorted(self._noted.sent.items()):
            naming = self._naming.get((digest, account), [])
            if note.named and digest not in self._noted.photos:
                named = naming[0].position if naming else NOBODY
                yield Fault(named, f"the photo {digest} is missing")
            elif note.named and not naming:
                yield Fault(
                    NOBODY, f"the photo {digest} is noted as named by {account}, and no event says so"
                )
            elif not note.named and (position := self._overlooked(note, naming)):
                yield Fault(position, f"the photo {digest} is named here, and noted as if nothing named it")
        yield from self._of_others()
        for (digest, _), naming in sorted(self._kept.items()):
            left = [one.position for one in naming if one.stream not in self._erased]
            if left:
                yield Fault(
                    left[0], f"the photo {digest}, which was there when it was named here, is missing"
                )

    def _overlooked(self, note: Note, naming: Iterable[_Naming]) -> int | None:
        """Return where an event that was looked at names a photo that had been sent before it."""
        followed = self._noted.followed or 0
        found = (one for one in naming if note.at < one.recorded_at and one.position <= followed)
        return next((one.position for one in found), None)

    def _of_others(self) -> Iterator[Fault]:
        """Find photos that are shown to nobody, since nobody who names them has sent them, as it says."""
        senders: dict[str, set[str]] = {digest: set() for digest in self._noted.photos}
        for digest, account in self._noted.sent:
            senders.get(digest, set()).add(account)
        for digest, theirs in sorted(senders.items()):
            if not theirs:
                yield Fault(NOBODY, f"the photo {digest} was sent by nobody")
        first: dict[str, int] = {}
        for (digest, account), naming in self._naming.items():
            if account in senders.get(digest, {account}):
                senders.pop(digest, None)
            for one in naming:
                if one.stream not in self._erased:
                    first[digest] = min(one.position, first.get(digest, one.position))
        for digest in sorted(senders.keys() & first.keys()):
            yield Fault(
                first[digest], f"the photo {digest}, named here, was sent by nobody whose events name it"
            )
