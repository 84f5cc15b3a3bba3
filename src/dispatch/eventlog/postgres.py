"""The event log on PostgreSQL: each group of appends in one transaction, behind one lock.

The lock is what makes positions follow the order of commits, so that a reader that has seen
position n has seen all before it. It is the first statement of the transaction, which is READ
COMMITTED, so that each statement after it sees all that was committed before the lock was granted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.rows import tuple_row
from typing_extensions import override

from dispatch.eventlog import schema, shape
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint
from dispatch.eventlog.database_log import DatabaseLog, TreeBehind
from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.log import LogFull, LogUnavailable, StoredCommand
from dispatch.eventlog.placement import Known, Placed, place
from dispatch.eventlog.postgres_arrays import Blobs, Column, Numbers, Texts, columns
from dispatch.eventlog.postgres_connection import PatientConnection, connect
from dispatch.eventlog.postgres_statements import (
    BEGIN,
    COMMANDS,
    DESTROY,
    INSERT_AS_GUESSED,
    INSERT_COMMANDS,
    INSERT_EVENTS,
    INSERT_NODES,
    INSERT_SEALED,
    INSERT_SEALED_AS_GUESSED,
    KEEP_CHECKPOINT,
    KNOWN,
    LOCK,
    VERSIONS,
    WIPE,
)
from dispatch.eventlog.postgres_watch import Watch
from dispatch.eventlog.readers import Readers
from dispatch.eventlog.room import lacks_room
from dispatch.eventlog.tree.completion import add_page
from dispatch.eventlog.tree.growth import Growth, TileRow

T = TypeVar("T")

APPEND_LOCK = 0x646973_7061746368  # "dispatch": one lock for each database
SCHEMA_LOCK = APPEND_LOCK + 1

ATTEMPT_SECONDS = 3.0
"""How long one attempt may take; a lock is waited for a little less, by the server."""
PATIENCE = 5.0
"""Seconds after which a caller is told that the log is away."""
PAUSE = 0.1
"""Seconds between two attempts."""
READ_SECONDS = 3.0
"""How long reading a page may take."""
WIPE_SECONDS = 60.0
"""How long the tables of keys may take to be rewritten."""
COMPARE_SECONDS = 60.0
"""How long comparing the tables' definitions may take."""
CREATE_SECONDS = 60.0
"""How long creating the tables may take, with other processes that want to do so before."""


