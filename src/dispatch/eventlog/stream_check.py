"""Holding what the log gives of each stream, on which decisions rest, against a walk over all events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from dispatch.eventlog.database_log import DatabaseLog, Tally
from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.checking import Fault

AT_ONCE: Final = 500
"""Streams that are asked for together."""
DECISIVE: Final = ("account:", "powers:", "personal:")
"""How the streams begin that say who may what, and what was erased."""
POSITIONS: Final = 20_000
"""Events that are looked at together."""


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


def hidden(log: DatabaseLog) -> list[str]:
    """Return the streams of those that decide who may what of which the index hides an event, or adds one.

    That is one look at the stream of each event of the log, in the order of positions, and not at what it
    says: short enough for each start of a service.
    """
    head, walked = log.head(), dict[str, Tally]()
    for after in range(0, head, POSITIONS):
        until = min(after + POSITIONS, head)
        for stream, tally in log.tallies_by_position(DECISIVE, after, until).items():
            before = walked.get(stream, Tally(0, 0, 0))
            walked[stream] = Tally(*map(sum, zip(before, tally, strict=True)))
    streams, wrong = sorted(walked), []
    for begin in range(0, len(streams), AT_ONCE):
        some = streams[begin : begin + AT_ONCE]
        found = log.tallies(some, head)
        wrong += [one for one in some if found.get(one) != walked[one]]
    return wrong
