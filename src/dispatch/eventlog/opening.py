"""Opening the log that a URL names."""

from collections.abc import Callable
from datetime import datetime

from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.postgres import PostgresLog
from dispatch.eventlog.sqlite import SqliteLog

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


def open_log(
    database_url: str,
    *,
    clock: Callable[[], datetime],
    complete_tree: bool = True,
    upgrade: bool = True,
    make: bool = True,
) -> DatabaseLog:
    """Open the log of a database, making its tables when they are missing, if `make`.

    `database_url` is `postgresql://…`, `sqlite:///PATH` (an absolute path has four slashes) or
    `sqlite:///:memory:`. `clock` gives the aware time at which events are recorded.
    A tree that lacks events is completed, unless what is to be found out is whether it does.
    Tables of an earlier version are upgraded, or refused with `EarlierSchema` unless `upgrade`; missing ones
    are refused with `NoLog` unless `make`, and made beside no others in a file: `AnotherProgram`.

    Raises `LogUnavailable` when the database is away, `UnknownSchema` when its tables are a later
    version's, and `ValueError` for another kind of URL.
    """
    if database_url.startswith(POSTGRES):
        return PostgresLog(database_url, clock=clock, complete_tree=complete_tree, upgrade=upgrade, make=make)
    if database_url.startswith(SQLITE):
        path = database_url.removeprefix(SQLITE)
        return SqliteLog(path, clock=clock, complete_tree=complete_tree, upgrade=upgrade, make=make)
    kind = database_url.partition(":")[0]
    raise ValueError(f"the log can't be kept in {kind!r}; use postgresql:// or sqlite:///")
