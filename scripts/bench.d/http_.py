"""Durable commands over HTTP on PostgreSQL, against an empty POST route of the same application."""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import _load

TOWN = "500115001"
GRIDS = tuple(f"{TOWN}{village:03d}001" for village in range(1, 10))


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _prepare(url: str) -> dict[str, str]:
    """Make a town with grids, an operator and a worker on the log; return their bearer tokens."""
    from commands.accounts.add import AddAccount
    from commands.accounts.issue_token import IssueToken
    from commands.command import Command, Request
    from commands.towns.draw_grids import DrawGrids, GridPlan
    from commands.towns.found import FoundTown
    from commands.towns.join_members import JoinMembers, MemberPlan
    from commands.towns.post_member import PostMember
    from dispatch.domain.accounts import Role
    from dispatch.domain.towns import Post
    from dispatch.service.runtime import open_runtime
    from dispatch.service.settings import Settings
    from dispatch.service.tokens import new_token

    async def prepare() -> dict[str, str]:
        runtime = open_runtime(Settings(database=url))

        async def do(command: Command) -> None:
            await runtime.handler.handle(Request(command=command, account="system", source="bench"))

        await do(FoundTown(town=TOWN, name="Bench"))
        await do(
            DrawGrids(
                town=TOWN, grids=tuple(GridPlan(code=code, name=code, village=code[:12]) for code in GRIDS)
            )
        )
        await do(JoinMembers(town=TOWN, members=(MemberPlan(member="worker-1", name="Worker"),)))
        for grid in GRIDS:
            await do(PostMember(town=TOWN, member="worker-1", place=grid, post=Post.FULL_TIME))
        secrets = {}
        for role, member in ((Role.OPERATOR, None), (Role.WORKER, "worker-1")):
            await do(AddAccount(account=f"{role}-1", name=role, role=role, scope=TOWN, member=member))
            token = new_token(f"{role}-1")
            await do(IssueToken(account=f"{role}-1", token=token.token, digest=token.digest))
            secrets[role.value] = token.secret
        runtime.close()
        return secrets

    return asyncio.run(prepare())


@contextmanager
def _service(url: str) -> Iterator[tuple[int, int]]:
    """Run the service with an empty route beside its own; give its port and process id."""
    port = _free_port()
    environment = os.environ | {"DISPATCH_DATABASE": url, "DISPATCH_LOG_LEVEL": "warning"}
    # They are counted, as always, and never too many: one operator sends here what a district does.
    environment |= {f"DISPATCH_REQUESTS_PER_MINUTE{of}": "100000000" for of in ("", "_PER_ADDRESS")}
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("_service.py")), str(port)], env=environment
    )
    try:
        ready = f"http://127.0.0.1:{port}/readyz"
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(ready, timeout=2):
                    break
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _creates(token: str, count: int, round_: int) -> list[bytes]:
    bodies = [
        json.dumps({"grids": [GRIDS[n % 9]], "title": f"Patrol {n}", "category": "patrol"}).encode()
        for n in range(count)
    ]
    return [
        _load.request("POST", "/api/v1/tasks", token, body, Idempotency_Key=f"bench-{round_}-{n}")
        for n, body in enumerate(bodies)
    ]


def _accepts(token: str, tasks: list[str], round_: int) -> list[bytes]:
    return [
        _load.request(
            "POST", f"/api/v1/tasks/{task}/accept", token, b"", Idempotency_Key=f"accept-{round_}-{n}"
        )
        for n, task in enumerate(tasks)
    ]


def _issued(url: str, after: int) -> tuple[list[str], int]:
    """Return the ids of the tasks issued after a position, and the head."""
    from dispatch.eventlog import open_log
    from dispatch.service.clock import system_clock

    log = open_log(url, clock=system_clock)
    stored = log.read(after=after)
    log.close()
    tasks = [one.stream.removeprefix("task:") for one in stored if one.name == "task.issued"]
    return tasks, stored[-1].position


def run(postgres_url: str, *, quick: bool) -> dict[str, object]:
    """Measure creating a task and changing its status against the empty route, in turns, 32 connections."""
    secrets = _prepare(postgres_url)
    count, rounds = (2_000, 3) if quick else (8_000, 5)
    rates: dict[str, list[float]] = {"empty": [], "create": [], "status": []}
    with _service(postgres_url) as (port, pid):
        rss = _rss_mb(pid)
        _load.send(port, [_load.request("POST", "/empty", "none", b"{}")] * 1_000)
        position = 0
        for round_ in range(rounds):
            empty = _load.send(port, [_load.request("POST", "/empty", secrets["operator"], b"{}")] * count)
            create = _load.send(port, _creates(secrets["operator"], count, round_))
            tasks, position = _issued(postgres_url, position)
            status = _load.send(port, _accepts(secrets["worker"], tasks, round_))
            for name, load, expected in (
                ("empty", empty, 200),
                ("create", create, 201),
                ("status", status, 200),
            ):
                if set(load.statuses) != {expected}:
                    raise RuntimeError(f"{name} answered {dict(load.statuses)}")
                rates[name].append(load.per_second)
        after_load = _rss_mb(pid)
    median = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "create_vs_empty": round(median["create"] / median["empty"], 3),
        "status_vs_empty": round(median["status"] / median["empty"], 3),
        "empty_per_s": round(median["empty"]),
        "create_per_s": round(median["create"]),
        "status_per_s": round(median["status"]),
        "rss_mb": round(rss, 1),
        "rss_after_load_mb": round(after_load, 1),
    }
