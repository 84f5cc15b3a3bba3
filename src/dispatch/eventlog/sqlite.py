"""The event log on SQLite: one writer in the process, write-ahead log, each commit synced."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import RLock
from time import monotonic, sleep
from typing import Any

from typing_extensions import override

from dispatch.eventlog import schema, shape
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint
from dispatch.eventlog.database_log import POLL_SECONDS, DatabaseLog, TreeBehind
from dispatch.eventlog.files import for_its_owner_only
from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.log import LogFull, LogUnavailable, StoredCommand
from dispatch.eventlog.placement import Known, Placed, place
from dispatch.eventlog.readers import Readers
from dispatch.eventlog.room import lacks_room
from dispatch.eventlog.tree.completion import add_page
from dispatch.eventlog.tree.stored_tree import StoredTree

MEMORY = ":memory:"
LOG_TABLES = frozenset({"events", "schema_version"})
"""What a file has that holds a log."""
PATIENCE = 5.0
"""Seconds that a statement waits for another process's lock."""

TAIL = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1"
VERSIONS = """
SELECT json_group_object(value, (SELECT max(version) FROM events WHERE stream = value)) FROM json_each(?)
"""
"""One row for all: at each further one the thread would wait for Python's lock once more."""
COMMANDS = """
SELECT command_id, fingerprint, first, last, recorded_at, outcome
FROM commands WHERE command_id IN (SELECT value FROM json_each(?))
"""
INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"
INSERT_COMMAND = "INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?)"
INSERT_NODES = "INSERT INTO nodes VALUES (?, ?, ?, ?)"
INSERT_KEY = "INSERT INTO subject_keys VALUES (?, ?, ?, ?)"
INSERT_TELEPHONE = "INSERT OR IGNORE INTO subject_telephones VALUES (?, ?)"
DESTROY = (
    "DELETE FROM subject_keys WHERE subject = ?",
    "DELETE FROM subject_telephones WHERE subject = ?",
)
INTEGRITY = "PRAGMA integrity_check"
SOUND = "ok"
KEEP_CHECKPOINT = """
INSERT INTO checkpoints SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE size = ?)
"""


class SqliteLog(DatabaseLog):
    """An event log in an SQLite file, or in memory for as long as the object lives."""

    def __init__(
        self,
        path: str,
        *,
        clock: Callable[[], datetime],
        complete_tree: bool = True,
        upgrade: bool = True,
        make: bool = True,
    ) -> None:
        super().__init__(clock, complete_tree=complete_tree)
        self._upgrades, self._makes = upgrade, make
        self._path = path
        self._writing = RLock()  # guards the writer, and in memory the readers, which share it
        self._writer: sqlite3.Connection | None = None
        self._readers = Readers(self._connect_reader, most=16, patience=PATIENCE)
        try:
            with self._writing, _translated():
                if path != MEMORY:
                    for_its_owner_only(path)
                self._writer = self._connect()
                self._create(self._writer)
            self._complete_tree_at_start()
            self.head()
        except BaseException:
            self.close()
            raise

    def _create(self, connection: sqlite3.Connection) -> None:
        create(connection, upgrade=self._upgrades, make=self._makes)

    @override
    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        ((found,),) = self._rows(VERSIONS, (json.dumps(list(streams)),))
        return {stream: version or 0 for stream, version in json.loads(found).items()}

    @override
    def unsound(self) -> list[str]:
        made = (statement for script in schema.SQLITE for statement in _statements(script))
        changed = shape.in_sqlite(self._rows(shape.SQLITE_SHAPE), made)
        return changed + [said for (said,) in self._rows(INTEGRITY) if said != SOUND]

    @override
    def close(self) -> None:
        super().close()
        self._readers.close()
        with self._writing:
            self._drop_writer()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        # A key that is destroyed is overwritten, and not only forgotten about; nothing else is ever deleted.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        with _translated():
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        if not self._completes:
            # Who looks whether a log is whole reads what was made unreadable as another text, and goes on.
            connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        return connection

    def _drop_writer(self) -> None:
        self._growth = None
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(sqlite3.Error):
                writer.close()

    @override
    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with _translated():
            if self._path == MEMORY:
                with self._writing:
                    if self._writer is None:
                        raise LogUnavailable("the log is closed")
                    return self._writer.execute(sql, parameters).fetchall()
            with self._readers.lend() as connection:
                return connection.execute(sql, parameters).fetchall()

    @override
    def _commit(self, jobs: Sequence[Job]) -> None:
        try:
            head = self._attempt(jobs)
        except TreeBehind:
            self._complete_tree()
            head = self._attempt(jobs)
        self._wakeup.rise(head)

    def _attempt(self, jobs: Sequence[Job]) -> int:
        """Commit a group; returns the head after it."""
        with self._transaction() as writer:
            known = self._known(writer, jobs)
            placed = place(jobs, known, self._now())
            growth = self._grown(known, placed)
            self._write(writer, placed)
        self._growth = growth
        return placed.first + len(placed.events) - 1

    @override
    def _complete_tree_by_a_page(self) -> bool:
        with self._transaction() as writer:
            return add_page(
                lambda sql, parameters: writer.execute(sql, parameters).fetchall(),
                lambda nodes: writer.executemany(INSERT_NODES, nodes),
            )

    @override
    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        with self._transaction() as writer:
            writer.execute(KEEP_CHECKPOINT, (*checkpoint, checkpoint.size))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, _translated():
            if self._closing.is_set():
                raise LogUnavailable("the log is closed")
            writer = self._writer = self._writer or self._connect()
            try:
                writer.execute("BEGIN IMMEDIATE")
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                self._roll_back(writer)
                raise

    def _roll_back(self, writer: sqlite3.Connection) -> None:
        try:
            if writer.in_transaction:
                writer.execute("ROLLBACK")
        except sqlite3.Error:
            # In memory the connection is the database.
            if self._path != MEMORY:
                self._drop_writer()

    def _known(self, writer: sqlite3.Connection, jobs: Sequence[Job]) -> Known:
        streams = {stream for job in jobs for stream in job.append.reads}
        head, recorded_at = writer.execute(TAIL).fetchone() or (0, 0)
        (versions,) = writer.execute(VERSIONS, (json.dumps(list(streams)),)).fetchone()
        ids = [job.append.command_id for job in jobs]
        commands = writer.execute(COMMANDS, (json.dumps(ids),)).fetchall()
        known = Known(
            head,
            recorded_at,
            json.loads(versions),
            {row[0]: StoredCommand._make(row) for row in commands},
        )
        if self._growth is None or self._growth.size != head:
            # Another process has appended, or this one has only just begun.
            stored = StoredTree(lambda sql, parameters: writer.execute(sql, parameters).fetchall())
            known.tree = stored.growth(head) if stored.size() == head else None
        return known

    def _write(self, writer: sqlite3.Connection, placed: Placed) -> None:
        writer.executemany(INSERT_EVENT, placed.rows)
        writer.executemany(INSERT_COMMAND, placed.commands)
        writer.executemany(INSERT_NODES, placed.tree)
        if placed.keys or placed.telephones or placed.erased:
            writer.executemany(INSERT_KEY, placed.keys)
            writer.executemany(INSERT_TELEPHONE, placed.telephones)
            for statement in DESTROY:
                writer.executemany(statement, [(subject,) for subject in placed.erased])

    @override
    def wipe(self) -> bool:
        with self._writing, _translated():
            if self._path == MEMORY:
                return True
            writer = self._writer = self._writer or self._connect()
            (busy, _, _) = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    @override
    def _watch(self) -> None:
        # Appends of this process tell `_wakeup` themselves; this is for those of another one.
        while not self._closing.wait(POLL_SECONDS):
            with suppress(LogUnavailable):
                self.head()


