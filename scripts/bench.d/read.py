"""How the time for a town's figures depends on the length of the log, on PostgreSQL.

The same town and the same questions, on a log of 10,000 events (the town's alone) and on one of
1,000,000 (a district of towns, this one among them, with five times the events that it has in the
other): a whole year, and a window of odd days. Asked in turns within one run.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

sys.path.append(str(Path(__file__).parent))

from _models import NOW, another_database, empty_log, questions

from dispatch.domain.event import name_of
from dispatch.eventlog import Append, EventLog, NewEvent, micros
from dispatch.eventlog.mapper import encode
from projections.questions.asked import Asked, When, Window
from projections.questions.questions import Questions
from tests import histories

WHEN = When(now=NOW)
TOWN = Asked(scope=histories.TOWN)
WINDOWS = (
    Window(datetime(2022, 12, 31, 16, tzinfo=UTC), datetime(2023, 12, 31, 16, tzinfo=UTC)),
    Window(datetime(2023, 2, 2, 16, tzinfo=UTC), datetime(2023, 11, 19, 16, tzinfo=UTC)),
)
EVENTS_OF_TASK = 5.4
"""Of a made-up task, about."""


class Template(NamedTuple):
    """An event of one town, to be said of others by putting another town's code in place of its own."""

    stream: bytes
    name: str
    at: int
    state: bytes


def year(events: int) -> list[Template]:
    """A town's year of about so many events."""
    tasks = int(events * 0.93 / EVENTS_OF_TASK)
    rest = max(1, int(events * 0.02 / 8))
    made = histories.items(
        1, task_count=tasks, case_count=2 * rest, dispute_count=rest // 2, permit_count=rest
    )
    happened = [*histories.town(), *histories.in_order(random.Random(1), made)]
    return [
        Template(stream.encode(), name_of(event), micros(event.at), encode(event, histories.METADATA))
        for stream, event in happened
    ]


def said_of(town: str, templates: Sequence[Template]) -> Iterator[NewEvent]:
    """The same events in another town."""
    own, other = histories.TOWN.encode(), town.encode()
    key, other_key = f"x{histories.TOWN[-3:]}x".encode(), f"x{town[-3:]}x".encode()
    versions: dict[bytes, int] = {}
    for stream, name, at, state in templates:
        versions[stream] = versions.get(stream, 0) + 1
        moved = stream.replace(own, other).replace(key, other_key).decode()
        yield NewEvent(moved, versions[stream], name, at, state.replace(own, other).replace(key, other_key))


def append(log: EventLog, town: str, templates: Sequence[Template], chunk: int = 10_000) -> int:
    events = list(said_of(town, templates))
    last = 0
    for begin in range(0, len(events), chunk):
        some = events[begin : begin + chunk]
        reads: dict[str, int] = {}
        for event in some:
            reads.setdefault(event.stream, event.version - 1)
        last = log.append(Append(f"{town}-{begin}", b"", tuple(some), reads, b"{}")).last
    return last


def seconds(asked: Questions) -> float:
    start = perf_counter()
    for window in WINDOWS:
        asked.figures(WHEN, TOWN, window)
    return (perf_counter() - start) / len(WINDOWS)


def run(postgres_url: str, *, quick: bool) -> dict[str, float]:
    small, large = 10_000, 100_000 if quick else 1_000_000
    with another_database(postgres_url, "bench_small") as url, empty_log(url) as short:
        held = append(short, histories.TOWN, year(small))
        with empty_log(postgres_url) as long:
            templates, head, number = year(5 * small), 0, 0
            while head < large:
                head = append(long, f"500115{101 + number}", templates)
                number += 1
            with questions(url, short) as few, questions(postgres_url, long) as many:
                for _ in range(5):
                    seconds(few), seconds(many)
                times = [(seconds(few), seconds(many)) for _ in range(20 if quick else 100)]
    few_s, many_s = (median(column) for column in zip(*times, strict=True))
    return {
        "million_vs_ten_thousand": many_s / few_s,
        "ten_thousand_ms": few_s * 1000,
        "million_ms": many_s * 1000,
        "events_few": float(held),
        "events_many": float(head),
    }
