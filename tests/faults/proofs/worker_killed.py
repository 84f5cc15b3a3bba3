"""What a worker acknowledged is there, once, however often workers are killed under load.

A client with a ledger of its own issues tasks and takes each through its steps, on the version that it read,
at two worker processes on one PostgreSQL; one of them is killed again and again, and now and then the whole
service. Afterwards the log is verified against its tree, and the read models against the log.
The break: the workers answer what they have written before they commit it.
"""

import asyncio
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from tests import postgres
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.faults.ledger import EACH, Client, Findings, Ledger, compare
from tests.faults.proofs import ProofResult

NAME = "worker-killed"
BROKEN = (Path(__file__).parent.parent / "broken_service.py", "hasty")
SHORT, FULL = (150, 2), (25_000, 100)
"""Tasks, and kills."""
BREAKING = (60, 2)
AT_ONCE = 16
WORKERS = 2
WHOLE_ONE_IN = 5
"""Every so many kills it is the whole service, which is started again."""


async def kill_now_and_then(running: Running, client: Client, requests: int, kills: int) -> int:
    """Kill at so many points on the way; returns how often somebody was there to be killed."""
    done = 0
    for point in range(1, kills + 1):
        await client.reach(requests * point // (kills + 1))
        if point % WHOLE_ONE_IN == 0:
            running.kill()
            await asyncio.to_thread(running.start)
            done += 1
            continue
        # The elder of the two: the younger one may not have begun to serve.
        for worker in running.workers()[:1]:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                done += 1
    return done


async def under_load(running: Running, client: Client, tasks: int, kills: int) -> int:
    """Do so many tasks while workers die; returns how many did."""
    async with asyncio.TaskGroup() as group:
        killing = group.create_task(kill_now_and_then(running, client, tasks * EACH, kills))
        group.create_task(client.work(running.address, tasks, AT_ONCE))
    return killing.result()


def trial(
    url: str, directory: Path, tasks: int, kills: int, *, red: bool
) -> tuple[Findings, Client, int, str]:
    """Do so many tasks while workers die, and compare ledger and log; the last is what the service said."""
    root = first_administrator(url)
    program = BROKEN if red else None
    with Running(url, directory, program=program, workers=str(WORKERS)) as running:
        town = Town(running.client.bearing(root)).found()
        before = town.root.head()
        (directory / "broken").touch()  # of no concern to the service as it is
        client = Client(town, Ledger(directory / "ledger"))
        killed = asyncio.run(under_load(running, client, tasks, kills))
    findings = compare(client.ledger, url, before)
    client.ledger.close()
    return findings, client, killed, running.said()


def run(*, full: bool, red: bool) -> ProofResult:
    """Kill workers under load; the red twin's answer before they commit."""
    tasks, kills = BREAKING if red else FULL if full else SHORT
    with (
        postgres.running_server() as url,
        tempfile.TemporaryDirectory(prefix="dispatch-proof-") as directory,
    ):
        findings, client, killed, said = trial(url, Path(directory), tasks, kills, red=red)
    requests = tasks * EACH
    figure = f"{findings}; {killed} kills, {client.again:,} sent again"
    figure += f", {requests - client.done:,} unanswered" if client.unanswered else ""
    ok = findings.ok and client.done == requests and killed == kills
    return ProofResult(NAME, ok, figure, "" if ok or red else said[-20_000:])
