"""What the service acknowledged is there, once, whatever happens to the database or on the line to it.

A client with a ledger of its own works on; meanwhile PostgreSQL is killed with all its processes and started
again, its backends are ended, lines are cut, and lines are left open on which nothing comes through any more.
Each time the service must be ready and its read models caught up within seconds, with nobody's help.
The break: PostgreSQL answers before what it committed is on disk, as with `synchronous_commit = off`.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic, sleep

import psycopg

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.faults.ledger import EACH, Client, Ledger, compare
from tests.faults.line import Proxy
from tests.faults.own_server import Server, own_server
from tests.faults.proofs import ProofResult

NAME = "database-killed"
BROKEN = (Path(__file__).parent.parent / "broken_service.py", "asynchronous")
SHORT, FULL = (150, 4), (25_000, 60)
"""Tasks, and troubles."""
BREAKING = (100, 2)
AT_ONCE = 16
DOWN_SECONDS = 0.5
CAUGHT_UP_WITHIN = 5.0
PATIENCE = 90.0
LOOK = 0.05
BACKENDS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def kill(server: Server, _proxy: Proxy) -> None:
    """Kill all its processes, and start it again."""
    server.kill()
    sleep(DOWN_SECONDS)
    server.start()


def end_backends(server: Server, _proxy: Proxy) -> None:
    with psycopg.connect(server.url, autocommit=True) as session:
        session.execute(f"SELECT pg_terminate_backend(pid) {BACKENDS}")


def cut(_server: Server, proxy: Proxy) -> None:
    proxy.cut()


def half_open(_server: Server, proxy: Proxy) -> None:
    proxy.half_open()


TROUBLES: tuple[Callable[[Server, Proxy], None], ...] = (kill, end_backends, half_open, cut)


def caught_up(town: Town, position: int) -> float:
    """Wait until the service says that it does its work, and shows what it acknowledged; in seconds."""
    began = monotonic()
    reader = town.by("supervisor")
    asked = ("/readyz", f"/api/v1/tasks?limit=1&after={position}")
    while any(reader.get(path).status != HTTPStatus.OK for path in asked):
        if monotonic() - began > PATIENCE:
            return float("inf")
        sleep(LOOK)
    return monotonic() - began


@dataclass(frozen=True)
class Scene:
    """Who takes part."""

    server: Server
    proxy: Proxy
    client: Client
    red: bool

    async def play(self, address: str, tasks: int, troubles: int) -> dict[str, float]:
        """Do so many tasks while there is trouble; returns the longest time to catch up, after which."""
        async with asyncio.TaskGroup() as group:
            making = group.create_task(self._trouble(tasks * EACH, troubles))
            group.create_task(self.client.work(address, tasks, AT_ONCE))
        return making.result()

    async def _trouble(self, requests: int, troubles: int) -> dict[str, float]:
        """Make trouble at so many points on the way."""
        seconds: dict[str, float] = {}
        for point in range(troubles):
            await self.client.reach(requests * (point + 1) // (troubles + 1))
            position = self.client.position
            trouble = kill if self.red else TROUBLES[point % len(TROUBLES)]
            await asyncio.to_thread(trouble, self.server, self.proxy)
            if not self.red:
                took = await asyncio.to_thread(caught_up, self.client.town, position)
                seconds[trouble.__name__] = max(took, seconds.get(trouble.__name__, 0.0))
        return seconds


def run(*, full: bool, red: bool) -> ProofResult:
    """Make trouble under load; in the red twin PostgreSQL answers before it has written."""
    tasks, troubles = BREAKING if red else FULL if full else SHORT
    with own_server() as server, tempfile.TemporaryDirectory(prefix="dispatch-proof-") as made:
        directory = Path(made)
        root = first_administrator(server.url)
        proxy = Proxy(server.url)
        try:
            with Running(proxy.url, directory, program=BROKEN if red else None) as running:
                town = Town(running.client.bearing(root)).found()
                before = town.root.head()
                client = Client(town, Ledger(directory / "ledger"))
                scene = Scene(server, proxy, client, red)
                seconds = asyncio.run(scene.play(running.address, tasks, troubles))
        finally:
            proxy.close()
        findings = compare(client.ledger, server.url, before)
        client.ledger.close()
    longest = max(seconds.values(), default=0.0)
    figure = f"{findings}; {troubles} troubles, {client.again:,} sent again"
    figure += f", {tasks * EACH - client.done:,} unanswered" if client.unanswered else ""
    after = ", ".join(f"{took:.1f} s after {trouble}" for trouble, took in seconds.items())
    figure += "" if red else f", caught up at most {after}"
    # How soon is a matter of the machine: only the full proof, on a quiet one, is held to it.
    in_time = longest <= CAUGHT_UP_WITHIN or (not full and longest <= PATIENCE)
    return ProofResult(NAME, findings.ok and client.done == tasks * EACH and in_time, figure)
