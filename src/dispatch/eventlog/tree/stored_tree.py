"""The tree as the database holds it: roots and proofs of any size from a few tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from dispatch.eventlog.log import LogUnavailable
from dispatch.eventlog.tree.growth import BITS, WIDTH, Growth, Range, Roots, TileRow
from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE, Algorithm
from dispatch.eventlog.tree.proofs import consistency_path, inclusion_path

Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Asks the log's database; `?` stands for a parameter."""

ROWS: Final = "SELECT level, first, sha256, sm3 FROM nodes WHERE {} ORDER BY level, first"
BEGINNING: Final = "level = ? AND first >= ? AND first < ?"
"""Rows that begin within a range: all of it where a row is known to begin with it."""
OVERLAPPING: Final = """
level = ? AND first >= (SELECT max(first) FROM nodes WHERE level = ? AND first <= ?) AND first < ?
"""
LAST_LEAF: Final = "SELECT first, sha256 FROM nodes WHERE level = 0 ORDER BY first DESC LIMIT 1"
COUNTED: Final = "SELECT level, sum(length(sha256)), sum(length(sm3)) FROM nodes GROUP BY level"
WITHOUT_NODES: Final = f"""
SELECT level, first FROM nodes WHERE length(sha256) < {SIZE} OR length(sm3) < {SIZE} ORDER BY level, first
"""  # noqa: S608 - a constant

Tile = tuple[int, int]
"""16 nodes of a level, side by side: the level, and their place in it, from 0."""


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


def _nodes_over(begin: int, width: int, size: int) -> Range:
    """Return the stored nodes that the root over `width` (a power of two) leaves is computed from.

    `size` is that of the stored tree: where it has no nodes of an odd level yet, it takes those below.
    """
    level = (width.bit_length() - 1) // BITS
    above = BITS * (level + 1)
    if level % 2 and begin >> above >= size >> above:
        level -= 1
    return level, begin >> BITS * level, begin + width >> BITS * level


