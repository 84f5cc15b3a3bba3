"""How fast the log becomes read models on PostgreSQL, and how fast a board of a past moment is made.

`vs_library_runner`: events a second of our engine (decode, fold and persist all read models), against
the same folds, rows and tallies driven by the library's ProjectionRunner with its tracking recorder, a
transaction an event, on the same log and server. Both without waiting for the disk at commit, as ours
works: the library's default would wait. `as_of_year_s`: seconds for the board and the staffing at the
last moment of a year of about 60,000 events, from nothing: read, decode, fold, count.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection as LibraryProjection
from eventsourcing.projection import ProjectionRunner
from psycopg.rows import tuple_row
from psycopg.types.numeric import Int8BinaryDumper

sys.path.append(str(Path(__file__).parent))

from _models import NOW, empty_log, past_questions

from dispatch.domain.event import Recorded
from dispatch.eventlog.mapper import decode
from projections.catalogue import PROJECTIONS
from projections.engine.engine import Engine
from projections.engine.postgres_generations import PostgresGenerations
from projections.engine.postgres_store import PostgresStore
from projections.engine.projection import Projection
from projections.engine.rows import BatchRows, NotLoaded
from projections.engine.tables import RowTable, deltas
from projections.questions.asked import When
from tests import histories

YEAR_END = datetime(2023, 12, 31, 16, tzinfo=UTC)


class Log(Application[str]):
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "dispatch.eventlog"}


class Lent:
    """A connection of the library's, in the form that our store expects: rows are tuples."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def allow(self, seconds: float) -> None:
        """The library waits as long as it takes."""

    def cursor(self, **named: Any) -> Any:
        return self._connection.cursor(row_factory=tuple_row, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def folded(store: PostgresStore, projection: Projection, recorded: Recorded) -> BatchRows:
    """Load what one event touches, also what only its fold can name, and fold it in."""
    touched: dict[RowTable[Any], list[Any]] = {table: [] for table in projection.tables}
    for table, key in projection.keys(recorded):
        touched[table].append(key)
    rows = BatchRows(store.load(touched))
    while True:
        rows.begin()
        try:
            projection.apply(rows, recorded)
        except NotLoaded as miss:
            table, key = miss.touched
            rows.undo()
            rows.load(table, key, store.load({table: [key]})[table][key])
        else:
            return rows


class View(PostgresTrackingRecorder):
    """The same rows and tallies, written in the transaction that tracks the event."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._stores: dict[int, PostgresStore] = {}

    def apply(self, recorded: Recorded, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            store = self._store(cursor.connection)
            for projection in PROJECTIONS:
                if projection.reads(recorded):
                    rows = folded(store, projection, recorded)
                    changes = rows.changes()
                    for table, changed in changes.items():
                        store.write(table, changed)
                    for tally in projection.tallies:
                        if difference := deltas(tally, changes):
                            store.add(tally, difference)
            self._insert_tracking(cursor, tracking)

    def _store(self, connection: Any) -> PostgresStore:
        found = self._stores.get(id(connection))
        if found is None:
            connection.adapters.register_dumper(int, Int8BinaryDumper)
            lent: Any = Lent(connection)
            found = self._stores[id(connection)] = PostgresStore(lent, "library")
            for projection in PROJECTIONS:
                found.create(projection.sql())
        return found


class Board(LibraryProjection[View]):
    name = "board"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.apply(domain_event, tracking)


def library_events_per_second(url: str, events: int) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA library")
    parts = urlsplit(url)
    environment = {
        "DISPATCH_DATABASE": url,
        "BOARD_PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.removeprefix("/"),
        "POSTGRES_HOST": parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0],
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": unquote(parts.username or "postgres"),
        "POSTGRES_PASSWORD": unquote(parts.password or "x"),
    }
    with ProjectionRunner(
        application_class=Log, projection_class=Board, view_class=View, env=environment
    ) as runner:
        warm = events // 5
        runner.wait(warm, timeout=600)
        start = perf_counter()
        runner.wait(warm + events, timeout=600)
        return events / (perf_counter() - start)


def engine_events_per_second(url: str, log: Any) -> Iterator[float]:
    head = log.head()
    generations = PostgresGenerations(url)
    with generations.session() as session:
        for _ in range(3):
            number = session.begin_rebuild()
            engine = Engine(log, session.store(number, live=False), PROJECTIONS, decode=decode)
            start = perf_counter()
            engine.catch_up()
            yield head / (perf_counter() - start)
            session.discard(number)
    generations.close()


def board_from_nothing(log: Any, times: int) -> float:
    when = When(now=NOW, as_of=YEAR_END)
    seconds = []
    for _ in range(times):
        asked = past_questions(log)
        start = perf_counter()
        asked.figures(when)
        asked.staffing(when)
        seconds.append(perf_counter() - start)
    return median(seconds)


def run(postgres_url: str, *, quick: bool) -> dict[str, float]:
    share = 10 if quick else 1
    happened = histories.history(
        1,
        task_count=10_809 // share,
        case_count=307 // share,
        dispute_count=326 // share,
        permit_count=193 // share,
    )
    with empty_log(postgres_url) as log:
        histories.record(log, happened)
        library = library_events_per_second(postgres_url, 300 if quick else 2_000)
        ours = median(engine_events_per_second(postgres_url, log))
        as_of = board_from_nothing(log, 3 if quick else 5)
    return {
        "vs_library_runner": ours / library,
        "engine_events_per_s": ours,
        "library_events_per_s": library,
        "events_of_year": float(len(happened)),
        "as_of_year_s": as_of,
    }