def create(connection: sqlite3.Connection, *, upgrade: bool = True, make: bool = True) -> None:
    """Make the log's tables unless they are there; of processes that start together, one makes them.

    Raises `schema.UnknownSchema` when the tables are another program version's; an earlier one's are theirs
    unless `upgrade`, and none are unless `make`.
    """
    _require_own(connection, make=make)  # before anything changes: what holds no log may be anybody's
    if upgrade:
        _waiting(connection, "PRAGMA journal_mode = WAL")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        create_unlocked(connection, upgrade=upgrade, make=make)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def create_unlocked(connection: sqlite3.Connection, *, upgrade: bool = True, make: bool = True) -> None:
    """Make the tables unless they are there, within the caller's transaction."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    versions = found and connection.execute("SELECT version FROM schema_version").fetchall()
    for script in schema.steps(schema.SQLITE, versions, upgrade=upgrade, make=make):
        for statement in _statements(script):
            connection.execute(statement)


def _require_own(connection: sqlite3.Connection, *, make: bool) -> None:
    """Raise `schema.NoLog` where none is to be made, `schema.AnotherProgram` for a file that has others."""
    tables = {name for (name,) in _waiting(connection, "SELECT name FROM sqlite_master")}
    if not tables >= LOG_TABLES and (tables or not make):
        raise schema.AnotherProgram if make else schema.NoLog


def _waiting(connection: sqlite3.Connection, statement: str) -> list[tuple[Any, ...]]:
    """Carry out what comes first on a file that others may begin to use in the same moment.

    SQLite doesn't wait for who turns the write-ahead log on, which the file then remembers, however patient
    the connection is, so this does.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.01)


def _statements(script: str) -> Iterator[str]:
    """Split a script where SQLite says that a statement ends (a trigger has semicolons inside)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def tables_of(path: Path) -> set[str]:
    """Return the names of the tables that a file has; none if it can't be read, which `unsound` says."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {str(name) for (name,) in rows}
    except sqlite3.DatabaseError:
        return set()


def unsound(path: Path, statements: Iterable[str], kinds: Collection[str] = ()) -> list[str]:
    """Return what of a file beside the log isn't as these statements make it, or wrong by its own indexes.

    Of its tables, triggers and so on those of `kinds` alone, if any are given.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=PATIENCE)) as connection:
            connection.execute("PRAGMA query_only = ON")
            changed = shape.in_sqlite(connection.execute(shape.SQLITE_SHAPE), statements, kinds)
            return changed + [said for (said,) in connection.execute(INTEGRITY) if said != SOUND]
    except sqlite3.DatabaseError as error:
        return [str(error)]


@contextmanager
def _translated() -> Iterator[None]:
    """Turn an unreadable file or an endless lock into `LogUnavailable`, and a full disk into `LogFull`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise (LogFull if lacks_room(error) else LogUnavailable)(f"SQLite: {error}") from error
    except sqlite3.ProgrammingError as error:
        if "closed" not in str(error):
            raise
        raise LogUnavailable(f"SQLite: {error}") from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise LogUnavailable(f"SQLite: {error}") from error  # a file that is damaged, or none of SQLite's