def _parts(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Divide leaves into whole subtrees, as the tree does: where each begins, and its width."""
    while begin < end:
        width = 1 << (end - begin).bit_length() - 1
        yield begin, width
        begin += width


class _Tiles:
    """Some tiles in memory, of one hash function, and the subtrees' roots that follow from them."""

    def __init__(self, algorithm: Algorithm, tiles: dict[Tile, bytes], size: int) -> None:
        self._algorithm, self._tiles, self._size = algorithm, tiles, size

    def whole(self, begin: int, width: int) -> bytes:
        """Return the root of a whole subtree: `width` (a power of two) leaves from `begin` on."""
        level, first, end = _nodes_over(begin, width, self._size)
        tiles = (self._tiles.get((level, tile), b"") for tile in _tiles_of(first, end))
        found = b"".join(tiles)[first % WIDTH * SIZE :][: (end - first) * SIZE]
        if len(found) != (end - first) * SIZE:
            raise TreeBroken(f"the tree lacks nodes {first} to {end - 1} of level {level}")
        return self._algorithm.root(found)

    def subtree(self, begin: int, end: int) -> bytes:
        """Return the root over the leaves from `begin` up to `end`, as the tree divides them."""
        *lefts, right = (self.whole(*part) for part in _parts(begin, end))
        for left in reversed(lefts):
            right = self._algorithm.node(left, right)
        return right


def _tiles_of(first: int, end: int) -> range:
    return range(first // WIDTH, (end - 1) // WIDTH + 1)


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
        self._within(size, least=0)
        return self.growth(size).roots()

    def growth(self, size: int) -> Growth:
        """Return the tree of the first `size` events, to go on from."""
        edge = Growth().lacks(size)
        condition = " OR ".join(f"({BEGINNING})" for _ in edge)
        joined = [b"", b""]
        for row in map(TileRow._make, self._rows(ROWS.format(condition), [n for part in edge for n in part])):
            within = (size >> BITS * row.level) - row.first
            joined[0] += row.sha256[: within * SIZE]
            joined[1] += row.sm3[: within * SIZE]
        growth = Growth().caught_up(size, *joined)
        if growth is None:
            raise TreeBroken(f"the tree lacks nodes at the edge of its first {size} leaves")
        return growth

    def inclusion(self, position: int, size: int) -> Proof:
        """Return the proof that the event at a position (from 1) is in the tree of `size` events."""
        stored = self._within(size)
        if not 1 <= position <= size:
            raise SizeNotInTree(position, size)
        return self._proof(stored, lambda subtree: inclusion_path(subtree, position - 1, size))

    def consistency(self, old: int, size: int) -> Proof:
        """Return the proof that the tree of `size` events begins with that of `old` events."""
        stored = self._within(size, least=0)
        if not 0 <= old <= size:
            raise SizeNotInTree(old, size)
        return self._proof(stored, lambda subtree: consistency_path(subtree, old, size))

    def rows(self, level: int, begin: int, end: int) -> list[TileRow]:
        """Return the stored rows of a level that begin at one index or after it, and before another."""
        return list(map(TileRow._make, self._rows(ROWS.format(BEGINNING), (level, begin, end))))

    def counted(self) -> dict[int, tuple[int, int]]:
        """Return how many bytes of hashes each level holds, SHA-256 and SM3."""
        return {level: (int(sha256), int(sm3)) for level, sha256, sm3 in self._rows(COUNTED, ())}

    def without_nodes(self) -> list[tuple[int, int]]:
        """Return the rows (level, and where they begin) that hold no node, and so are none of a tree."""
        return [(level, first) for level, first in self._rows(WITHOUT_NODES, ())]

    def _within(self, size: int, least: int = 1) -> int:
        """Return the size of the stored tree, which has at least that one."""
        stored = self.size()
        if not least <= size <= stored:
            raise SizeNotInTree(size, stored)
        return stored

    def _proof(self, size: int, path: Callable[[Callable[[int, int], bytes]], list[bytes]]) -> Proof:
        wanted: set[Tile] = set()

        def note(begin: int, end: int) -> bytes:
            for part in _parts(begin, end):
                level, first, last = _nodes_over(*part, size)
                wanted.update((level, tile) for tile in _tiles_of(first, last))
            return b""

        # Walked twice: to know what is needed, so that the database is asked once, and to compute it.
        path(note)
        found = self._load(wanted)
        sha256, sm3 = (
            path(_Tiles(algorithm, tiles, size).subtree)
            for algorithm, tiles in zip(ALGORITHMS, found, strict=True)
        )
        return Proof(sha256, sm3)

    def _load(self, wanted: set[Tile]) -> list[dict[Tile, bytes]]:
        """Return the nodes of these tiles in each hash function, as many as there are, joined."""
        found: list[dict[Tile, bytes]] = [{}, {}]
        if not wanted:
            return found
        bounds: list[int] = []
        for level, tile in sorted(wanted):
            if (level, tile - 1) in wanted:
                bounds[-1] += WIDTH
            else:
                bounds += (level, level, tile * WIDTH, (tile + 1) * WIDTH)
        condition = " OR ".join(f"({OVERLAPPING})" for _ in range(len(bounds) // 4))
        for row in map(TileRow._make, self._rows(ROWS.format(condition), bounds)):
            for tiles, joined in zip(found, (row.sha256, row.sm3), strict=True):
                end = row.first + len(joined) // SIZE
                for tile in _tiles_of(row.first, end):
                    begin = max(tile * WIDTH, row.first)
                    nodes = tiles.get((row.level, tile), b"")
                    if len(nodes) == begin % WIDTH * SIZE:
                        part = joined[(begin - row.first) * SIZE : ((tile + 1) * WIDTH - row.first) * SIZE]
                        tiles[row.level, tile] = nodes + part
                    elif (row.level, tile) in wanted:
                        raise TreeBroken(f"the tree has a gap before node {begin} of level {row.level}")
        return found
