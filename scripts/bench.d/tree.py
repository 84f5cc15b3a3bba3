"""What the tree costs: appends with it and without, in short turns within one run, on both databases.

Without it is the log as it is, except that no leaf is made, hashed or stored. Each round has a turn of
three logs, in another order each time: with the tree, without it, and a second one without, the control,
which shows what the measuring itself does. Callers are threads, or coroutines on one event loop, which is
how the service appends. `cost_percent` is the share of the throughput that the tree
takes: the median over the rounds, each compared within itself, and the 95% confidence interval of that
median. `cpu_…` is the same of processor time, of this process and (on Linux) of the server's processes.

Then proofs are asked for at random from a tree of a million leaves, and checked; the million is exported,
verified from the bundle by the stand-alone program, and from the database as `dispatch verify` does.
"""

import asyncio
import math
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from itertools import count, permutations
from pathlib import Path
from statistics import median, quantiles
from threading import Barrier, Thread
from time import perf_counter, process_time
from typing import Any, NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typing_extensions import override

from dispatch.eventlog import Append, LogUnavailable, NewEvent, micros
from dispatch.eventlog.bundle.exporting import Directory, export
from dispatch.eventlog.checkpoints.issuing import issue
from dispatch.eventlog.checkpoints.signer import Ed25519Signer
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.placement import Known, Placed
from dispatch.eventlog.postgres import PostgresLog
from dispatch.eventlog.postgres_arrays import columns
from dispatch.eventlog.postgres_connection import PatientConnection
from dispatch.eventlog.postgres_statements import INSERT_AS_GUESSED, INSERT_NODES
from dispatch.eventlog.sqlite import SqliteLog
from dispatch.eventlog.tree.checking import Check, Fault
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.proofs import consistent
from tests import postgres

STATE = (
    b'{"data":{"type":"task.accepted","at":"2026-05-06T07:08:09.123456Z","by":"m:0198"},'
    b'"meta":{"actor":"m:0198","role":"member","scope":"500115101001","command_id":"0198c0ffee",'
    b'"correlation_id":"0198c0ffee"}}'
)
NODES = f"inserted_nodes AS ({INSERT_NODES} WHERE (SELECT holds FROM guess)),\n"
INSERT_WITHOUT_NODES = INSERT_AS_GUESSED.replace(NODES, "")
assert NODES in INSERT_AS_GUESSED
streams = count()

Trio = dict[str, DatabaseLog]
"""The logs that are compared: `without`, `with`, `control`."""
Timed = tuple[float, float]
"""Seconds by the clock and of this process's processor time."""
Way = Callable[[DatabaseLog, int, int], Timed]
"""How so many callers append so many events to a log."""


def clock() -> datetime:
    return datetime.now(UTC)


class WithoutTree(DatabaseLog):
    """A log that pays nothing for the tree."""

    @override
    def _grown(self, known: Known, placed: Placed) -> Growth:
        growth = Growth()
        growth.size = placed.first + len(placed.events) - 1
        return growth


class SqliteWithout(WithoutTree, SqliteLog):
    """The log on SQLite without the tree."""


class PostgresWithout(WithoutTree, PostgresLog):
    """The log on PostgreSQL without the tree."""

    @override
    def _write(
        self, connection: PatientConnection, placed: Placed, guess: Sequence[Any] = ()
    ) -> psycopg.Cursor[Any]:
        if not guess:
            return super()._write(connection, placed)
        commands, events = columns(placed.commands), columns(placed.events)
        head = str(placed.first + len(placed.events) - 1)
        parameters = [*guess, *commands, placed.first, placed.recorded_at, *events, head]
        return connection.execute(INSERT_WITHOUT_NODES, parameters, prepare=True)


def history(events: int) -> Iterator[Append]:
    """Give the commands of a stream, an event each."""
    stream = f"task:{next(streams)}"
    for version in range(1, events + 1):
        event = NewEvent(stream, version, "task.accepted", micros(clock()), STATE)
        yield Append(f"{stream}:{version}", b"", (event,), {stream: version - 1}, b"null")


