"""What tests of the read side share: recording histories, opening generations, reading them back."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from time import monotonic, sleep
from typing import Any

from dispatch.domain.event import Event
from dispatch.eventlog import Append as LogAppend
from dispatch.eventlog import EventLog, NewEvent
from projections.engine.generations import Generations
from projections.engine.postgres_generations import PostgresGenerations
from projections.engine.projection import Projection
from projections.engine.sqlite_generations import SqliteGenerations
from projections.engine.store import Store
from tests.unit.projections.example import store

Append = Callable[[Iterable[tuple[str, Event]]], int]


def open_generations(database: str) -> Generations:
    if database.startswith("sqlite"):
        return SqliteGenerations(database.removeprefix("sqlite:///"))
    return PostgresGenerations(database)


def record(log: EventLog, history: Iterable[tuple[str, Event]]) -> int:
    """Append (item, event) pairs in one transaction and return the last position."""
    stored = store(history)
    versions = log.versions(sorted({one.stream for one in stored}))
    events = tuple(
        NewEvent(one.stream, one.version + versions[one.stream], one.name, one.at, one.state)
        for one in stored
    )
    command = LogAppend(uuid.uuid4().hex, b"", events, versions, b"{}")
    return log.append(command).last


def contents(store: Store, projections: Sequence[Projection]) -> dict[str, Any]:
    """Everything that a generation holds, in an order that doesn't depend on how it came there."""
    found: dict[str, Any] = {"standings": store.standings()}
    for projection in projections:
        for table in projection.tables:
            found[table.name] = sorted(store.scan(table), key=str)
        for tally in projection.tallies:
            found[tally.name] = store.tallied(tally)
    return found


def eventually(condition: Callable[[], object], timeout: float = 15) -> None:
    """Wait until something comes true that another thread or process brings about."""
    deadline = monotonic() + timeout
    while not condition():
        assert monotonic() < deadline, "it didn't come true in time"
        sleep(0.01)
