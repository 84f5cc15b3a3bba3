"""Generations as PostgreSQL schemas `dispatch_views_<n>`, listed in `dispatch_views.generations`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.numeric import Int8BinaryDumper

from dispatch.eventlog.postgres_connection import KEEPALIVE, PatientConnection, prompt
from projections.engine.generations import Generations, RebuildRunning, Seen, Session
from projections.engine.postgres_store import PATIENCE, PostgresStore
from projections.engine.store import standing_from

SETUP = """
CREATE SCHEMA IF NOT EXISTS dispatch_views;
CREATE TABLE IF NOT EXISTS dispatch_views.generations (
    number     bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    state      text NOT NULL CHECK (state IN ('building', 'live', 'old')),
    since      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS one_is_live ON dispatch_views.generations (state) WHERE state = 'live';
"""

SETTINGS = """
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '10s';
SET idle_session_timeout = '15s';
SET jit = off
"""
"""A stopped process loses its locks after 15 s: it says something every second while it lives."""

LEADING, REBUILDING, SETTING_UP = 7_301_001, 7_301_002, 7_301_003
"""Keys of advisory locks, in one database: who projects, who rebuilds, who creates tables."""

GRACE = "30 seconds"
"""How long a superseded generation stays for readers in processes that haven't noticed yet."""

MOMENT = 2.0
"""Seconds after which a lock that is still taken means that somebody rebuilds."""

THERE = "SELECT to_regclass('dispatch_views.generations')"
ANY = """
SELECT EXISTS (SELECT FROM dispatch_views.generations)
    OR EXISTS (SELECT FROM pg_namespace WHERE nspname ~ '^dispatch_views_[0-9]+$')
"""
LIVE = "SELECT number FROM dispatch_views.generations WHERE state = 'live'"


READ_SECONDS = 10.0
"""How long the answer to one query may take; those of a service's questions take a fraction of it."""


class PostgresGenerations(Generations):
    """The generations in one PostgreSQL database, for any number of processes.

    `patience` is how many seconds a reader waits for one answer of the server.
    """

    def __init__(self, url: str, *, readers: int = 10, patience: float = READ_SECONDS) -> None:
        super().__init__()
        self._url, self._readers, self._patience = url, readers, patience

    def claim(self) -> None:
        """Do nothing: PostgreSQL serves several processes, of which one projects."""

    def session(self) -> Session:
        """Open a session; raises psycopg's errors when the database is away."""
        return PostgresSession(self._url)

    def tidy(self) -> None:
        """Remove generations superseded a while ago, and those whose building was broken off."""
        with PostgresSession(self._url) as session:
            session.drop_unused(self._forget)

    def _engine(self, generation: int) -> sa.Engine:
        options = f"-csearch_path=dispatch_views_{generation}"
        return sa.create_engine(
            "postgresql+psycopg://",
            creator=prompt(self._url, seconds=self._patience, options=options),
            pool_size=self._readers,
            max_overflow=2 * self._readers,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            hide_parameters=True,
        )


class PostgresSession(Session):
    """One connection, with the advisory locks that were taken on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = connect(url)
        self._listening = False
        try:
            # Who may only read can't even make what is there.
            if self._one(THERE) is None:
                self._execute("SELECT pg_advisory_lock(%s)", SETTING_UP)
                self._execute(SETUP)
                self._execute("SELECT pg_advisory_unlock(%s)", SETTING_UP)
        except BaseException:
            self._connection.close()
            raise

    def _execute(self, sql: str, *values: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        self._connection.allow(PATIENCE)
        return self._connection.execute(sql, values or None)

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._execute(sql, *values).fetchone()
        return None if row is None else row[0]

    def lead(self) -> bool:
        """Try to become the one that projects, for as long as the session lasts."""
        leading = bool(self._one("SELECT pg_try_advisory_lock(%s)", LEADING))
        if leading and self._listening:
            self._execute("UNLISTEN dispatch_views")
            self._listening = False
        return leading

    def check(self) -> int | None:
        """Return the live generation; that the connection answers means that the locks are held."""
        number: int | None = self._one(LIVE)
        return number

    def look(self) -> Seen:
        """Return the live generation and how far it has come."""
        number = self.check()
        if number is None:
            return Seen(None, {})
        try:
            rows = self._execute(f'SELECT * FROM "{schema(number)}".positions').fetchall()  # noqa: S608 (a number)
        except psycopg.errors.UndefinedTable:
            return Seen(None, {})  # swapped and dropped between the two queries
        return Seen(number, {values[0]: standing_from(values) for values in rows})

    def any(self) -> bool:
        """Tell whether there is a generation's schema, or one is listed."""
        return bool(self._one(ANY))

    def await_change(self, timeout: float) -> None:
        """Wait until the read models change, or for `timeout` seconds."""
        if not self._listening:
            self._execute("LISTEN dispatch_views")
            self._listening = True
        self._connection.allow(timeout + PATIENCE)
        for _ in self._connection.notifies(timeout=timeout, stop_after=1):
            pass

    def announce(self) -> None:
        """Tell the other processes that the read models have changed."""
        self._execute("NOTIFY dispatch_views")

    def begin_rebuild(self) -> int:
        """Return the number of a new, empty generation; raise RebuildRunning if one is being built."""
        # Whoever tidies holds this lock for a moment; whoever rebuilds holds it for longer than that.
        deadline = monotonic() + MOMENT
        while not self._one("SELECT pg_try_advisory_lock(%s)", REBUILDING):
            if monotonic() > deadline:
                raise RebuildRunning
            sleep(0.05)
        self._drop_building()
        number = int(
            self._one("INSERT INTO dispatch_views.generations (state) VALUES ('building') RETURNING number")
        )
        self._execute(f'CREATE SCHEMA "{schema(number)}"')
        return number

    def store(self, generation: int, *, live: bool) -> PostgresStore:
        """Return the way to write a generation, over this session's connection."""
        return PostgresStore(self._connection, schema(generation), fenced=generation if live else None)

    @contextmanager
    def swap(self, generation: int) -> Iterator[Seen]:
        """Make a generation the live one at the end of the block."""
        # A connection of its own: the session's commits the last batches meanwhile.
        with connect(self._url) as connection:
            connection.allow(PATIENCE)
            with connection.transaction():
                connection.execute(f"{LIVE} FOR UPDATE")
                seen = self.look()
                yield seen
                connection.allow(PATIENCE)
                change = "UPDATE dispatch_views.generations SET state = %s, since = now() WHERE number = %s"
                if seen.generation is not None:
                    connection.execute(change, ["old", seen.generation])
                connection.execute(change, ["live", generation])

    def discard(self, generation: int) -> None:
        """Remove a generation that hasn't gone live; if the database is away, the next rebuild does."""
        with suppress(psycopg.Error):
            if self.check() != generation:
                self._drop(generation)

    def drop_unused(self, forget: Any) -> None:
        """Drop old generations that nobody reads, and those that were never finished."""
        old = f"SELECT number FROM dispatch_views.generations WHERE state = 'old' AND since < now() - interval '{GRACE}'"  # noqa: S608, E501 (a constant)
        for (number,) in self._execute(old).fetchall():
            # Who still reads it keeps it: the next time will do.
            if forget(number):
                with suppress(psycopg.errors.LockNotAvailable):
                    self._drop(number)
        if self._one("SELECT pg_try_advisory_lock(%s)", REBUILDING):
            self._drop_building()
            self._execute("SELECT pg_advisory_unlock(%s)", REBUILDING)

    def _drop_building(self) -> None:
        """Drop what a rebuild left that was broken off; the caller holds the lock of rebuilds."""
        sql = "SELECT number FROM dispatch_views.generations WHERE state = 'building'"
        for (number,) in self._execute(sql).fetchall():
            self._drop(number)

    def _drop(self, generation: int) -> None:
        with self._connection.transaction():
            self._execute(f'DROP SCHEMA IF EXISTS "{schema(generation)}" CASCADE')
            self._execute("DELETE FROM dispatch_views.generations WHERE number = %s", generation)

    def close(self) -> None:
        """Give up the locks and the connection."""
        # A server notices a closed connection a little later; others needn't wait for that.
        with suppress(psycopg.Error):
            self._connection.allow(1.0)
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()


def schema(generation: int) -> str:
    """Return the name of a generation's schema."""
    return f"dispatch_views_{generation}"


def connect(url: str) -> PatientConnection:
    """Connect for one session, in auto-commit mode; raises psycopg's errors."""
    connection = PatientConnection.connect(url, autocommit=True, **KEEPALIVE)
    try:
        connection.allow(PATIENCE)
        # All integers as bigint, whatever their size: one prepared statement, not one for each size.
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        connection.execute(SETTINGS)
    except BaseException:
        connection.close()
        raise
    return connection
