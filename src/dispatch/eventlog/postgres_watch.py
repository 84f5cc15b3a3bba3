"""Following the log's head on PostgreSQL: LISTEN for speed, a look each second as the guarantee."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from time import monotonic

import psycopg

from dispatch.eventlog.database_log import HEAD, POLL_SECONDS
from dispatch.eventlog.postgres_connection import PatientConnection
from dispatch.eventlog.wakeup import Wakeup

CHANNEL = "dispatch_log"
LOOK_SECONDS = 2.0
"""How long the server may take to answer before the connection counts as lost."""
PAUSE = 0.25
"""Seconds before the next connection is tried."""


class Watch:
    """Tells a `Wakeup` about new heads, for a thread of its own; connects again for as long as it runs."""

    def __init__(self, connect: Callable[[], PatientConnection], wakeup: Wakeup) -> None:
        self._connect = connect
        self._wakeup = wakeup
        self._ended = Event()
        self._rope: socket.socket | None = None  # its other end, the bell, wakes the thread

    def run(self) -> None:
        """Follow the head until `end`; a server that is away is asked again and again."""
        bell, self._rope = socket.socketpair()
        with bell, self._rope:
            while not self._ended.is_set():
                try:
                    with self._connect() as connection:
                        self._follow(connection, bell)
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    self._ended.wait(PAUSE)

    def end(self) -> None:
        """Make `run` return at once."""
        self._ended.set()
        if self._rope is not None:
            with suppress(OSError):  # it has returned already
                self._rope.send(b"!")

    def _follow(self, connection: PatientConnection, bell: socket.socket) -> None:
        connection.allow(LOOK_SECONDS)
        connection.execute(f"LISTEN {CHANNEL}")
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(bell, selectors.EVENT_READ)
            while not self._ended.is_set():
                connection.allow(LOOK_SECONDS)
                row = connection.execute(HEAD).fetchone()
                assert row is not None
                self._wakeup.rise(row[0] or 0)
                self._listen(connection, selector, monotonic() + POLL_SECONDS)

    def _listen(self, connection: PatientConnection, selector: selectors.BaseSelector, until: float) -> None:
        """Pass notifications on until it is time to look again."""
        while not self._ended.is_set() and (remaining := until - monotonic()) > 0:
            if selector.select(remaining):
                connection.allow(LOOK_SECONDS)
                for notice in connection.notifies(timeout=0):
                    with suppress(ValueError):  # who may connect may notify, of anything
                        self._wakeup.rise(int(notice.payload))
