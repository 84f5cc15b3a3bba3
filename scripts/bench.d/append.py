"""How fast events are appended on PostgreSQL: our recorder against the library's own.

Both save one event at a time, of the same size, in the same server with its default durability
(fsync on, synchronous_commit on), in turns within one run, so that a noisy machine hits both. Ours
also writes the command's id and answer with each save, which the library's doesn't.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from threading import Barrier, Thread
from time import perf_counter
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import sql

from dispatch.eventlog.log import micros
from dispatch.eventlog.opening import open_log
from dispatch.eventlog.recorder import Recorder

STATE = (
    b'{"data":{"type":"task.accepted","at":"2026-05-06T07:08:09.123456Z","by":"m:0198"},'
    b'"meta":{"actor":"m:0198","role":"member","scope":"500115101001","command_id":"0198c0ffee",'
    b'"correlation_id":"0198c0ffee"}}'
)
THREADS = 32


def clock() -> datetime:
    return datetime.now(UTC)


def now() -> int:
    return micros(clock())


def save(recorder: ApplicationRecorder, saves: int) -> None:
    """Save one event at a time to a stream of this caller's own."""
    stream = f"task:{uuid4().hex}"
    for version in range(1, saves + 1):
        recorder.insert_events([StoredEvent(stream, version, "task.accepted", STATE)])


def saves_per_second(recorder: ApplicationRecorder, *, threads: int, saves: int) -> float:
    """Let each of these threads do its share of these saves; a single caller needs no thread."""
    if threads == 1:
        start = perf_counter()
        save(recorder, saves)
        return saves / (perf_counter() - start)
    ready = Barrier(threads + 1)

    def work() -> None:
        ready.wait()
        save(recorder, saves // threads)

    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = perf_counter()
    for worker in workers:
        worker.join()
    return saves // threads * threads / (perf_counter() - start)


@contextmanager
def library_recorder(url: str) -> Iterator[PostgresApplicationRecorder]:
    """Open the library's recorder with the defaults of its factory: 5 connections, 10 more at need."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    datastore = PostgresDatastore(
        dbname=parts.path.removeprefix("/"),
        host=host,
        port=parts.port or 5432,
        user=unquote(parts.username or "postgres"),
        password=unquote(parts.password or ""),
        pool_size=5,
        max_overflow=10,
        connect_timeout=60,
        originator_id_type="text",
    )
    with datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        yield recorder


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Make a database for this run beside the given one, so that the given one stays as it is."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(postgres_url: str, *, quick: bool) -> dict[str, float]:
    """Return saves/s of both recorders, with one caller and with 32, and ours as a multiple of theirs."""
    rounds = 3 if quick else 7
    figures: dict[str, list[float]] = {}

    def measure(name: str, figure: Callable[[], float]) -> None:
        figures.setdefault(name, []).append(figure())

    with (
        fresh_database(postgres_url) as url,
        library_recorder(url) as theirs,
        open_log(url, clock=clock) as log,
    ):
        ours = Recorder(log, now=now)
        for recorder in (ours, theirs):
            saves_per_second(recorder, threads=THREADS, saves=THREADS * 2)
        for _ in range(rounds):
            measure("ours_1", lambda: saves_per_second(ours, threads=1, saves=200 if quick else 500))
            measure("library_1", lambda: saves_per_second(theirs, threads=1, saves=200 if quick else 500))
            measure(
                "ours_32", lambda: saves_per_second(ours, threads=THREADS, saves=3_200 if quick else 9_600)
            )
            measure(
                "library_32", lambda: saves_per_second(theirs, threads=THREADS, saves=320 if quick else 960)
            )
    result = {name: median(values) for name, values in figures.items()}
    for callers in (1, THREADS):
        ratios = [
            mine / their
            for mine, their in zip(figures[f"ours_{callers}"], figures[f"library_{callers}"], strict=True)
        ]
        result[f"vs_library_{callers}"] = median(ratios)
    return result
