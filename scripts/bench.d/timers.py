"""How soon what is due becomes an event, and what it costs to find ten due items among a million armed."""

import asyncio
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

from commands.handler import Handler
from dispatch.domain.event import Event
from dispatch.eventlog.mapper import decode
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings
from dispatch.service.timers.sweep import Sweep
from projections.due import due
from tests import postgres
from tests.faults.proofs.racing_schedulers import fired, timers, town
from tests.histories import record
from tests.vaults import VAULT

SETTLE_SECONDS = 30
DUE = 10
ROUNDS = 40
ARMED = 1_000_000
"""How many rows are armed beside those that are due."""
COPIED = ARMED + 1
"""The number of the timer, a task, whose row they are copied from."""
ROWS = """
INSERT INTO {schema}.tasks ({columns})
SELECT {values} FROM {schema}.tasks, generate_series(1, {copies}) AS copy WHERE id = %s
"""


def now() -> datetime:
    return datetime.now(UTC)


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


async def due_to_event(url: str, number: int, seconds: float) -> tuple[list[float], list[float]]:
    """Let timers fall due while the service runs; return from due to recorded, and to decided, in seconds."""
    runtime = open_runtime(Settings(database=url))
    await runtime.start()
    try:
        await asyncio.to_thread(record, runtime.log, town(now()))
        begin = now() + timedelta(seconds=max(5.0, number / 1_000))
        history: list[tuple[str, Event]] = list(timers(number, begin, seconds))
        last = await asyncio.to_thread(record, runtime.log, history)
        await runtime.read_models.wait_until(last, 60)
        await asyncio.sleep(max(0.0, (begin - now()).total_seconds()) + seconds)
        for _ in range(SETTLE_SECONDS * 2):
            if not await runtime.timers.late():
                break
            await asyncio.sleep(0.5)
        found = await asyncio.to_thread(fired, runtime.log)
    finally:
        await runtime.stop()
    if len(found) != number:
        raise RuntimeError(f"{len(found)} of {number} timers fired")
    recorded = [at / 1e6 - event.planned_at.timestamp() for _, event, at in found]
    return recorded, [(event.at - event.planned_at).total_seconds() for _, event, _ in found]


async def sweep_of_million(url: str, armed: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the ms of a sweep with ten items due among so many armed, and until the read models know.

    A sweep is: find the ten, load them, decide, append.
    """
    from dispatch.eventlog import open_log
    from dispatch.service.calendars import china
    from dispatch.service.clock import SimulatedClock
    from dispatch.service.runtime import open_generations
    from projections.catalogue import PROJECTIONS
    from projections.engine.supervisor import Supervisor

    begin = now()
    clock = SimulatedClock(begin)
    swept, known = [], []
    with open_log(url, clock=clock) as log:
        read_models = Supervisor(log, open_generations(url), PROJECTIONS, decode=decode)
        read_models.start()
        try:
            record(log, town(begin))
            for one in range(rounds):
                last = record(log, list(timers(DUE, begin + timedelta(minutes=one + 1), 0, one * DUE)))
            last = record(log, list(timers(1, begin + timedelta(days=1), 0, COPIED)))
            await read_models.wait_until(last, 60)
            copy_rows(url, read_models.status.generation or 0, armed)
            sweep = Sweep(Handler(log, calendar=china(), clock=clock, vault=VAULT), read_models, clock)
            for one in range(rounds):
                clock.set(begin + timedelta(minutes=one + 1, seconds=1))
                start = perf_counter()
                with read_models.connection() as connection:
                    found = [one.stream for one in due(connection, clock(), 500)]
                last = (await sweep.look_at(found)).position
                swept.append((perf_counter() - start) * 1_000)
                if len(found) != DUE:
                    raise RuntimeError(f"{len(found)} are due")
                await read_models.wait_until(last, 60)
                known.append((perf_counter() - start) * 1_000)
        finally:
            await asyncio.to_thread(read_models.stop)
    return swept, known


def copy_rows(url: str, generation: int, armed: int) -> None:
    """Have as many armed rows as wanted, without the events that they would come from."""
    import psycopg
    from psycopg import sql

    from projections.tasks.row import TASKS

    schema = sql.Identifier(f"dispatch_views_{generation}")
    made = {"id": "md5(copy::text)", "next_step_at": "next_step_at + copy * 1000"}
    columns = [column.name for column in TASKS.table.columns]
    statement = sql.SQL(ROWS).format(
        schema=schema,
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(
            sql.SQL(made[name]) if name in made else sql.Identifier(name) for name in columns
        ),
        copies=sql.Literal(armed),
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement, [f"{COPIED:032x}"])
        connection.execute(sql.SQL("ANALYZE {}.tasks").format(schema))


def run(postgres_url: str, *, quick: bool) -> dict[str, object]:
    """Measure both; the timers fall due evenly at random within the span."""
    number, seconds = (1_500, 10.0) if quick else (10_000, 60.0)
    recorded, decided = asyncio.run(due_to_event(postgres_url, number, seconds))
    server = urlsplit(postgres_url)._replace(path="/postgres").geturl()
    with postgres.fresh_database(server) as url:
        swept, known = asyncio.run(sweep_of_million(url, 100_000 if quick else 1_000_000, ROUNDS))
    return {
        "timers": number,
        "within_s": seconds,
        "due_to_event_p99_s": round(p99(recorded), 3),
        "due_to_event_median_s": round(median(recorded), 3),
        "due_to_decided_p99_s": round(p99(decided), 3),
        "armed": 100_000 if quick else 1_000_000,
        "sweep_10_due_of_million_ms": round(median(swept), 2),
        "sweep_10_due_of_million_worst_ms": round(max(swept), 2),
        "until_read_models_know_ms": round(median(known), 2),
    }
