"""The tree as RFC 9162 defines it, slow and obvious, to hold the real one against."""

from collections.abc import Sequence

from dispatch.eventlog.tree.hashes import Algorithm


def split(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def root(algorithm: Algorithm, leaves: Sequence[bytes]) -> bytes:
    """MTH of 2.1.1."""
    if not leaves:
        return algorithm.empty
    if len(leaves) == 1:
        return algorithm.leaf(leaves[0])
    k = split(len(leaves))
    return algorithm.node(root(algorithm, leaves[:k]), root(algorithm, leaves[k:]))


def path(algorithm: Algorithm, m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(algorithm, m, leaves[:k]), root(algorithm, leaves[k:])]
    return [*path(algorithm, m - k, leaves[k:]), root(algorithm, leaves[:k])]


def subproof(algorithm: Algorithm, m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [root(algorithm, leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(algorithm, m, leaves[:k], whole=whole), root(algorithm, leaves[k:])]
    return [*subproof(algorithm, m - k, leaves[k:], whole=False), root(algorithm, leaves[:k])]
