"""Inclusion and consistency proofs (RFC 9162): made from subtrees' roots, checked without the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dispatch.eventlog.tree.hashes import Algorithm

Subtree = Callable[[int, int], bytes]
"""Gives the root over the leaves from one index up to another, that one excluded."""


def split(size: int) -> int:
    """Return the largest power of two below a size of at least 2: where the tree divides."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at `index` (from 0) is in the tree of `size` leaves (2.1.3.1)."""
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(begin, middle))
            begin = middle
    return path[::-1]


def consistency_path(subtree: Subtree, old: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` leaves begins with that of `old` leaves (2.1.4.1).

    Empty when `old` is 0 or `size`: there is nothing to prove then.
    """
    if old in {0, size}:
        return []
    begin, end = 0, size
    path = []
    whole = True  # whether what is left is the old tree itself, whose root the asker knows
    while end != old:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(begin, middle))
            begin = middle
            whole = False
    if not whole:
        path.append(subtree(begin, end))
    return path[::-1]


def includes(
    algorithm: Algorithm, leaf_hash: bytes, path: Sequence[bytes], *, index: int, size: int, root: bytes
) -> bool:
    """Tell whether a path proves that a leaf is in the tree with this root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    reached = leaf_hash
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = algorithm.node(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = algorithm.node(reached, step)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def consistent(
    algorithm: Algorithm, path: Sequence[bytes], *, old: int, size: int, old_root: bytes, root: bytes
) -> bool:
    """Tell whether a path proves that one tree is the beginning of another (2.1.4.2)."""
    if old in {0, size}:
        return not path and old_root == (root if old else algorithm.empty)
    if not 0 < old < size or not path:
        return False
    steps = list(path)
    if old & old - 1 == 0:
        steps.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_reached = reached = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_reached, reached = algorithm.node(step, old_reached), algorithm.node(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = algorithm.node(reached, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old_reached == old_root and reached == root
