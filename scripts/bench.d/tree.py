"""What the tree costs: appends with it and without, in turns within one run, on both databases.

Without it is the log as it is, except that no leaf is made, hashed or stored. Then proofs are asked
for at random from a tree of a million leaves, and checked; the million is exported, verified from the
bundle by the stand-alone program, and from the database as `dispatch verify` does.
"""

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from threading import Barrier, Thread
from time import perf_counter
from typing import Any

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
        commands, events = (
            list(map(list, zip(*rows, strict=True))) for rows in (placed.commands, placed.events)
        )
        head = str(placed.first + len(placed.events) - 1)
        parameters = [*guess, *commands, placed.first, placed.recorded_at, *events, head]
        return connection.execute(INSERT_WITHOUT_NODES, parameters, prepare=True)


def save(log: DatabaseLog, saves: int) -> None:
    stream = f"task:{next(streams)}"
    for version in range(1, saves + 1):
        event = NewEvent(stream, version, "task.accepted", micros(clock()), STATE)
        log.append(Append(f"{stream}:{version}", b"", (event,), {stream: version - 1}, b"null"))


def per_second(log: DatabaseLog, *, threads: int, saves: int) -> float:
    ready = Barrier(threads + 1)

    def work() -> None:
        ready.wait()
        save(log, saves // threads)

    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = perf_counter()
    for worker in workers:
        worker.join()
    return saves / (perf_counter() - start)


def costs(pairs: dict[str, tuple[DatabaseLog, DatabaseLog]], *, rounds: int, saves: int) -> dict[str, Any]:
    """Return appends/s without and with the tree, and the share that the tree takes, in turns."""
    figures: dict[str, Any] = {}
    for threads in (1, 32):
        ratios: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
        for turn in range(rounds):
            for name, pair in pairs.items():
                number = saves if threads > 1 else saves // 20
                order = (0, 1) if turn % 2 else (1, 0)
                measured = {at: per_second(pair[at], threads=threads, saves=number) for at in order}
                ratios[name].append((measured[0], measured[1]))
        for name, found in ratios.items():
            figures[f"{name}_{threads}"] = {
                "without": median(a for a, _ in found),
                "with": median(b for _, b in found),
                "cost_percent": round(100 * (1 - median(b / a for a, b in found)), 1),
            }
    return figures


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
        path, roots = tree.consistency(old, at), (tree.roots(old), tree.roots(at))
        for kind, algorithm in enumerate(ALGORITHMS):
            old_root, root = (found[1 + kind] for found in roots)
            assert consistent(algorithm, path[kind], old=old, size=at, old_root=old_root, root=root)
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
    with (
        postgres.fresh_database(postgres_url) as other,
        tempfile.TemporaryDirectory() as directory,
        PostgresWithout(other, clock=clock) as without_postgres,
        PostgresLog(postgres_url, clock=clock) as with_postgres,
        SqliteWithout(str(Path(directory) / "without.db"), clock=clock) as without_sqlite,
        SqliteLog(str(Path(directory) / "with.db"), clock=clock) as with_sqlite,
    ):
        pairs = {
            "postgresql": (without_postgres, with_postgres),
            "sqlite": (without_sqlite, with_sqlite),
        }
        figures = costs(pairs, rounds=8 if quick else 16, saves=1_600 if quick else 3_200)
        size = 100_000 if quick else 1_000_000
        for kind, (_, log) in pairs.items():
            fill(log, size)
            figures[f"{kind}_at_{size}"] = proofs(log, size=size, asked=500 if quick else 2_000)
            figures[f"{kind}_at_{size}"] |= verification(log, Path(directory))
    return figures
