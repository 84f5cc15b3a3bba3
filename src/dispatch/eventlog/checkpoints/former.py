"""A log whose key was changed: each checkpoint is of the one key that signed at its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from dispatch.eventlog.checkpoints.note import NUMBER, Checkpoint, Signature
from dispatch.eventlog.checkpoints.signer import KeyMalformed, Signer, is_signed, public_key


class FormerKey(NamedTuple):
    """A public key as text, and how many events the last checkpoint has that it signed."""

    key: str
    until: int

    @classmethod
    def of(cls, line: str) -> Self:
        """Read it from a line, KEY SIZE; `KeyMalformed`."""
        key, _, until = line.strip().partition(" ")
        if not NUMBER.fullmatch(until):
            raise KeyMalformed(f"{line!r} is no key with the size of the last checkpoint that it signed")
        public_key(key)
        return cls(key, int(until))


def _require_order(former: Sequence[FormerKey]) -> None:
    sizes = [one.until for one in former]
    if sizes != sorted(set(sizes)):
        raise KeyMalformed("former keys stand oldest first, each with a larger size than the one before")


def key_of(keys: str, size: int) -> str:
    """Return which key signs a checkpoint of so many events, of keys as `Signer.key` gives them."""
    present, *former = keys.splitlines()
    return next((one.key for one in map(FormerKey.of, former) if size <= one.until), present)


class PublicKeys:
    """Believes what the keys of a log signed, each in its time, and signs nothing itself."""

    def __init__(self, keys: str) -> None:
        """`keys` are as `Signer.key` gives them, and as an export holds them; `KeyMalformed`."""
        lines = [line.strip() for line in keys.splitlines() if line.strip()]
        if not lines:
            raise KeyMalformed("there is no key in it")
        public_key(lines[0])
        _require_order([FormerKey.of(line) for line in lines[1:]])
        self._key = "\n".join(lines)

    @property
    def key(self) -> str:
        """The public keys as text."""
        return self._key

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        """Tell whether a checkpoint has a right signature of the key of its time."""
        return is_signed(checkpoint, key_of(self._key, checkpoint.roots.size))


class WithFormerKeys:
    """Signs with one key, and believes former ones of the checkpoints up to where each was changed.

    So a former key that was told to somebody signs nothing that comes later.
    """

    def __init__(self, signer: Signer, former: Sequence[FormerKey]) -> None:
        """`former` are in order of time; `KeyMalformed` if they aren't."""
        _require_order(former)
        self._signer, self._former = signer, tuple(former)

    @property
    def key(self) -> str:
        """The public keys as text: that which signs, then one a line those that signed before, with sizes."""
        return "\n".join((self._signer.key, *(f"{one.key} {one.until}" for one in self._former)))

    def sign(self, body: bytes) -> Signature:
        """Sign."""
        return self._signer.sign(body)

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        """Tell whether a checkpoint has a right signature of the key of its time."""
        for one in self._former:
            if checkpoint.roots.size <= one.until:
                return is_signed(checkpoint, one.key)
        return self._signer.has_signed(checkpoint)
