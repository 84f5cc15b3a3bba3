"""What went wrong with the database, in a sentence that says what to do."""

import re
import sqlite3
from typing import Final

import psycopg

from dispatch.eventlog.room import lacks_room

FULL: Final = "The database's disk is full, and nothing was recorded. Make room on it, then try again."
ANOTHER: Final = "name another (--database or DISPATCH_DATABASE)"
REFUSED: Final = re.compile(r"failed: (?:(?:FATAL|致命错误):\s*|fe_sendauth: )([^;\n]+)")
"""What a server said that did answer, in either language; libpq gives no code of it."""
BEGINS_OR_ENDS: Final = re.compile("starting up|shutting down|in recovery mode|启动|关闭|恢复")
NO_ROOM_FOR_MORE: Final = re.compile("too many |connection slots|太多|连接槽")


def of_the_driver(error: psycopg.Error | sqlite3.Error) -> str:
    """Return what a database said that nobody else has put into words, and what to do."""
    said = str(error).partition("\n")[0].rstrip(".")
    if lacks_room(error):
        return FULL
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return f"The database doesn't let the role of its URL do this: {said}. Use the service's own role."
    if isinstance(error, sqlite3.Error):
        return unavailable(f"SQLite: {said}")
    if isinstance(error, psycopg.OperationalError):
        return unavailable(f"PostgreSQL: {error}")
    return f"The database doesn't take this: {said}. Run dispatch verify, which says what is wrong with it."


def unavailable(said: str) -> str:
    """Return what came of working with the database at all; a file can't be started."""
    said = "; ".join(filter(None, map(str.strip, said.splitlines()))).rstrip(".?")
    if not said.startswith("SQLite"):
        return _of_a_server(said)
    if "readonly" in said:
        return f"The database can't be written: {said}. Run this as the user whose files it consists of."
    if "locked" in said:
        return f"The database is busy: {said}. Try again when what works on it is done."
    return f"The database can't be used: {said}. Put a backup in its place, or {ANOTHER}."


def _of_a_server(said: str) -> str:
    # Of several hosts, or with and without TLS, each attempt has its own words.
    answers = "; ".join(dict.fromkeys(one.strip().rstrip(".") for one in REFUSED.findall(said)))
    if not answers or BEGINS_OR_ENDS.search(answers):
        return f"The database is away: {said}. Start it, or {ANOTHER}."
    if NO_ROOM_FOR_MORE.search(answers):
        return (
            f"PostgreSQL takes no further connection: {answers}. Raise its max_connections, or let fewer "
            "processes use it; then try again."
        )
    return (
        f"PostgreSQL lets nobody in so: {answers}. Name a role, a database and a password that it takes "
        "(--database or DISPATCH_DATABASE)."
    )
