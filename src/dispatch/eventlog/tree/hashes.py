"""The two hash functions of the tree, SHA-256 and SM3, with the prefixes of RFC 9162."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, Self

SIZE: Final = 32
"""Bytes of a hash, of either function."""


class State(Protocol):
    """A hash that is being computed, as `hashlib` has it."""

    def copy(self) -> Self:
        """Return a state that goes on apart from this one."""

    def update(self, content: bytes, /) -> None:
        """Take in more."""

    def digest(self) -> bytes:
        """Return the hash of what was taken in."""


class Algorithm:
    """A hash function as the tree uses it: leaves and nodes can't be mistaken for each other.

    `new` starts a state with some bytes.
    """

    def __init__(self, name: str, new: Callable[[bytes], State]) -> None:
        self.name = name
        # A copy of a state that has the prefix already costs less than a new one.
        self._leaf, self._node = new(b"\x00"), new(b"\x01")
        self.empty = new(b"").digest()
        """The root of a tree without leaves."""

    def leaves(self, contents: Iterable[bytes]) -> list[bytes]:
        """Return the hash of each leaf's bytes."""
        hashes = []
        # Each event waits for this under the log's lock, so there is no call more than needed.
        copy = self._leaf.copy
        for content in contents:
            state = copy()
            state.update(content)
            hashes.append(state.digest())
        return hashes

    def above(self, nodes: bytes, levels: int) -> bytes:
        """Return the nodes so many levels of the tree above these; both side by side, joined."""
        copy = self._node.copy
        for _ in range(levels):
            hashes = []
            for at in range(0, len(nodes), 2 * SIZE):
                state = copy()
                state.update(nodes[at : at + 2 * SIZE])
                hashes.append(state.digest())
            nodes = b"".join(hashes)
        return nodes

    def root(self, nodes: bytes) -> bytes:
        """Return the root over a power of two of nodes side by side, joined."""
        return self.above(nodes, (len(nodes) // SIZE).bit_length() - 1)

    def leaf(self, content: bytes) -> bytes:
        """Return the hash of a leaf's bytes."""
        return self.leaves([content])[0]

    def node(self, left: bytes, right: bytes) -> bytes:
        """Return the hash of a node from those of its two children."""
        return self.above(left + right, 1)


def _of_hashlib(name: str) -> Algorithm:
    return Algorithm(name, lambda start: hashlib.new(name, start))


class _Sm3State:
    """SM3 of `cryptography`, which brings its own OpenSSL, in the form of `hashlib`."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def copy(self) -> Self:
        return type(self)(self._state.copy())

    def update(self, content: bytes, /) -> None:
        self._state.update(content)

    def digest(self) -> bytes:
        return bytes(self._state.copy().finalize())


def sm3_of_cryptography() -> Algorithm:
    """Return SM3 as `cryptography` has it."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only where hashlib has no SM3

    def new(start: bytes) -> State:
        state = _Sm3State(hashes.Hash(hashes.SM3()))
        state.update(start)
        return state

    return Algorithm("sm3", new)


def _sm3() -> Algorithm:
    try:
        return _of_hashlib("sm3")
    except ValueError:  # Python's OpenSSL was built without it
        return sm3_of_cryptography()


SHA256: Final = _of_hashlib("sha256")
SM3: Final = _sm3()
ALGORITHMS: Final = (SHA256, SM3)
