"""A full disk loses nothing that was acknowledged, is said to be full, and all goes on once there is room.

A client with a ledger of its own works on while the small disk of the database, with log and read models, is
filled and freed again; on SQLite and on PostgreSQL. The disk is a tmpfs in a namespace of mounts that ends
with the process: it takes root, or a system that lets everybody have namespaces.
The break: a commit that failed for want of room is answered as if it had been done.
"""

import asyncio
import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import psycopg

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.faults.ledger import EACH, Client, Ledger, compare
from tests.faults.own_server import own_server
from tests.faults.proofs import ProofResult

NAME = "disk-full"
BROKEN = (Path(__file__).parent.parent / "broken_service.py", "optimistic")
PROJECT = Path(__file__).parents[3]
KINDS = ("sqlite", "postgresql")
MEGABYTES = {"sqlite": 48, "postgresql": 160}
FULL_MEGABYTES = 1_024
"""Room for all that the full proof writes, so that the disk is full only while it is filled."""
SHORT, FULL = (250, 1), (10_000, 10)
"""Tasks, and how often the disk is filled, on each database."""
BREAKING = (250, 1)
AT_ONCE = 8
LEFT = 200_000
"""Bytes that are left when it is filled: the service itself uses up the last ones."""
WITHIN = 10.0
"""Seconds until readiness tells of it, and until it goes on."""
ENOUGH = 400
"""Answers that a disk with so little left has no room for."""
PATIENCE = 60.0
LOOK = 0.05
AS_ROOT = ("unshare", "--mount", "--propagation", "private")
AS_ANYBODY = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")
MOUNT = 'mount -t tmpfs -o "size=$1m,mode=777" tmpfs "$2" && shift 2 && exec "$@"'


class Trial(NamedTuple):
    """What came of it on one database; times in seconds, each the longest."""

    found: str
    ok: bool
    refused: int
    told: float
    on: float


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave only a little room on a disk while in the block."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        while not _filled(file.fileno(), disk):
            pass
    try:
        yield
    finally:
        ballast.unlink()


def _filled(ballast: int, disk: Path) -> bool:
    """Take up what is free; False if the service took some of it meanwhile."""
    free = os.statvfs(disk)
    try:
        os.posix_fallocate(ballast, 0, max(1, free.f_bavail * free.f_bsize - LEFT))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.ftruncate(ballast, 0)
        return False
    return True


