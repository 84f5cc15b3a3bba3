"""Whether a PostgreSQL server that is silent is at work, or its line is dead: it is asked on another line."""

from __future__ import annotations

from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from dispatch.eventlog.postgres_connection import PatientConnection

SILENT = 1.0
"""Seconds of silence after which the server is asked; about what is at work, less and less often."""
AGAIN = 0.25
"""Seconds until it is asked once more, before a line is taken for dead: an answer may be on its way."""
SUSPECT = 10.0
"""Seconds after a line was found dead in which others are asked about sooner: they may share its fate."""
ASKING = BoundedSemaphore(4)
"""So many lines at once are asked on: others may need the server's connections for their work."""

STANDING = """
SELECT pg_backend_pid(), count(*), coalesce(bool_or(wait_event_type = 'Client'), false)
FROM pg_stat_activity WHERE pid = %s
"""
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Client'"


class Inquiry:
    """What is known of the silence on one line, since it began.

    The line is dead when the server's process at its other end is gone, or waits for us, who wait for it.
    Where that can't be learned, since the server is away or a pooler stands in between, the line is given
    the time that it has.
    """

    all_suspect_until = float("-inf")
    """On the clock of `time.monotonic`, in seconds."""

    def __init__(self) -> None:
        begun = monotonic()
        self._pause = AGAIN if begun < Inquiry.all_suspect_until else SILENT
        self._due = begun + self._pause
        self._suspected = False

    def finds_dead(self, connection: PatientConnection) -> bool:
        """Ask if it is time to, and tell whether the line is dead; takes some 2 s while the server is away.

        What the server holds for a dead line, such as locks, it is told to let go.
        """
        if monotonic() < self._due or not ASKING.acquire(blocking=False):
            return False
        try:
            dead = _waits_for_us(connection, end=self._suspected)
            if dead and self._suspected:
                Inquiry.all_suspect_until = monotonic() + SUSPECT
                return True
            self._suspected = dead
            self._pause = AGAIN if dead else max(SILENT, 2 * self._pause)
        except psycopg.Error:
            pass  # nobody knows
        finally:
            ASKING.release()
        self._due = monotonic() + self._pause
        return False


def _waits_for_us(connection: PatientConnection, *, end: bool) -> bool:
    """Ask whether the process at the other end waits for its client, or is gone; `end` it if it waits."""
    pid = connection.info.backend_pid
    with connection.another() as other:
        row = other.execute(STANDING, [pid]).fetchone()
        assert row is not None
        told, there, waits = row
        if waits and end:
            other.execute(END, [pid])
        # A pooler tells of processes that aren't the server's.
        return bool(waits or (not there and told == other.info.backend_pid))
