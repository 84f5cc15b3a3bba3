"""The right edge of the tree, from which it grows: no more than 15 nodes of each level.

The tree is kept in *tiles* of 16 nodes. Level 0 has the leaves' hashes, level 1 the roots of whole
subtrees of 16 leaves, level 2 of 256, and so on; what lies between two levels is computed from the
lower one, at most 15 hashes for a tile. So a log of n events has about 1.07 n stored nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE, Algorithm

BITS: Final = 4
WIDTH: Final = 1 << BITS
"""Nodes of a tile."""
LEVELS: Final = 16
"""Levels of tiles: 16 of them hold more leaves than a position can count."""


class TileRow(NamedTuple):
    """Nodes side by side within one tile, as they were written together: `first` is the first one's index.

    The hashes of each kind are concatenated, 32 bytes each.
    """

    level: int
    first: int
    sha256: bytes
    sm3: bytes


class Roots(NamedTuple):
    """The root of a tree in both hash functions."""

    size: int
    sha256: bytes
    sm3: bytes


def fold(algorithm: Algorithm, hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of nodes side by side."""
    while len(hashes) > 1:
        hashes = algorithm.parents(hashes)
    return hashes[0]


def root_of_edge(algorithm: Algorithm, edge: Iterable[Sequence[bytes]]) -> bytes:
    """Return the root of the tree whose right edge this is, level 0 first (RFC 9162, 2.1.1)."""
    right = b""
    for nodes in edge:
        at = len(nodes)
        # The set bits of the count, smallest first, are the whole subtrees from right to left.
        for bit in (1 << n for n in range(BITS)):
            if at & bit:
                at -= bit
                whole = fold(algorithm, nodes[at : at + bit])
                right = algorithm.node(whole, right) if right else whole
        if at > 0:
            raise AssertionError("an edge has less than a tile at each level")
    return right or algorithm.empty


def counts(size: int) -> list[int]:
    """Return how many nodes the edge of a tree has at each level: the hexadecimal digits of its size."""
    return [size >> BITS * level & WIDTH - 1 for level in range(LEVELS)]


def starts(size: int) -> list[int]:
    """Return the index of the first node of the edge at each level."""
    return [size >> BITS * level & -WIDTH for level in range(LEVELS)]


class Growth:
    """A tree of `size` leaves as far as it takes to add more; `extended` leaves it as it is."""

    __slots__ = ("_edges", "size")

    def __init__(self) -> None:
        self.size = 0
        self._edges: list[list[list[bytes]]] = [[[] for _ in range(LEVELS)] for _ in ALGORITHMS]

    @classmethod
    def from_edge(cls, size: int, sha256: bytes, sm3: bytes) -> Self | None:
        """Return a tree from the nodes of its edge, concatenated from level 0 on; None if they don't fit."""
        number = sum(counts(size))
        if len(sha256) != number * SIZE or len(sm3) != number * SIZE:
            return None
        growth = cls()
        growth.size = size
        for edge, joined in zip(growth._edges, (sha256, sm3), strict=True):
            nodes = iter([joined[at : at + SIZE] for at in range(0, len(joined), SIZE)])
            for level, count in enumerate(counts(size)):
                edge[level] = [next(nodes) for _ in range(count)]
        return growth

    def copy(self) -> Growth:
        """Return a tree that grows apart from this one."""
        copied = Growth()
        copied.size = self.size
        copied._edges = [[nodes.copy() for nodes in edge] for edge in self._edges]
        return copied

    def extend(self, leaves: Sequence[bytes]) -> list[TileRow]:
        """Add leaves (their bytes, not yet hashed); returns the nodes to store, lower levels first."""
        rows = [
            self._grow(algorithm, edge, algorithm.leaves(leaves))
            for algorithm, edge in zip(ALGORITHMS, self._edges, strict=True)
        ]
        self.size += len(leaves)
        return [
            TileRow(level, first, sha256, sm3)
            for (level, first, sha256), (_, _, sm3) in zip(*rows, strict=True)
        ]

    def _grow(
        self, algorithm: Algorithm, edge: list[list[bytes]], new: list[bytes]
    ) -> list[tuple[int, int, bytes]]:
        rows = []
        first = self.size
        for level, nodes in enumerate(edge):
            risen = []
            at = 0
            while at < len(new):
                taken = new[at : at + WIDTH - len(nodes)]
                rows.append((level, first + at, b"".join(taken)))
                nodes.extend(taken)
                at += len(taken)
                if len(nodes) == WIDTH:
                    risen.append(fold(algorithm, nodes))
                    nodes.clear()
            if not risen:
                break
            new, first = risen, first >> BITS
        return rows

    def roots(self) -> Roots:
        """Return the roots of the tree as it is."""
        sha256, sm3 = (
            root_of_edge(algorithm, edge) for algorithm, edge in zip(ALGORITHMS, self._edges, strict=True)
        )
        return Roots(self.size, sha256, sm3)