async def fill_now_and_then(disk: Path, client: Client, requests: int, times: int) -> tuple[float, float]:
    """Fill the disk at so many points on the way, and return the longest times of `fill`."""
    seconds = []
    for point in range(1, times + 1):
        await client.reach(requests * point // (2 * times))
        seconds.append(await fill(disk, client))
    told, on = zip(*seconds, strict=True)
    return max(told), max(on)


async def fill(disk: Path, client: Client) -> tuple[float, float]:
    """Fill the disk, and free it when that was felt.

    Returns how long it took from the first refusal until readiness told of it, while what there is can be
    read, and from when there was room until something was acknowledged again.
    """
    told, refused, done = 0.0, client.refused.total(), client.done
    with filled(disk):
        await until(lambda: client.refused.total() > refused or client.done > done + ENOUGH)
        if client.refused.total() > refused:
            told = await until(lambda: reads(client.town) and says_full(client.town))
    done = client.done
    return told, await until(lambda: client.done > done)


def says_full(town: Town) -> bool:
    answer = town.root.get("/readyz")
    return answer.status == HTTPStatus.SERVICE_UNAVAILABLE and answer.json["database"] == "full"


def reads(town: Town) -> bool:
    """Tell whether the lists are still there to be read."""
    return town.by("supervisor").get("/api/v1/tasks?limit=1").status == HTTPStatus.OK


async def until(holds: Callable[[], bool]) -> float:
    """Wait for something; returns after how many seconds, infinitely many if it never came."""
    began = monotonic()
    while not await asyncio.to_thread(holds):
        if monotonic() - began > PATIENCE:
            return float("inf")
        await asyncio.sleep(LOOK)
    return monotonic() - began


async def under_load(
    running: Running, disk: Path, client: Client, tasks: int, times: int
) -> tuple[float, float]:
    async with asyncio.TaskGroup() as group:
        filling = group.create_task(fill_now_and_then(disk, client, tasks * EACH, times))
        group.create_task(client.work(running.address, tasks, AT_ONCE))
    return filling.result()


@contextmanager
def database(kind: str, disk: Path) -> Iterator[str]:
    """Give the URL of a database on this disk."""
    if kind == "sqlite":
        yield f"sqlite:///{disk / 'dispatch.db'}"
        return
    with own_server(disk) as server:
        # Its write-ahead log must not grow over the whole disk by itself before anything is stored.
        with psycopg.connect(server.url, autocommit=True) as session:
            session.execute("ALTER SYSTEM SET max_wal_size = '32MB'")
            session.execute("SELECT pg_reload_conf()")
        yield server.url


def trial(kind: str, disk: Path, tasks: int, times: int, *, red: bool) -> Trial:
    """Work on a database that runs out of room; this process sees the small disk."""
    with tempfile.TemporaryDirectory(prefix="dispatch-proof-") as made, database(kind, disk) as url:
        root = first_administrator(url)
        with Running(url, Path(made), program=BROKEN if red else None) as running:
            town = Town(running.client.bearing(root)).found()
            before = town.root.head()
            client = Client(town, Ledger(Path(made) / "ledger"))
            told, on = asyncio.run(under_load(running, disk, client, tasks, times))
            running.await_ready()
        findings = compare(client.ledger, url, before)
        client.ledger.close()
    ok = findings.ok and client.done == tasks * EACH
    return Trial(str(findings), ok, client.refused["disk-full"], told, on)


def namespace(megabytes: int, disk: str) -> list[str]:
    """Return what to put before a command, so that it alone sees a small disk there."""
    root = os.geteuid() == 0
    mounted = [*(AS_ROOT if root else AS_ANYBODY), "bash", "-c", MOUNT, "bash", str(megabytes), disk]
    return mounted if root else [*mounted, "unshare", "--user", f"--map-user={os.geteuid()}"]


def possible() -> bool:
    """Tell whether this process may have a small disk of its own."""
    with tempfile.TemporaryDirectory(prefix="dispatch-disk-") as disk:
        tried = subprocess.run([*namespace(1, disk), "true"], check=False, capture_output=True)
    return tried.returncode == 0


def on_a_small_disk(kind: str, megabytes: int, tasks: int, times: int, *, red: bool) -> Trial:
    """Do a trial in a process of its own, on a small disk that nobody else sees."""
    call = "from tests.faults.proofs import disk_full; disk_full.main()"
    with tempfile.TemporaryDirectory(prefix="dispatch-disk-") as disk:
        arguments = json.dumps([kind, disk, tasks, times, red])
        program = [sys.executable, "-c", call, arguments]
        command = [*namespace(megabytes, disk), *program]
        done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    return Trial(*json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Do the trial that the last argument describes, and print what came of it as the last line."""
    kind, disk, tasks, times, red = json.loads(sys.argv[-1])
    print(json.dumps(trial(kind, Path(disk), tasks, times, red=red)))  # noqa: T201 - is read


def run(*, full: bool, red: bool) -> ProofResult:
    """Fill and free the disk under load; in the red twin a commit that failed counts as done."""
    if not possible():
        return ProofResult(NAME, ok=False, figure="no small disk is to be had here: it takes root")
    tasks, times = BREAKING if red else FULL if full else SHORT
    room = dict.fromkeys(KINDS, FULL_MEGABYTES) if full and not red else MEGABYTES
    trials = {kind: on_a_small_disk(kind, room[kind], tasks, times, red=red) for kind in KINDS}
    told, on = max(one.told for one in trials.values()), max(one.on for one in trials.values())
    figure = "; ".join(f"{kind}: {one.found}, {one.refused:,} refusals" for kind, one in trials.items())
    figure += f"; told of after {told:.1f} s, on again {on:.1f} s after there was room"
    # How soon is a matter of the machine: only the full proof, on a quiet one, is held to it.
    in_time = max(told, on) <= (WITHIN if full else PATIENCE)
    return ProofResult(NAME, all(one.ok and one.refused for one in trials.values()) and in_time, figure)
