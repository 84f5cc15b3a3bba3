"""Holding what the log gives of each stream, on which decisions rest, against a walk over all events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.checking import Fault

AT_ONCE: Final = 500
"""Streams that are asked for together."""


class Tally(NamedTuple):
    """How many events a stream has, and the sums of their versions and of their positions."""

    events: int
    versions: int
    positions: int


class StreamCheck:
    """Looks at every event of a walk in the order of positions, and at each stream by itself after that.

    The tree says that no event was changed. It says nothing of the index by which a stream is found: an
    entry that was changed there hides an event, such as an account's end, from whoever asks for the stream.
    """

    def __init__(self, log: DatabaseLog) -> None:
        self._log = log
        self._seen = 0
        self._walked: dict[str, Tally] = {}

    def look(self, events: Sequence[Stored]) -> None:
        """Look at events that come after those looked at before."""
        for event in events:
            events_, versions, positions = self._walked.get(event.stream, (0, 0, 0))
            tally = Tally(events_ + 1, versions + event.version, positions + event.position)
            self._walked[event.stream] = tally
            self._seen = event.position

    def faults(self) -> Iterator[Fault]:
        """Return which streams are others when they are asked for, once all events were looked at."""
        walked = iter(self._walked.items())
        while some := dict(islice(walked, AT_ONCE)):
            found = self._log.tallies(list(some), self._seen)
            for stream, tally in some.items():
                if found.get(stream) != tally:
                    yield Fault(
                        0, f"whoever asks for {stream} isn't given the events that the log holds of it"
                    )
