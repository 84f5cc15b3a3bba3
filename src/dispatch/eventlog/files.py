"""Files: of databases that only their owner may read, and why one can't be used."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600


def in_words(error: Exception) -> str:
    """Return why a file can't be used, without its name, for who is told that too."""
    if isinstance(error, UnicodeDecodeError):
        return "it is no text"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def for_its_owner_only(path: str | Path) -> None:
    """Make a database's file for its owner only, unless it is there; if it can't be, connecting says so.

    SQLite gives the files that it makes beside one the same mode. One that is there is not even opened:
    closing it would let go of every lock that this process holds on it, and another process would then
    remove from under us what SQLite has not yet written back.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
