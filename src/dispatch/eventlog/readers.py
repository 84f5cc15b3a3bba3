"""A small stack of read connections that heals at once when the database is back.

psycopg's own pool backs off for longer and longer while the server is away; this one asks it again
at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Generic, Protocol, TypeVar

from dispatch.eventlog.log import LogUnavailable


class Closable(Protocol):
    """A connection, as far as a stack of them is concerned."""

    def close(self) -> None:
        """Close the connection."""


Connection = TypeVar("Connection", bound=Closable)


class Readers(Generic[Connection]):
    """Up to `most` connections at a time; the last one given back is the first one lent."""

    def __init__(self, connect: Callable[[], Connection], *, most: int, patience: float) -> None:
        self._connect = connect
        self._patience = patience
        self._free = BoundedSemaphore(most)
        self._mutex = Lock()
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend a connection; one that was used when an error came up is closed, not lent again.

        Raises `LogUnavailable` when all are in use for `patience` seconds.
        """
        if self._closed or not self._free.acquire(timeout=self._patience):
            raise LogUnavailable("the log is closed" if self._closed else "all read connections are busy")
        try:
            connection = self._take() or self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            with self._mutex:
                keep = not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()
        finally:
            self._free.release()

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: after one has failed, the others are suspect."""
        with self._mutex:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close all connections: those in use as soon as they are given back."""
        self._closed = True
        self.drop_idle()

    def _take(self) -> Connection | None:
        with self._mutex:
            return self._idle.pop() if self._idle else None
