"""A connection to PostgreSQL on which no call waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8BinaryDumper

from dispatch.eventlog import postgres_arrays, schema
from dispatch.eventlog.postgres_silence import Inquiry

T = TypeVar("T")

KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 2,  # s, the least that libpq takes
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4_000,  # ms
}

CONNECT_SECONDS = 2.0
ASKED_SECONDS = 0.75
"""How long the server may take to tell of another line: too short for being asked about this one in turn."""

SETTINGS = f"""
SET search_path = {schema.POSTGRES_SCHEMA}, pg_catalog;
SET lock_timeout = '2500ms';
SET idle_in_transaction_session_timeout = '3s';
SET enable_seqscan = off;
SET jit = off;
SET plan_cache_mode = force_generic_plan;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
"""A stopped process lets go of the lock after 3 s; a commit that was answered is on disk.

Each statement of ours has one good plan, by an index, whatever statistics say of a log that was
empty a moment ago. What `enable_seqscan` adds to a plan's cost would have the server compile it, which takes
seconds for a statement of milliseconds.
"""


class PatientConnection(psycopg.Connection[TupleRow]):
    """A connection that gives up when its line is dead, or the server has not answered by its deadline.

    Keep-alives don't notice a half-open connection whose other end is a proxy; this does. The
    error is a `psycopg.OperationalError`, and the connection is of no use after it.
    """

    deadline: float | None = None
    """On the clock of `time.monotonic`, in seconds."""

    def allow(self, seconds: float) -> None:
        """Give what follows this long in all."""
        self.deadline = monotonic() + seconds

    @property
    def lost(self) -> bool:
        """Whether the connection broke or its deadline passed: the server may be back at once."""
        return self.closed or (self.deadline is not None and monotonic() >= self.deadline)

    def another(self) -> PatientConnection:
        """Connect to the same server as the same user, for a question; raises `psycopg.OperationalError`."""
        ours = make_conninfo(self.info.dsn, password=self.info.password)
        connection = PatientConnection.connect(ours, autocommit=True)
        connection.allow(ASKED_SECONDS)
        return connection

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait until the server has answered, or until the deadline."""
        if self.deadline is not None:
            remaining = max(self.deadline - monotonic(), 0.0)
            timeout = remaining if timeout is None else min(timeout, remaining)
        try:
            return super().wait(self._heeding(gen), interval, timeout)
        except psycopg.OperationalError:
            if self.lost:
                # Whatever is still to be undone on it, such as leaving a pipeline, must not wait either.
                self.pgconn.finish()
            raise

    def _heeding(self, gen: PQGen[T]) -> PQGen[T]:
        """Pass a wait on; raise `psycopg.OperationalError` when the line is found dead meanwhile."""
        inquiry = None
        try:
            state = next(gen)
            while True:
                ready = yield state
                # Who only listens for notifications waits for nothing that is due.
                if ready or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                    inquiry = None
                elif inquiry is None:
                    inquiry = Inquiry()
                elif inquiry.finds_dead(self):
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the line to the server is dead")
                state = gen.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result


class PromptConnection(PatientConnection):
    """A connection on which the server has so many seconds for each answer, for callers who set no deadline.

    SQLAlchemy's engines get theirs from here: with plain ones, whoever met a half-open line waited for ever.
    """

    seconds = 10.0

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait until the server has answered, or until it has taken too long."""
        self.allow(self.seconds)
        return super().wait(gen, interval, timeout)


def prompt(url: str, *, seconds: float, options: str) -> Callable[[], PromptConnection]:
    """Return what connects an SQLAlchemy engine; `options` are the server's settings for the session.

    No statement is compiled: that takes longer than most of ours may.
    """

    def connect_promptly() -> PromptConnection:
        connection = PromptConnection.connect(url, options=f"{options} -cjit=off", **KEEPALIVE)
        connection.seconds = seconds
        return connection

    return connect_promptly


def connect(url: str) -> PatientConnection:
    """Connect, in auto-commit mode, seeing the log's tables; raises `psycopg.OperationalError`."""
    connection = PatientConnection.connect(url, autocommit=True, **KEEPALIVE)
    try:
        connection.allow(CONNECT_SECONDS)
        # All integers as bigint, whatever their size: one prepared statement, not one for each size.
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        postgres_arrays.register(connection)
        connection.execute(SETTINGS)
    except BaseException:
        connection.close()
        raise
    return connection