class PostgresLog(DatabaseLog):
    """An event log in a PostgreSQL database, shared by any number of processes."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime],
        complete_tree: bool = True,
        upgrade: bool = True,
        make: bool = True,
    ) -> None:
        super().__init__(clock, complete_tree=complete_tree)
        self._upgrades, self._makes = upgrade, make
        self._url = url
        self._writing = Lock()
        self._writer: PatientConnection | None = None
        self._alone = False
        self._recorded_at = 0  # of what this process last committed
        self._readers = Readers(self._connect_reader, most=8, patience=PATIENCE)
        self._following = Watch(lambda: connect(url), self._wakeup)
        try:
            self._patiently(self._create)
            self._complete_tree_at_start()
            self.head()
        except BaseException:
            self.close()
            raise

    def _create(self, connection: PatientConnection) -> None:
        create(connection, upgrade=self._upgrades, make=self._makes)

    @override
    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        rows = self._rows(VERSIONS, (Texts(streams),))
        return {stream: version or 0 for stream, version in rows}

    @override
    def unsound(self) -> list[str]:
        script = "".join(schema.POSTGRES)

        def compared(connection: PatientConnection) -> list[str]:
            connection.allow(COMPARE_SECONDS)
            return shape.in_postgres(connection, schema.POSTGRES_SCHEMA, script)

        return self._patiently(compared)

    @override
    def close(self) -> None:
        super().close()
        self._readers.close()
        with self._writing:
            self._drop_writer()

    @override
    def _commit(self, jobs: Sequence[Job]) -> None:
        try:
            head = self._patiently(lambda connection: self._attempt(connection, jobs))
        except TreeBehind:
            self._complete_tree()
            head = self._patiently(lambda connection: self._attempt(connection, jobs))
        self._wakeup.rise(head)

    @override
    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        self._patiently(lambda connection: connection.execute(KEEP_CHECKPOINT, checkpoint))

    @override
    def _complete_tree_by_a_page(self) -> bool:
        return self._patiently(self._add_page)

    def _add_page(self, connection: PatientConnection) -> bool:
        def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
            return connection.execute(sql.replace("?", "%b"), parameters, binary=True).fetchall()

        def insert(nodes: list[TileRow]) -> None:
            connection.execute(INSERT_NODES, columns(nodes))

        with connection.transaction():
            self._take_lock(connection)
            return add_page(rows, insert)

    def _patiently(self, operation: Callable[[PatientConnection], T]) -> T:
        """Do something on the writer's connection; again on a new one when it got lost.

        The operation must be one that may be done twice: a lost connection may have lost the
        answer only. Raises `LogUnavailable` after `PATIENCE` seconds, `LogFull` at once.
        """
        patience_ends = monotonic() + PATIENCE
        with self._writing:
            while not self._closing.is_set():
                connection = self._writer
                try:
                    connection = self._writer = connection or connect(self._url)
                    connection.allow(ATTEMPT_SECONDS)
                    return operation(connection)
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    lost = connection is None or connection.lost
                    self._drop_writer()
                    if not lost or monotonic() + PAUSE > patience_ends:
                        kind = LogFull if lacks_room(error) else LogUnavailable
                        raise kind(f"PostgreSQL: {error}") from error
                except BaseException:
                    self._drop_writer()
                    raise
                self._closing.wait(PAUSE)
        raise LogUnavailable("the log is closed")

    def _drop_writer(self) -> None:
        self._growth = None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _attempt(self, connection: PatientConnection, jobs: Sequence[Job]) -> int:
        """Commit a group; returns the head after it.

        One round trip if nobody else appends. Else two: what is known comes back with the first, what is
        placed goes with the second.
        """
        if self._alone and (head := self._guessed(connection, jobs)) is not None:
            return head
        with connection.pipeline() as pipeline:
            connection.execute(BEGIN, prepare=True)
            self._take_lock(connection)
            known = self._known(connection, pipeline, jobs)
            placed = place(jobs, known, self._now())
            if placed.commands:
                self._write(connection, placed)
            # The server is busy with the events now: the time to hash them.
            growth = self._grown(known, placed)
            self._keep_and_destroy(connection, placed)
            if placed.tree:
                connection.execute(INSERT_NODES, columns(placed.tree), prepare=True)
            connection.execute("COMMIT", prepare=True)
        self._alone = self._growth is None or self._growth.size == known.head
        return self._committed(placed, growth)

    def _guessed(self, connection: PatientConnection, jobs: Sequence[Job]) -> int | None:
        """Commit a group on the guess that nothing was appended since this process last did.

        The server looks, under the lock, whether that and every version that was read still hold. Returns the
        head after it; None if the guess was wrong, or there is no event to write: then nothing was written.
        """
        if self._growth is None or any(job.append.erased for job in jobs):
            return None
        size = self._growth.size
        versions: dict[str, int] = {}
        for job in jobs:
            for stream, version in job.append.reads.items():
                versions.setdefault(stream, version)
        ids = Texts(job.append.command_id for job in jobs)
        guess = [size, Texts(versions), Numbers(versions.values()), ids]
        known = Known(size, self._recorded_at, {**versions}, {})
        attempts = [job.attempt for job in jobs]
        placed = place(jobs, known, self._now())
        if placed.events:
            growth = self._grown(known, placed)
            with connection.pipeline() as pipeline:
                connection.execute(BEGIN, prepare=True)
                self._take_lock(connection)
                pipeline.sync()  # as in `_known`
                cursor = self._write(connection, placed, guess)
                connection.execute("COMMIT", prepare=True)
            self._alone = cursor.fetchone() is not None
            if self._alone:
                return self._committed(placed, growth)
        for job, attempt in zip(jobs, attempts, strict=True):
            job.attempt = attempt
        return None

    def _committed(self, placed: Placed, growth: Growth) -> int:
        self._growth, self._recorded_at = growth, placed.recorded_at
        return placed.first + len(placed.events) - 1

    def _take_lock(self, connection: PatientConnection) -> None:
        connection.execute(LOCK, (APPEND_LOCK,), prepare=True)

    def _known(self, connection: PatientConnection, pipeline: psycopg.Pipeline, jobs: Sequence[Job]) -> Known:
        streams = Texts({stream for job in jobs for stream in job.append.reads})
        ids = Texts(job.append.command_id for job in jobs)
        mine = self._growth or Growth()
        cursor = connection.execute(KNOWN, (mine.size, streams, ids), prepare=True, binary=True)
        # A whole sync, not a flush: only so does the server count our thinking as idle in the
        # transaction, and frees the lock when this process is stopped while it holds it.
        pipeline.sync()
        row = cursor.fetchone()
        assert row is not None
        head, recorded_at, edge, versions, repeated = row
        known = Known(head or 0, recorded_at or 0, dict(zip(streams, versions, strict=True)), {})
        if known.head != mine.size or self._growth is None:
            # Another process has appended, or this one has only just begun.
            sha256, sm3 = edge or (None, None)
            known.tree = mine.caught_up(known.head, sha256 or b"", sm3 or b"")
        if repeated:
            found = connection.execute(COMMANDS, (ids,), prepare=True, binary=True)
            known.commands = {row[0]: StoredCommand._make(row) for row in found}
        return known

    def _write(
        self, connection: PatientConnection, placed: Placed, guess: Sequence[Any] = ()
    ) -> psycopg.Cursor[Any]:
        """Write events and commands; with a guess only if that holds, and then with the tree's nodes."""
        commands = columns(placed.commands)
        if not placed.events:
            return connection.execute(INSERT_COMMANDS, commands, prepare=True)
        events = [placed.first, placed.recorded_at, *columns(placed.events)]
        head = str(placed.first + len(placed.events) - 1)
        if not guess:
            return connection.execute(INSERT_EVENTS, [*commands, *events, head], prepare=True)
        parameters = [*commands, *columns(placed.tree), *events, head]
        if placed.keys or placed.telephones:
            parameters = [*guess, *_sealed(placed), *parameters]
            return connection.execute(INSERT_SEALED_AS_GUESSED, parameters, prepare=True)
        return connection.execute(INSERT_AS_GUESSED, [*guess, *parameters], prepare=True)

    def _keep_and_destroy(self, connection: PatientConnection, placed: Placed) -> None:
        if placed.keys or placed.telephones:
            connection.execute(INSERT_SEALED, _sealed(placed), prepare=True)
        if placed.erased:
            connection.execute(DESTROY, (Texts(placed.erased), Texts(placed.erased)), prepare=True)

    @override
    def wipe(self) -> bool:
        """Rewrite the tables of keys; their bytes stay in the server's own log until that is recycled."""
        try:
            with connect(self._url) as connection:
                connection.allow(WIPE_SECONDS)
                connection.execute(WIPE)
        except psycopg.OperationalError:
            return False
        return True

    def _connect_reader(self) -> PatientConnection:
        try:
            return connect(self._url)
        except psycopg.OperationalError as error:
            raise LogUnavailable(f"PostgreSQL: {error}") from error

    @override
    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        query = sql.replace("?", "%b")
        for last_try in (False, True):
            try:
                with self._readers.lend() as connection:
                    connection.allow(READ_SECONDS)
                    return connection.execute(query, parameters, prepare=True, binary=True).fetchall()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if last_try:
                    raise LogUnavailable(f"PostgreSQL: {error}") from error
                # When the server was restarted, the others are as broken as this one.
                self._readers.drop_idle()
        raise AssertionError

    @override
    def _watch(self) -> None:
        self._following.run()

    @override
    def _end_watch(self) -> None:
        self._following.end()


