"""A reader that follows the log by position misses nothing, however late a commit comes.

Writers in processes of their own hold some of their transactions open between insert and commit.
Readers ask again and again for what comes after the last position that they saw, as projections do.
The break: positions from a sequence, and no lock, as most event stores have it.
"""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

import psycopg
from typing_extensions import override

from dispatch.eventlog import Append, NewEvent, micros
from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.placement import Known, Placed
from dispatch.eventlog.postgres import PostgresLog
from dispatch.eventlog.postgres_connection import PatientConnection
from dispatch.eventlog.tree.growth import Growth, TileRow
from dispatch.eventlog.tree.hashes import SIZE
from tests import postgres
from tests.faults.proofs import ProofResult

NAME = "late-commit"
WRITERS = 4
READERS = 2
EVENTS_PER_APPEND = 10
SHORT, FULL = 5_000, 100_000
HELD = 10
"""Every tenth transaction is held…"""
HOLD_SECONDS = 0.005
"""…for so long, several times what a commit takes."""
SEQUENCE = "CREATE SEQUENCE dispatch_log.red_twin INCREMENT BY 10"


def clock() -> datetime:
    return datetime.now(UTC)


class HoldingLog(PostgresLog):
    """The log as it is, but every tenth transaction waits between insert and commit."""

    commits = 0

    @override
    def _write(self, connection: PatientConnection, placed: Placed, guess: Sequence[Any] = ()) -> Any:
        written = super()._write(connection, placed, guess)
        self.commits += 1
        if self.commits % HELD == 0:
            connection.execute("SELECT pg_sleep(%s)", (HOLD_SECONDS,))
        return written


class UnlockedLog(HoldingLog):
    """The break: nobody waits for anybody, and a sequence gives the positions."""

    @override
    def _take_lock(self, connection: PatientConnection) -> None:
        pass

    @override
    def _guessed(self, connection: PatientConnection, jobs: Sequence[Job]) -> int | None:
        # What nobody locks can't be guessed either: positions come from the sequence alone.
        return None

    @override
    def _known(self, connection: PatientConnection, pipeline: psycopg.Pipeline, jobs: Sequence[Job]) -> Known:
        known = super()._known(connection, pipeline, jobs)
        row = connection.execute("SELECT nextval('dispatch_log.red_twin')").fetchone()
        assert row is not None
        known.head = row[0] - 1
        return known

    @override
    def _grown(self, known: Known, placed: Placed) -> Growth:
        # No tree fits positions that nobody takes in order; each commit gets a leaf of its own here.
        placed.tree = [TileRow(0, placed.first, bytes(SIZE), bytes(SIZE))]
        return Growth()


def write(url: str, writer: int, appends: int, *, red: bool) -> int:
    """Append to a stream of one's own; returns the number of events."""
    log = (UnlockedLog if red else HoldingLog)(url, clock=clock)
    stream = f"writer:{writer}"
    with log:
        for number in range(appends):
            read = number * EVENTS_PER_APPEND
            at = micros(clock())
            events = tuple(
                NewEvent(stream, read + place, "thing.happened", at, b"{}")
                for place in range(1, EVENTS_PER_APPEND + 1)
            )
            log.append(Append(f"{stream}:{number}", b"", events, {stream: read}, b"null"))
    return appends * EVENTS_PER_APPEND


@dataclass
class Followed:
    """What a reader saw, and where it stands."""

    seen: int = 0
    position: int = 0
    disordered: int = 0


def follow(log: PostgresLog, written: Event) -> Followed:
    """Read by position until everything is written and nothing more comes."""
    followed = Followed()
    while True:
        last_round = written.is_set()
        while page := log.read(after=followed.position, limit=500):
            expected = range(followed.position + 1, followed.position + 1 + len(page))
            followed.disordered += [stored.position for stored in page] != list(expected)
            followed.seen += len(page)
            followed.position = page[-1].position
        if last_round:
            return followed
        log.wait(followed.position, 0.05)


def run(*, full: bool, red: bool) -> ProofResult:
    """Let writers and readers race; the red twin has neither the lock nor its positions."""
    appends = (FULL if full else SHORT) // WRITERS // EVENTS_PER_APPEND
    spawn = multiprocessing.get_context("spawn")
    written = Event()
    with postgres.running_server() as url, PostgresLog(url, clock=clock) as log:
        if red:
            with psycopg.connect(url) as session:
                session.execute(SEQUENCE)
        with ThreadPoolExecutor(READERS) as threads, ProcessPoolExecutor(WRITERS, spawn) as processes:
            readers = [threads.submit(follow, log, written) for _ in range(READERS)]
            try:
                writers = [
                    processes.submit(write, url, writer, appends, red=red) for writer in range(WRITERS)
                ]
                events = sum(writer.result() for writer in writers)
            finally:
                written.set()
            followed = [reader.result() for reader in readers]
        stored = len(log.read())
    missed = sum(stored - reader.seen for reader in followed)
    gaps = sum(reader.disordered for reader in followed)
    figure = (
        f"{missed:,} missed by {READERS} readers of {stored:,} events from {WRITERS} processes, "
        f"{WRITERS * (appends // HELD):,} commits held; {gaps:,} pages with a gap"
    )
    return ProofResult(NAME, missed == 0 and gaps == 0 and stored == events, figure)
