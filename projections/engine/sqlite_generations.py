"""Generations as SQLite files beside the log: `PATH.views-<n>`, the live one's number in `PATH.views`."""

import fcntl
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import IO, Any

import sqlalchemy as sa

from projections.engine.generations import DatabaseInUse, Generations, RebuildRunning, Seen, Session
from projections.engine.sqlite_store import SqliteStore
from projections.engine.store import Superseded


class SqliteGenerations(Generations):
    """The generations beside one log file, for the one process that works on it.

    The pointer is a small file, replaced atomically: the log's own database is left to the log, and a
    copy of the log alone is a whole backup. A log in memory has its generations in a temporary directory.
    """

    def __init__(self, path: Path | str) -> None:
        super().__init__()
        if str(path) == ":memory:":
            self._directory = tempfile.TemporaryDirectory(prefix="dispatch-views-")
            path = Path(self._directory.name) / "memory"
        self.path = Path(path)
        self.pointer = self.path.with_name(f"{self.path.name}.views")
        self.swapping = RLock()
        self.building: int | None = None
        self._lock: IO[str] | None = None

    def file(self, generation: int) -> Path:
        """Return the path of a generation's file."""
        return self.path.with_name(f"{self.path.name}.views-{generation}")

    def claim(self) -> None:
        """Lock `PATH.lock` for this process; raise DatabaseInUse if another one has it."""
        if self._lock is not None:
            return
        path = self.path.with_name(f"{self.path.name}.lock")
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise DatabaseInUse(
                f"{self.path} is in use by the process {holder}, and SQLite serves one process at a time: "
                "stop that process first, give this one a database of its own, or use PostgreSQL, which "
                "serves several"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def session(self) -> Session:
        """Open a session; there is nothing to connect to."""
        return SqliteSession(self)

    def live(self) -> int | None:
        """Return the number of the live generation, None if there is none or its file is gone."""
        number = self._pointed()
        return number if number is not None and self.file(number).exists() else None

    def fresh(self) -> int:
        """Return a number that no generation has or had, as far as anybody could still remember it."""
        return max([self._pointed() or 0, *self.numbers(), *self._gone]) + 1

    def _pointed(self) -> int | None:
        try:
            return int(json.loads(self.pointer.read_text())["live"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def point(self, generation: int) -> None:
        """Make a generation the live one: either wholly or, after a crash on the way, not at all."""
        fresh = self.pointer.with_name(f"{self.pointer.name}.new")
        with fresh.open("w") as file:
            json.dump({"live": generation}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.pointer)
        directory = os.open(self.pointer.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def numbers(self) -> list[int]:
        """Return the numbers of the generations that have a file."""
        pattern = re.compile(re.escape(self.path.name) + r"\.views-(\d+)")
        found = (pattern.fullmatch(path.name) for path in self.path.parent.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def tidy(self) -> None:
        """Remove the files of generations that are neither live nor being built and that nobody reads."""
        with self.swapping:
            live = self.live()
            for number in self.numbers():
                if number not in (live, self.building) and self._forget(number):
                    self.remove(number)

    def remove(self, generation: int) -> None:
        """Remove a generation's files."""
        for suffix in ("-wal", "-shm", ""):
            self.file(generation).with_name(f"{self.file(generation).name}{suffix}").unlink(missing_ok=True)

    def _engine(self, generation: int) -> sa.Engine:
        path = self.file(generation)

        def connect() -> sqlite3.Connection:
            # Without this, SQLite would make an empty file where there is none.
            connection = sqlite3.connect(
                f"file:{path}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=30
            )
            connection.execute("PRAGMA query_only = on")
            return connection

        engine = sa.create_engine(
            "sqlite+pysqlite://",
            creator=connect,
            poolclass=sa.QueuePool,
            max_overflow=30,
            hide_parameters=True,
        )
        sa.event.listen(engine, "begin", begin)
        return engine

    def close(self) -> None:
        """Close the readers' connections and let another process have the database."""
        super().close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def begin(connection: sa.Connection) -> None:
    """Begin a transaction, so that all queries see the same moment; sqlite3 itself doesn't for queries."""
    connection.exec_driver_sql("BEGIN")


class SqliteSession(Session):
    """A way to the generations of this process; the file lock is the process's own."""

    def __init__(self, generations: SqliteGenerations) -> None:
        self._generations = generations
        self._building: int | None = None
        self._stores: list[SqliteStore] = []

    def lead(self) -> bool:
        """Become the one that projects; raise DatabaseInUse if another process does."""
        self._generations.claim()
        return True

    def check(self) -> int | None:
        """Return the live generation."""
        return self._generations.live()

    def look(self) -> Seen:
        """Return the live generation and how far it has come."""
        live = self._generations.live()
        if live is None:
            return Seen(None, {})
        store = SqliteStore(self._generations.file(live))
        try:
            return Seen(live, store.standings())
        finally:
            store.close()

    def any(self) -> bool:
        """Tell whether there is a generation's file, or a pointer to one."""
        return self._generations.pointer.exists() or bool(self._generations.numbers())

    def await_change(self, timeout: float) -> None:
        """Do nothing: no other process changes anything."""

    def announce(self) -> None:
        """Do nothing: there is no other process to tell."""

    def begin_rebuild(self) -> int:
        """Return the number of a new, empty generation; raise RebuildRunning if one is being built."""
        generations = self._generations
        with generations.swapping:
            if generations.building is not None:
                raise RebuildRunning
            number = generations.fresh()
            generations.building = self._building = number
        return number

    def store(self, generation: int, *, live: bool) -> SqliteStore:
        """Return the way to write a generation."""
        fence = self._fence(generation) if live else None
        store = SqliteStore(self._generations.file(generation), fence=fence)
        self._stores.append(store)
        return store

    def _fence(self, generation: int) -> Any:
        generations = self._generations

        @contextmanager
        def fence() -> Iterator[None]:
            with generations.swapping:
                if generations.live() != generation:
                    raise Superseded
                yield

        return fence

    @contextmanager
    def swap(self, generation: int) -> Iterator[Seen]:
        """Make a generation the live one at the end of the block."""
        with self._generations.swapping:
            yield self.look()
            self._generations.point(generation)
            self._done()

    def discard(self, generation: int) -> None:
        """Remove a generation that hasn't gone live."""
        self._close_stores()
        with self._generations.swapping:
            if self._generations.live() != generation:
                self._generations.remove(generation)
            self._done()

    def _done(self) -> None:
        if self._building is not None:
            self._generations.building = self._building = None

    def _close_stores(self) -> None:
        while self._stores:
            self._stores.pop().close()

    def close(self) -> None:
        """Close the files."""
        self._close_stores()
        self._done()