def _sealed(placed: Placed) -> list[Column]:
    keys, telephones = columns(placed.keys), columns(placed.telephones)
    return [*(keys or [Texts(), Texts(), Blobs(), Blobs()]), *(telephones or [Blobs(), Texts()])]


def create(connection: PatientConnection, *, upgrade: bool = True, make: bool = True) -> None:
    """Make the log's tables unless they are there; of processes that start together, one makes them.

    Raises `schema.UnknownSchema` when the tables are another program version's; an earlier one's are theirs
    unless `upgrade`, and none are unless `make`.
    """
    connection.allow(CREATE_SECONDS)
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = 0")
        connection.execute(LOCK, (SCHEMA_LOCK,))
        create_unlocked(connection, upgrade=upgrade, make=make)


def create_unlocked(connection: PatientConnection, *, upgrade: bool = True, make: bool = True) -> None:
    """Make the tables unless they are there, within the caller's transaction."""
    found = connection.execute("SELECT to_regclass('dispatch_log.schema_version')").fetchone()
    versions: list[tuple[int]] | None = None
    if found != (None,):
        cursor = connection.cursor(row_factory=tuple_row)
        versions = cursor.execute("SELECT version FROM dispatch_log.schema_version").fetchall()
    for script in schema.steps(schema.POSTGRES, versions, upgrade=upgrade, make=make):
        connection.execute(script)
