"""The live read models are what a rebuild would make, row by row, wherever the projecting process broke off.

Each history is folded in batches by processes that break off between any two statements, one after the
other, each going on from what the database holds. Then every row, every tally and every position is
compared with a plain fold of the whole history in memory.
The break: each statement commits by itself, the position apart from the rows.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from dispatch.domain.event import Event
from projections.engine.engine import Engine
from projections.engine.postgres_generations import connect
from projections.engine.postgres_store import PostgresStore
from projections.engine.projection import Projection
from projections.engine.sqlite_store import SqliteStore
from projections.engine.store import Store, unwatched
from projections.engine.tables import RowTable
from tests import postgres
from tests.faults.proofs import ProofResult
from tests.unit.projections.example import (
    ITEMS,
    NUMBERS,
    SEEN,
    START,
    VISITS,
    Closed,
    Forgotten,
    ListLog,
    Moved,
    Opened,
    decode,
    folded,
    items,
    last_seen,
    store,
    summed,
)

NAME = "live-rebuilt"
SHORT, FULL = 60, 1_000
"""Histories, half of them on each database."""

Open = Callable[[int], Store]


class Crash(BaseException):
    """The process ends here, as far as the database can tell."""


class ApartSqlite(SqliteStore):
    """The break: no transaction around rows and position."""

    @override
    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


class ApartPostgres(PostgresStore):
    """The same break on PostgreSQL."""

    @override
    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


@dataclass
class Found:
    """What was compared, and how often it wasn't the same."""

    histories: int = 0
    crashes: int = 0
    compared: int = 0
    differences: int = 0


def history(chance: random.Random) -> list[tuple[str, Event]]:
    """Return a history of up to 120 events of a few items, reported in no order of time."""
    existing: set[str] = set()
    found: list[tuple[str, Event]] = []
    for _ in range(chance.randint(1, 120)):
        item, place = chance.choice("abcdefgh"), chance.choice(["north", "south", "centre"])
        at = START + timedelta(minutes=chance.randint(0, 9_000))
        if item not in existing:
            existing.add(item)
            found.append((item, Opened(at=at, place=place)))
            continue
        kind = chance.choice([Moved, Moved, Closed, Forgotten])
        if kind is Forgotten:
            existing.discard(item)
        found.append((item, Moved(at=at, place=place) if kind is Moved else kind(at=at)))
    return found


def breaking_off_after(statements: int) -> Callable[[str], None]:
    """Return what lets so many statements through."""
    left = statements

    def before_statement(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    return before_statement


def project(live: Store, log: ListLog, projections: Sequence[Projection], chance: random.Random) -> int:
    """Fold a log to its end with processes that break off; returns how many did."""
    batch, crashes = chance.randint(1, 40), chance.randint(0, 8)
    broken_off = 0
    for _ in range(crashes):
        live.before_statement = breaking_off_after(chance.randint(0, 40))
        try:
            Engine(log, live, projections, decode=decode, batch=batch).catch_up()
        except Crash:
            broken_off += 1
    live.before_statement = unwatched
    Engine(log, live, projections, decode=decode, batch=batch).catch_up()
    return broken_off


def differences(live: Store, log: ListLog, projections: Sequence[Projection]) -> tuple[int, int]:
    """Return how many rows, tallies and positions were compared and how many differ."""
    expected: list[set[Any]] = []
    found: list[set[Any]] = []
    rows = {projection.name: folded(projection, log.events) for projection in projections}
    tables: list[tuple[str, RowTable[Any]]] = [("items", ITEMS), ("items", VISITS), ("last_seen", SEEN)]
    for name, table in tables:
        expected.append(set(rows[name].all(table)))
        found.append(set(live.scan(table)))
    expected.append(set(summed(NUMBERS, rows["items"]).items()))
    found.append(set(live.tallied(NUMBERS).items()))
    expected.append({(projection.name, log.head()) for projection in projections})
    found.append({(standing.projection, standing.position) for standing in live.standings().values()})
    pairs = list(zip(expected, found, strict=True))
    return sum(len(a | b) for a, b in pairs), sum(len(a ^ b) for a, b in pairs)


def compare(open_store: Open, number: int, seed: int, total: Found) -> None:
    """Play histories on one database and add to what was found."""
    chance = random.Random(seed)
    for n in range(number):
        projections = [items(), last_seen()]
        log = ListLog(store(history(chance)))
        live = open_store(n)
        try:
            total.crashes += project(live, log, projections, chance)
            compared, different = differences(live, log, projections)
        finally:
            live.close()
        total.histories += 1
        total.compared += compared
        total.differences += different


def run(*, full: bool, red: bool) -> ProofResult:
    """Compare on both databases; the red twin commits each statement by itself."""
    number = (FULL if full else SHORT) // 2
    total = Found()
    with tempfile.TemporaryDirectory() as directory:
        sqlite = ApartSqlite if red else SqliteStore
        compare(lambda n: sqlite(Path(directory) / f"views-{n}"), number, 1, total)
    with postgres.running_server() as url, connect(url) as connection:

        def open_postgres(n: int) -> Store:
            connection.allow(60)
            connection.execute(f"CREATE SCHEMA views_{n}".encode())
            return (ApartPostgres if red else PostgresStore)(connection, f"views_{n}")

        compare(open_postgres, number, 2, total)
    figure = (
        f"{total.differences:,} differences in {total.compared:,} rows, tallies and positions of "
        f"{total.histories:,} histories, broken off {total.crashes:,} times between two statements"
    )
    return ProofResult(NAME, total.differences == 0 and total.crashes > 0, figure)
