"""Holding the log against its tree: every leaf and node anew from the stored bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from dispatch.eventlog.log import LARGEST
from dispatch.eventlog.tree.growth import BITS, TILE, Growth, Roots, TileRow, nodes_at
from dispatch.eventlog.tree.hashes import SIZE
from dispatch.eventlog.tree.leaf import leaf_as_found

if TYPE_CHECKING:
    from dispatch.eventlog.database_log import DatabaseLog
    from dispatch.eventlog.log import Stored

PAGE: Final = TILE * 32
"""Events looked at together: whole tiles of the lowest levels."""


class Fault(NamedTuple):
    """What is wrong, and the first position that it concerns."""

    position: int
    what: str


class Check:
    """One walk over a log; `expected` gives the roots that are known outside, by where they are from.

    `look` is shown the events on the way, page by page.
    """

    def __init__(
        self,
        log: DatabaseLog,
        expected: Mapping[str, Roots],
        look: Callable[[Sequence[Stored]], None] = lambda _: None,
    ) -> None:
        self._log, self._look = log, look
        self._expected = sorted(expected.items(), key=lambda item: item[1].size)
        self._growth = Growth()
        self._good = 0

    def roots(self) -> Roots:
        """Return the roots over what was walked over."""
        return self._growth.roots()

    def faults(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Fault]:
        """Walk, and yield every fault; after a missing position there is nothing more to compare."""
        # The head last: what is appended meanwhile has its nodes, too.
        counted, size, head = self._log.tree.counted(), self._log.tree.size(), self._log.head()
        for level, first in self._log.tree.without_nodes():
            yield Fault(0, f"the tree has a row at {first} of level {level} that holds no node")
        for event in self._log.read(after=-LARGEST, until=0, limit=PAGE):
            yield Fault(event.position, "the event stands before the first one of the log")
        for begin in range(0, head, PAGE):
            end = min(begin + PAGE, head)
            events = self._log.read(after=begin, until=end)
            for expected, event in enumerate(events, begin + 1):
                if event.position != expected:
                    yield Fault(expected, "the event is missing")
                    return
            self._look(events)
            yield from self._grow(list(map(leaf_as_found, events)), begin)
            if len(events) < end - begin:
                yield Fault(begin + len(events) + 1, "the event is missing")
                return
            progress(end)
        yield from _too_many(counted, max(size, head))
        if size > head:
            yield Fault(head + 1, f"the event is missing: the tree has leaves up to {size}")
        for source, roots in self._expected:
            if roots.size > head:
                yield Fault(head + 1, f"the event is missing: {source} knows {roots.size}")

    def _grow(self, leaves: list[bytes], begin: int) -> Iterator[Fault]:
        """Add a page of leaves, stopping at the sizes of checkpoints to compare the roots there."""
        rows: list[TileRow] = []
        done = 0
        faults: list[Fault] = []
        for source, roots in self._expected:
            if begin < roots.size <= begin + len(leaves):
                rows += self._growth.extend(leaves[done : roots.size - begin])
                done = roots.size - begin
                if self._growth.roots() == roots:
                    self._good = roots.size
                else:
                    what = f"the events from here to {roots.size} are not those of {source}"
                    faults.append(Fault(self._good + 1, what))
        rows += self._growth.extend(leaves[done:])
        stored = list(self._compare(rows))
        yield from stored
        # A changed event explains that the roots after it are others.
        if not stored:
            yield from faults

    def _compare(self, rows: list[TileRow]) -> Iterator[Fault]:
        computed: dict[int, dict[int, bytes]] = {}
        for row in rows:
            computed.setdefault(row.level, {}).update(_nodes(row))
        faulty: set[int] = set()  # of the level below: what lies above a fault is no further one
        for level, nodes in computed.items():
            first, last = min(nodes), max(nodes)
            stored: dict[int, bytes] = {}
            for row in self._log.tree.rows(level, first & -TILE, last + 1):
                stored |= _nodes(row)
            below, faulty = {index >> BITS for index in faulty}, set()
            for index, node in nodes.items():
                if stored.get(index) == node:
                    continue
                faulty.add(index)
                if index not in below:
                    yield Fault((index << BITS * level) + 1, _difference(level, index, stored.get(index)))


def _too_many(counted: Mapping[int, tuple[int, int]], size: int) -> Iterator[Fault]:
    for level, found in sorted(counted.items()):
        if max(found) > nodes_at(level, size) * SIZE:
            yield Fault(0, f"the tree has nodes of level {level} that are none of a log of {size} events")


def _nodes(row: TileRow) -> dict[int, bytes]:
    return {
        row.first + place: row.sha256[place * SIZE : (place + 1) * SIZE]
        + row.sm3[place * SIZE : (place + 1) * SIZE]
        for place in range(max(len(row.sha256), len(row.sm3)) // SIZE)
    }


def _difference(level: int, index: int, stored: bytes | None) -> str:
    if level:
        last = index + 1 << BITS * level
        return f"the tree's node over the events from here to {last} is " + (
            "missing" if stored is None else "not theirs"
        )
    if stored is None:
        return "the event has no leaf: it was not appended by the service"
    return "the event, or its leaf, was changed"