def by_threads(log: DatabaseLog, callers: int, saves: int) -> Timed:
    """Append, each thread its share; returns seconds by the clock and of this process."""
    ready = Barrier(callers + 1)

    def work() -> None:
        ready.wait()
        for append in history(saves // callers):
            log.append(append)

    workers = [Thread(target=work) for _ in range(callers)]
    for worker in workers:
        worker.start()
    ready.wait()
    used, start = process_time(), perf_counter()
    for worker in workers:
        worker.join()
    return perf_counter() - start, process_time() - used


def by_coroutines(log: DatabaseLog, callers: int, saves: int) -> Timed:
    """Do the same from one event loop."""

    async def work() -> None:
        for append in history(saves // callers):
            await log.append_async(append)

    async def turn() -> Timed:
        used, start = process_time(), perf_counter()
        await asyncio.gather(*(work() for _ in range(callers)))
        return perf_counter() - start, process_time() - used

    return asyncio.run(turn())


class Turn(NamedTuple):
    """What one event of a turn took, in µs: by the clock, of this process and of the database's server."""

    wall: float
    client: float
    server: float


def server_seconds(log: DatabaseLog) -> float:
    """Return the processor time of all processes of a log's server; 0 for SQLite, or without /proc."""
    writer = log._writer if isinstance(log, PostgresLog) else None  # noqa: SLF001 - it is the bench's own log
    if writer is None:
        return 0.0
    try:
        parent = Path(f"/proc/{writer.info.backend_pid}/stat").read_text().rsplit(") ", 1)[1].split()[1]
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return sum(_scheduled(pid) for pid in children) / 1e9
    except FileNotFoundError:
        return 0.0


def _scheduled(pid: str) -> int:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except FileNotFoundError:  # a worker of the server that has just ended
        return 0


def turn(log: DatabaseLog, way: Way, callers: int, saves: int) -> Turn:
    """Append, each caller its share, and return what one event took."""
    served = server_seconds(log)
    wall, client = way(log, callers, saves)
    return Turn(*(1e6 * taken / saves for taken in (wall, client, server_seconds(log) - served)))


def interval(values: list[float]) -> list[float]:
    """Return the median and the 95% confidence interval of it, by ranks: nothing is assumed of the values."""
    ordered, half = sorted(values), 0.98 * len(values) ** 0.5
    middle = (len(values) - 1) / 2
    low, high = max(math.floor(middle - half), 0), min(math.ceil(middle + half), len(values) - 1)
    return [round(at, 1) for at in (median(ordered), ordered[low], ordered[high])]


def costs(logs: Trio, way: Way, *, callers: int, rounds: int, saves: int) -> dict[str, Any]:
    """Return appends/s, what share of them the tree takes, and what it adds to the processors' work."""
    found: dict[str, list[Turn]] = {name: [] for name in logs}
    orders = list(permutations(logs))
    for number in range(rounds):
        for name in orders[number % len(orders)]:
            found[name].append(turn(logs[name], way, callers, saves))

    def processors(taken: Turn) -> float:
        return taken.client + taken.server

    def wall(taken: Turn) -> float:
        return taken.wall

    def compared(of: Callable[[float, float], float], taken: Callable[[Turn], float]) -> list[float]:
        rounds = zip(found["without"], found["control"], found["with"], strict=True)
        return interval([of((taken(a) + taken(b)) / 2, taken(c)) for a, b, c in rounds])

    def share(without: float, with_it: float) -> float:
        return 100 * (1 - without / with_it)

    def control(taken: Callable[[Turn], float]) -> list[float]:
        rounds = zip(found["without"], found["control"], strict=True)
        return interval([share(taken(a), taken(b)) for a, b in rounds])

    def added(without: float, with_it: float) -> float:
        return with_it - without

    return {
        "without_per_s": 1e6 / median(taken.wall for taken in found["without"]),
        "with_per_s": 1e6 / median(taken.wall for taken in found["with"]),
        "cost_percent": compared(share, wall),
        "control_percent": control(wall),
        "cpu_cost_percent": compared(share, processors),
        "cpu_control_percent": control(processors),
        "cpu_us_without": median(map(processors, found["without"])),
        "cpu_us_added_client": compared(added, lambda taken: taken.client),
        "cpu_us_added_server": compared(added, lambda taken: taken.server),
    }


def fill(log: DatabaseLog, size: int) -> None:
    """Append events by thousands until there are so many."""
    while (head := log.head()) < size:
        stream = f"filling:{head}"
        events = tuple(
            NewEvent(stream, n, "task.accepted", head + n, STATE)
            for n in range(1, min(2_000, size - head) + 1)
        )
        with suppress(LogUnavailable):  # a busy disk; the head says what was stored
            log.append(Append(stream, b"", events, {stream: 0}, b"null"))


def milliseconds(
    ask: Callable[[int, int], Sequence[Sequence[bytes]]], cases: list[tuple[int, int]]
) -> dict[str, float]:
    taken = []
    for a, b in cases:
        start = perf_counter()
        ask(a, b)
        taken.append((perf_counter() - start) * 1e3)
    return {"p50_ms": median(taken), "p99_ms": quantiles(taken, n=100)[98]}


def proofs(log: DatabaseLog, *, size: int, asked: int) -> dict[str, Any]:
    """Return the times of proofs from a log of `size` events, each of another place and size."""
    chance = random.Random(1)
    cases = [(chance.randint(1, at), at) for at in (chance.randint(size // 2, size) for _ in range(asked))]
    tree = log.tree
    figures = {
        "inclusion": milliseconds(tree.inclusion, cases),
        "consistency": milliseconds(tree.consistency, cases),
    }
    for old, at in cases[:20]:
        path, was, now = tree.consistency(old, at), tree.roots(old), tree.roots(at)
        for algorithm, nodes, old_root, root in zip(ALGORITHMS, path, was[1:], now[1:], strict=True):
            assert consistent(algorithm, nodes, old=old, size=at, old_root=old_root, root=root)
    return figures


def seconds(job: Callable[[], object]) -> float:
    start = perf_counter()
    job()
    return perf_counter() - start


def verification(log: DatabaseLog, directory: Path) -> dict[str, float]:
    """Return how long it takes to export the whole log and to verify it, outside and inside."""
    signer = Ed25519Signer("bench.example/log", Ed25519PrivateKey.generate())
    checkpoint = issue(log.tree, signer, "bench.example/log", [])
    bundle, outside = directory / "bundle", directory / "outside.checkpoint"
    outside.write_text(checkpoint.note)
    target = Directory(bundle)
    program = [sys.executable, str(bundle / "verify_bundle.py"), str(bundle), "--checkpoint", str(outside)]
    figures = {
        "export_s": seconds(
            lambda: list(
                export(log, target, origin="bench.example/log", key=signer.key, checkpoints=[checkpoint])
            )
        ),
        "verify_bundle_s": seconds(lambda: subprocess.run(program, check=True, stdout=subprocess.DEVNULL)),
    }
    shutil.rmtree(bundle)
    faults: list[Fault] = []
    figures["verify_s"] = seconds(lambda: faults.extend(Check(log, {"outside": checkpoint.roots}).faults()))
    assert not faults, faults
    return figures


def run(postgres_url: str, *, quick: bool) -> dict[str, Any]:
    """Return the tree's cost with one caller and with 32, and the times of proofs at a million events."""
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def postgresql(kind: type[PostgresLog]) -> DatabaseLog:
            url = stack.enter_context(postgres.fresh_database(postgres_url))
            return stack.enter_context(kind(url, clock=clock))

        def sqlite(kind: type[SqliteLog], name: str) -> DatabaseLog:
            return stack.enter_context(kind(str(directory / f"{name}.db"), clock=clock))

        trios: dict[str, Trio] = {
            "postgresql": {
                "without": postgresql(PostgresWithout),
                "with": postgresql(PostgresLog),
                "control": postgresql(PostgresWithout),
            },
            "sqlite": {
                "without": sqlite(SqliteWithout, "without"),
                "with": sqlite(SqliteLog, "with"),
                "control": sqlite(SqliteWithout, "control"),
            },
        }
        for kind, way, callers, rounds, saves in (
            ("32_coroutines", by_coroutines, 32, 240, 320),
            ("32_threads", by_threads, 32, 240, 320),
            ("1_thread", by_threads, 1, 120, 30),
        ):
            for name, trio in trios.items():
                for log in trio.values():
                    turn(log, way, callers, saves)
                shorter = 4 if quick else 1
                figures[f"{name}_{kind}"] = costs(
                    trio, way, callers=callers, rounds=rounds // shorter, saves=saves
                )
        size = 100_000 if quick else 1_000_000
        for name, trio in trios.items():
            log = trio["with"]
            fill(log, size)
            figures[f"{name}_at_{size}"] = proofs(log, size=size, asked=500 if quick else 2_000)
            figures[f"{name}_at_{size}"] |= verification(log, directory)
    return figures
