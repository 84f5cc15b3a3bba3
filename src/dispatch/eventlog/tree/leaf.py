"""The bytes of an event that its leaf covers: everything that the log holds of it."""

from __future__ import annotations

from struct import Struct
from struct import error as StructError  # noqa: N812 - as a class is called
from typing import Final

HEADER: Final = Struct(">QQqqII")
"""Position, version, `at`, `recorded_at` (µs since 1970), then the lengths of stream and name in bytes.

All big-endian, 40 bytes. Stream, name and state follow, in UTF-8 as far as they are text; the state
is what remains. The two lengths make it impossible to read the same bytes as another event.
"""


Columns = tuple[int, str, int, str, int, int, bytes]
"""An event's columns in the order of `Stored`, which is one of these."""


def leaf(event: Columns) -> bytes:
    """Return the leaf's bytes, before they are hashed.

    Raises `struct.error` for a number that no log of ours can hold.
    """
    position, stream, version, name, at, recorded_at, state = event
    encoded_stream, encoded_name = stream.encode(), name.encode()
    header = HEADER.pack(position, version, at, recorded_at, len(encoded_stream), len(encoded_name))
    return header + encoded_stream + encoded_name + state


def leaf_as_found(event: Columns) -> bytes:
    """Return an event's leaf; nothing for one with a number that no log can hold, which no leaf is of."""
    try:
        return leaf(event)
    except StructError:
        return b""
