"""The right edge of the tree, from which it grows: no more than 255 nodes of each second level.

Every fourth level of the tree is stored. Level 0 has the leaves' hashes, level 1 the roots of whole
subtrees of 16 leaves, level 2 of 256, and so on; what lies between two of them is computed from the
lower one. Those of an odd level are written once the subtree of 256 above them is whole, in one row:
so a commit adds a row or two, and a proof reads no more than 16 nodes of a level where that is so.
A log of n events has about 1.07 n stored nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE, Algorithm

BITS: Final = 4
"""Levels of the tree from one that is stored to the next."""
WIDTH: Final = 1 << BITS
"""Nodes under one of the level that is stored next."""
LEVELS: Final = 16
"""Stored levels: 16 of them hold more leaves than a position can count."""
EVEN: Final = range(0, LEVELS, 2)
TILE: Final = WIDTH * WIDTH
"""Nodes of an even level under one of the next even one; no row has nodes of two such tiles."""


class TileRow(NamedTuple):
    """Nodes of a level side by side, as they were written together: `first` is the first one's index.

    The hashes of each kind are joined, 32 bytes each.
    """

    level: int
    first: int
    sha256: bytes
    sm3: bytes


Range = tuple[int, int, int]
"""Nodes of a level: the level, the first one's index, and that after the last one."""


class Roots(NamedTuple):
    """The root of a tree in both hash functions."""

    size: int
    sha256: bytes
    sm3: bytes


def nodes_at(level: int, size: int) -> int:
    """Return how many nodes of a level are stored of a tree of that size."""
    if not 0 <= level < LEVELS:
        return 0
    return size >> BITS * level if level % 2 == 0 else size >> BITS * (level + 1) << BITS


def root_of_edge(algorithm: Algorithm, edge: Iterable[bytes]) -> bytes:
    """Return the root of the tree whose right edge this is, by even levels from 0 (RFC 9162, 2.1.1)."""
    right = b""
    for nodes in edge:
        at = len(nodes)
        # The set bits of the count, smallest first, are the whole subtrees from right to left.
        for width in (SIZE << n for n in range(2 * BITS)):
            if at & width:
                at -= width
                whole = algorithm.root(nodes[at : at + width])
                right = algorithm.node(whole, right) if right else whole
        if at > 0:
            raise AssertionError("an edge has less than a tile at each level")
    return right or algorithm.empty


class Growth:
    """A tree of `size` leaves as far as it takes to add more; a copy grows apart from it."""

    __slots__ = ("_edges", "size")

    def __init__(self, size: int = 0, edges: list[list[bytes]] | None = None) -> None:
        self.size = size
        # By hash function and even level the nodes of the last tile, joined; none once it is full.
        self._edges = edges or [[b""] * len(EVEN) for _ in ALGORITHMS]

    def copy(self) -> Growth:
        """Return a tree that grows apart from this one."""
        return Growth(self.size, [edge.copy() for edge in self._edges])

    def lacks(self, size: int) -> list[Range]:
        """Return which nodes a tree of `size` leaves, no less, has at its edge that this one hasn't.

        One range for each even level; `KNOWN` asks PostgreSQL for the same.
        """
        ends = [(level, size >> BITS * level) for level in EVEN]
        return [(level, max(end & -TILE, self.size >> BITS * level), end) for level, end in ends]

    def caught_up(self, size: int, sha256: bytes, sm3: bytes) -> Growth | None:
        """Return the tree of `size` leaves from what this one `lacks`, joined; None if that doesn't fit."""
        if size < self.size:
            return None
        growth = Growth()
        growth.size = size
        for known, edge, lacking in zip(self._edges, growth._edges, (sha256, sm3), strict=True):
            at = 0
            for place, (_, begin, end) in enumerate(self.lacks(size)):
                width = (end - begin) * SIZE
                # What is known is of the same tile unless the lacking nodes begin another one.
                edge[place] = (known[place] if begin % TILE else b"") + lacking[at : at + width]
                at += width
            if at != len(lacking):
                return None
        return growth

    def extend(self, leaves: Sequence[bytes]) -> list[TileRow]:
        """Add leaves (their bytes, not yet hashed); returns the nodes to store."""
        rows = [
            self._grow(algorithm, edge, b"".join(algorithm.leaves(leaves)))
            for algorithm, edge in zip(ALGORITHMS, self._edges, strict=True)
        ]
        self.size += len(leaves)
        return [
            TileRow(level, first, sha256, sm3)
            for (level, first, sha256), (_, _, sm3) in zip(*rows, strict=True)
        ]

    def _grow(self, algorithm: Algorithm, edge: list[bytes], new: bytes) -> list[tuple[int, int, bytes]]:
        rows = []
        for place, level in enumerate(EVEN):
            if not new:
                break
            first = self.size >> BITS * level
            risen = b""
            while new:
                taken = new[: TILE * SIZE - len(edge[place])]
                rows.append((level, first, taken))
                edge[place] += taken
                first += len(taken) // SIZE
                new = new[len(taken) :]
                if first % TILE == 0:
                    between = algorithm.above(edge[place], BITS)
                    rows.append((level + 1, (first >> BITS) - WIDTH, between))
                    risen += algorithm.above(between, BITS)
                    edge[place] = b""
            new = risen
        return rows

    def roots(self) -> Roots:
        """Return the roots of the tree as it is."""
        sha256, sm3 = (
            root_of_edge(algorithm, edge) for algorithm, edge in zip(ALGORITHMS, self._edges, strict=True)
        )
        return Roots(self.size, sha256, sm3)
