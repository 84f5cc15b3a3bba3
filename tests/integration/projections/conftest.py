"""A real log with the example's events, and read models beside it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import pytest

from dispatch.domain.event import Event
from dispatch.eventlog import EventLog, open_log
from projections.engine.generations import Generations
from tests.integration.projections.setting import Append, open_generations, record


@pytest.fixture
def log(database: str) -> Iterator[EventLog]:
    with open_log(database, clock=lambda: datetime.now(UTC)) as log:
        yield log


@pytest.fixture
def generations(database: str) -> Iterator[Generations]:
    generations = open_generations(database)
    yield generations
    generations.close()


@pytest.fixture
def append(log: EventLog) -> Append:
    """Record (item, event) pairs and return the last position."""

    def append(history: Iterable[tuple[str, Event]]) -> int:
        return record(log, history)

    return append


__all__ = ["Callable", "append", "generations", "log"]
