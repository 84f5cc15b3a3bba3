"""Processes that start together on an empty database all start, on PostgreSQL and on SQLite.

Each round, eight processes open the log of a new database at the same moment and append to it.
The break: each makes the tables that it doesn't find, without the lock.
"""

import multiprocessing
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from typing_extensions import override

from dispatch.eventlog import Append, EventLog, NewEvent, open_log
from dispatch.eventlog.postgres import PostgresLog
from dispatch.eventlog.postgres import create_unlocked as create_on_postgres
from dispatch.eventlog.postgres_connection import PatientConnection
from dispatch.eventlog.sqlite import SqliteLog
from dispatch.eventlog.sqlite import create_unlocked as create_on_sqlite
from tests import postgres
from tests.faults.proofs import ProofResult

NAME = "start-together"
PROCESSES = 8
SHORT, FULL = 3, 20
TOGETHER_SECONDS = 60.0

together: Barrier
"""Of this process: where all wait before each round."""


class UnlockedPostgresLog(PostgresLog):
    """The break, on PostgreSQL."""

    @override
    def _create(self, connection: PatientConnection) -> None:
        with connection.transaction():
            create_on_postgres(connection)


class UnlockedSqliteLog(SqliteLog):
    """The break, on SQLite."""

    @override
    def _create(self, connection: sqlite3.Connection) -> None:
        create_on_sqlite(connection)


def clock() -> datetime:
    return datetime.now(UTC)


def open_unlocked(url: str) -> EventLog:
    if url.startswith("sqlite"):
        return UnlockedSqliteLog(url.removeprefix("sqlite:///"), clock=clock)
    return UnlockedPostgresLog(url, clock=clock)


def prepare(barrier: Barrier) -> None:
    global together  # noqa: PLW0603 - a barrier is inherited, it can't be sent with the work
    together = barrier


def start(url: str, process: int, *, red: bool) -> str:
    """Open the log with all others and append one event; returns what went wrong."""
    together.wait(TOGETHER_SECONDS)
    try:
        with open_unlocked(url) if red else open_log(url, clock=clock) as log:
            stream = f"process:{process}"
            event = NewEvent(stream, 1, "process.started", 0, b"{}")
            log.append(Append(stream, b"", (event,), {stream: 0}, b"null"))
    except Exception as error:  # noqa: BLE001 - whatever it is, it's a crash
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""


@contextmanager
def databases(server: str) -> Iterator[tuple[str, str]]:
    """Make an empty database of each kind."""
    directory = Path(tempfile.mkdtemp(prefix="dispatch-start-"))
    try:
        with postgres.fresh_database(server) as url:
            yield url, f"sqlite:///{directory / 'log.db'}"
    finally:
        shutil.rmtree(directory)


def run(*, full: bool, red: bool) -> ProofResult:
    """Start together again and again; the red twin makes the tables without the lock."""
    rounds = FULL if full else SHORT
    spawn = multiprocessing.get_context("spawn")
    crashes, unsound = Counter[str](), 0
    with (
        postgres.running_server() as server,
        ProcessPoolExecutor(
            PROCESSES, spawn, initializer=prepare, initargs=(spawn.Barrier(PROCESSES),)
        ) as pool,
    ):
        for _ in range(rounds):
            with databases(server) as urls:
                for url in urls:
                    started = [pool.submit(start, url, process, red=red) for process in range(PROCESSES)]
                    crashes.update(error for each in started if (error := each.result()))
                    if not red:
                        unsound += not _is_sound(url)
    crashed = crashes.total()
    figure = (
        f"{crashed} crashes of {PROCESSES} processes, {rounds} times on each of two databases; "
        f"{unsound} logs unsound afterwards"
    )
    details = "; ".join(f"{count} times {error}" for error, count in crashes.most_common(3))
    return ProofResult(NAME, crashed == 0 and unsound == 0, figure, details)


def _is_sound(url: str) -> bool:
    with open_log(url, clock=clock) as log:
        return [stored.position for stored in log.read()] == list(range(1, PROCESSES + 1))
