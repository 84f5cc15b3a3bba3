"""The bytes of an event that its leaf covers: everything that the log holds of it."""

from __future__ import annotations

from collections.abc import Iterable
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


def leaves(events: Iterable[Columns]) -> list[bytes]:
    """Return the bytes of each event's leaf, before they are hashed.

    Raises `struct.error` for a number that no log of ours can hold.
    """
    pack = HEADER.pack
    found = []
    # Events wait for this under the log's lock: a loop, and no function for each of them.
    for position, stream, version, name, at, recorded_at, state in events:
        encoded_stream, encoded_name = stream.encode(), name.encode()
        header = pack(position, version, at, recorded_at, len(encoded_stream), len(encoded_name))
        found.append(header + encoded_stream + encoded_name + state)
    return found


def leaf(event: Columns) -> bytes:
    """Return the bytes of one event's leaf."""
    return leaves((event,))[0]


def leaf_as_found(event: Columns) -> bytes:
    """Return an event's leaf; nothing for one with a number that no log can hold, which no leaf is of."""
    try:
        return leaf(event)
    except StructError:
        return b""
