"""A checkpoint as text: the signed note of C2SP, with the tree head of its tlog-checkpoint.

Five lines say which log, how many events, the SHA-256 root and, as extension lines, the SM3 root (both in
base64) and when it was issued (µs since 1970; older ones don't say it); after an empty line come signatures,
`— NAME BASE64(key id ‖ signature)`.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final, NamedTuple

from dispatch.eventlog.tree.growth import Roots
from dispatch.eventlog.tree.hashes import SIZE

DASH: Final = "—"
KEY_ID: Final = 4
"""Bytes of a key's id before a signature."""
LARGEST: Final = 1_000_000
"""Characters of a note that is looked at."""
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteMalformed(ValueError):
    """This text is no checkpoint; the message says why."""


class CheckpointUnreadable(NoteMalformed):
    """What lies where a checkpoint of `size` events is looked for is none; the message names it."""

    def __init__(self, said: str, size: int) -> None:
        super().__init__(said)
        self.size = size


class Signature(NamedTuple):
    """One line of signature: the key's name and id, and what it signed."""

    name: str
    key_id: bytes
    signature: bytes


class Checkpoint(NamedTuple):
    """What a checkpoint says: of which log, its roots at a size, who signed it; `body` is what was signed.

    `issued_at` in µs since 1970, None where it isn't said.
    """

    origin: str
    roots: Roots
    signatures: tuple[Signature, ...]
    body: bytes
    note: str
    issued_at: int | None = None


def body_of(origin: str, roots: Roots, issued_at: int | None = None) -> str:
    """Return the text to sign."""
    sha256, sm3 = (b64encode(root).decode() for root in (roots.sha256, roots.sm3))
    at = "" if issued_at is None else f"at {issued_at}\n"
    return f"{origin}\n{roots.size}\n{sha256}\nsm3 {sm3}\n{at}"


def signed(body: str, signatures: list[Signature]) -> str:
    """Return the whole note."""
    lines = [
        f"{DASH} {name} {b64encode(key_id + signature).decode()}\n" for name, key_id, signature in signatures
    ]
    return f"{body}\n{''.join(lines)}"


def parse(note: str) -> Checkpoint:
    """Return what a note says, without checking who signed it; raises `NoteMalformed`."""
    body, empty, signatures = note.partition("\n\n")
    if len(note) > LARGEST or not empty or not note.endswith("\n"):
        raise NoteMalformed("a checkpoint is a few lines, an empty one and signatures")
    lines = body.split("\n")
    if len(lines) < 4 or not lines[0] or not NUMBER.fullmatch(lines[1]):  # noqa: PLR2004 - see above
        raise NoteMalformed("a checkpoint says its log, a size and two roots")
    sm3 = [line.removeprefix("sm3 ") for line in lines[3:] if line.startswith("sm3 ")]
    if len(sm3) != 1:
        raise NoteMalformed("a checkpoint has one line with the SM3 root")
    roots = Roots(int(lines[1]), _bytes(lines[2], SIZE), _bytes(sm3[0], SIZE))
    found = tuple(_signature(line) for line in signatures.removesuffix("\n").split("\n"))
    times = [line.removeprefix("at ") for line in lines[3:] if line.startswith("at ")]
    issued_at = int(times[0]) if len(times) == 1 and NUMBER.fullmatch(times[0]) else None
    return Checkpoint(lines[0], roots, found, f"{body}\n".encode(), note, issued_at)


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH:  # noqa: PLR2004 - dash, name, signature
        raise NoteMalformed("a signature is a line of dash, name and base64")
    signature = _bytes(parts[2])
    return Signature(parts[1], signature[:KEY_ID], signature[KEY_ID:])


def _bytes(text: str, length: int | None = None) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        raise NoteMalformed("a checkpoint has a line that is no base64") from None
    if b64encode(found).decode() != text:
        raise NoteMalformed("a checkpoint has a line of base64 with more bits than its bytes have")
    if length is not None and len(found) != length:
        raise NoteMalformed(f"a root has {length} bytes")
    return found
