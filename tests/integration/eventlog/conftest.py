"""A log on each database, with a clock that is moved by hand."""

from collections.abc import Iterator

import pytest

from dispatch.eventlog import EventLog, open_log
from tests.unit.eventlog.making import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(database: str, clock: Clock) -> Iterator[EventLog]:
    with open_log(database, clock=clock) as log:
        yield log
