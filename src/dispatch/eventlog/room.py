"""Whether a database's error says that there is no room left on its disk."""

from __future__ import annotations

import sqlite3
from typing import Final

import psycopg

from dispatch.eventlog.log import LogFull

SQLITE_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
"""The second is what a full disk is called when the index of the write-ahead log can't grow."""


def lacks_room(error: BaseException) -> bool:
    """Tell whether an error of a log, or of either database, says that its disk is full."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in SQLITE_FULL
    return isinstance(error, (LogFull, psycopg.errors.DiskFull))
