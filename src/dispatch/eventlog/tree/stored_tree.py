"""The tree as the database holds it: roots and proofs of any size from a few tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from dispatch.eventlog.log import LogUnavailable
from dispatch.eventlog.tree.growth import BITS, WIDTH, Growth, Roots, TileRow, counts, fold, starts
from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE, Algorithm
from dispatch.eventlog.tree.proofs import consistency_path, inclusion_path

Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Asks the log's database; `?` stands for a parameter."""

TILES: Final = "SELECT level, first, sha256, sm3 FROM tree WHERE {} ORDER BY level, first"
TILE: Final = "level = ? AND first >= ? AND first < ?"
LAST_LEAF: Final = "SELECT first, sha256 FROM tree WHERE level = 0 ORDER BY first DESC LIMIT 1"

Wanted = tuple[int, int]
"""A tile: its level and its place in it, from 0."""


class TreeBroken(LogUnavailable):
    """The stored tree is not one that this log can have; nothing is appended, `dispatch verify` says more."""


class SizeNotInTree(ValueError):
    """The tree has no such size, or no such position: it has 1 to `size`."""

    def __init__(self, asked: int, size: int) -> None:
        self.asked, self.size = asked, size
        super().__init__(f"{asked} is not within the tree's {size} positions")


class Proof(NamedTuple):
    """The hashes of an inclusion or a consistency proof, in the order of RFC 9162."""

    sha256: list[bytes]
    sm3: list[bytes]


class _Tiles:
    """Some tiles in memory, of one hash function, and the subtrees' roots that follow from them."""

    def __init__(self, algorithm: Algorithm, nodes: dict[Wanted, list[bytes]]) -> None:
        self._algorithm, self._nodes = algorithm, nodes

    def _node(self, level: int, index: int, width: int) -> bytes:
        """Return the root over `width` nodes of a level, a power of two up to a tile, from `index` on."""
        tile = self._nodes.get((level, index // WIDTH), [])
        found = tile[index % WIDTH : index % WIDTH + width]
        if len(found) != width:
            raise TreeBroken(f"the tree lacks nodes {index} to {index + width - 1} of level {level}")
        return fold(self._algorithm, found)

    def whole(self, begin: int, width: int) -> bytes:
        """Return the root of a whole subtree: `width` (a power of two) leaves from `begin` on."""
        level = (width.bit_length() - 1) // BITS
        return self._node(level, begin >> BITS * level, width >> BITS * level)

    def subtree(self, begin: int, end: int) -> bytes:
        """Return the root over the leaves from `begin` up to `end`, as the tree divides them."""
        parts = []
        at = begin
        while at < end:
            width = 1 << (end - at).bit_length() - 1
            parts.append(self.whole(at, width))
            at += width
        right = parts.pop()
        for left in reversed(parts):
            right = self._algorithm.node(left, right)
        return right


def _tiles_of(begin: int, end: int) -> set[Wanted]:
    """Return the tiles that `_Tiles.subtree` looks at."""
    wanted = set()
    at = begin
    while at < end:
        width = 1 << (end - at).bit_length() - 1
        level = (width.bit_length() - 1) // BITS
        wanted.add((level, (at >> BITS * level) // WIDTH))
        at += width
    return wanted


class StoredTree:
    """Roots and proofs from the log's database; raises `LogUnavailable`, `TreeBroken`, `SizeNotInTree`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def size(self) -> int:
        """Return how many leaves the stored tree has; the log's head, unless something is wrong."""
        for first, hashes in self._rows(LAST_LEAF, ()):
            return int(first) + len(hashes) // SIZE
        return 0

    def roots(self, size: int) -> Roots:
        """Return the roots as they were when the log had `size` events."""
        growth = self.growth(self._within(size, least=0))
        return growth.roots()

    def growth(self, size: int) -> Growth:
        """Return the tree of the first `size` events, to go on from."""
        edge = list(enumerate(zip(starts(size), counts(size), strict=True)))
        found = self._load({(level, first // WIDTH) for level, (first, count) in edge if count})
        joined = [b"", b""]
        for level, (first, count) in edge:
            for kind, tiles in enumerate(found):
                joined[kind] += b"".join(tiles.get((level, first // WIDTH), [])[:count])
        growth = Growth.from_edge(size, *joined)
        if growth is None:
            raise TreeBroken(f"the tree lacks nodes at the edge of its first {size} leaves")
        return growth

    def inclusion(self, position: int, size: int) -> Proof:
        """Return the proof that the event at a position (from 1) is in the tree of `size` events."""
        self._within(size)
        if not 1 <= position <= size:
            raise SizeNotInTree(position, size)
        return self._proof(lambda subtree: inclusion_path(subtree, position - 1, size))

    def consistency(self, old: int, size: int) -> Proof:
        """Return the proof that the tree of `size` events begins with that of `old` events."""
        self._within(size, least=0)
        if not 0 <= old <= size:
            raise SizeNotInTree(old, size)
        return self._proof(lambda subtree: consistency_path(subtree, old, size))

    def rows(self, level: int, begin: int, end: int) -> list[TileRow]:
        """Return a level's nodes from one index up to another, as they are stored; both multiples of 16."""
        return list(map(TileRow._make, self._rows(TILES.format(TILE), (level, begin, end))))

    def _within(self, size: int, least: int = 1) -> int:
        if not least <= size or (size and size > self.size()):
            raise SizeNotInTree(size, self.size())
        return size

    def _proof(self, path: Callable[[Callable[[int, int], bytes]], list[bytes]]) -> Proof:
        wanted: set[Wanted] = set()

        def note(begin: int, end: int) -> bytes:
            wanted.update(_tiles_of(begin, end))
            return b""

        # Walked twice: to know what is needed, so that the database is asked once, and to compute it.
        path(note)
        found = self._load(wanted)
        sha256, sm3 = (
            path(_Tiles(algorithm, tiles).subtree) for algorithm, tiles in zip(ALGORITHMS, found, strict=True)
        )
        return Proof(sha256, sm3)

    def _load(self, wanted: set[Wanted]) -> list[dict[Wanted, list[bytes]]]:
        """Return the nodes of these tiles in each hash function, as many as there are."""
        found: list[dict[Wanted, list[bytes]]] = [{}, {}]
        if not wanted:
            return found
        ordered = sorted(wanted)
        condition = " OR ".join(f"({TILE})" for _ in ordered)
        bounds = [n for level, tile in ordered for n in (level, tile * WIDTH, (tile + 1) * WIDTH)]
        for row in map(TileRow._make, self._rows(TILES.format(condition), bounds)):
            for tiles, joined in zip(found, (row.sha256, row.sm3), strict=True):
                nodes = tiles.setdefault((row.level, row.first // WIDTH), [])
                if len(nodes) != row.first % WIDTH:
                    raise TreeBroken(f"the tree has a gap before node {row.first} of level {row.level}")
                nodes += [joined[at : at + SIZE] for at in range(0, len(joined), SIZE)]
        return found
