"""One request delivered often has one effect and one answer.

Each logical request is sent one to five times, at once and in any order, to two worker processes on one
PostgreSQL. Meanwhile workers are killed, and the whole service too; whoever gets no answer sends again, as a
telephone with a bad line does. The break: a proxy on the way loses the `Idempotency-Key`.
"""

import asyncio
import json
import os
import random
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode_whole
from tests import postgres
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.faults.proofs import ProofResult

NAME = "repeated-delivery"
SHORT, FULL = 1_500, 50_000
BROKEN = 300
"""So many sends show the break; nobody needs to die for that."""
CONNECTIONS = 32
MOST_COPIES = 5
WORKERS = 2
SEED = 20230101
AGAIN = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT},
)
PAUSE = 0.1
PATIENCE = 300.0
"""Seconds that a sender goes on trying; a killed service needs some to be there again."""
KEY, LOST = b"Idempotency-Key:", b"X-Lost-On-A-Way:"


class Request(NamedTuple):
    """A logical request: what is sent, who sends it, and how many events it is to record."""

    key: str
    who: str
    path: str
    body: dict[str, Any]
    events: int


@dataclass
class Delivered:
    """What came of all the sending."""

    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    first: Counter[str] = field(default_factory=Counter)
    faults: Counter[int] = field(default_factory=Counter)
    done: int = 0
    again: int = 0
    kills: int = 0
    marks: dict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    """Set when so many sends have been answered."""


def requests_of(town: Town, count: int, chance: random.Random) -> Iterator[Request]:
    """Make logical requests of every kind: one event, several, one on an item that there is, a refusal."""
    for number in range(count):
        key = f"key-{number}"
        title = f"第{number}件"
        kind = chance.choice(("issue", "issue", "campaign", "report", "cancel", "refused"))
        task = {"grids": town.grids[:1], "title": title, "category": "patrol"}
        match kind:
            case "issue":
                yield Request(key, "operator", "/tasks", task, 1)
            case "campaign":
                yield Request(key, "operator", "/tasks", task | {"grids": town.grids}, 4)
            case "report":
                case = {"grid": town.grids[0], "category": "environment", "title": title}
                yield Request(key, "worker", "/cases", case, 1)
            case "cancel":
                yield Request(key, "operator", f"/tasks/{town.issue()}/cancel", {"reason": title}, 1)
            case "refused":
                yield Request(key, "operator", f"/tasks/{town.issue()}/verify", {"passed": True}, 1)


def copies_of(requests: list[Request], sends: int, chance: random.Random) -> list[Request]:
    """Return each request one to five times, `sends` in all, in any order."""
    copies = [*requests]
    left = Counter({request.key: MOST_COPIES - 1 for request in requests})
    while len(copies) < sends:
        request = chance.choice(requests)
        if left[request.key]:
            left[request.key] -= 1
            copies.append(request)
    chance.shuffle(copies)
    return copies


class Sender:
    """Sends requests until each has its answer, and notes the answers by key."""

    def __init__(self, address: str, town: Town, delivered: Delivered) -> None:
        self._address, self._town, self._delivered = f"{address}/api/v1", town, delivered

    async def send_all(self, copies: list[Request], session: aiohttp.ClientSession) -> None:
        waiting = iter(copies)

        async def one_after_another() -> None:
            for request in waiting:
                await self._send(request, session)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(one_after_another())

    async def _send(self, request: Request, session: aiohttp.ClientSession) -> None:
        headers = {
            "Authorization": f"Bearer {self._town.accounts[request.who].secret}",
            "Idempotency-Key": request.key,
        }
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(aiohttp.ClientError, OSError):
                    async with session.post(
                        self._address + request.path, json=request.body, headers=headers
                    ) as response:
                        content = await response.read()
                        if response.status not in AGAIN:
                            self._note(request, response, json.loads(content))
                            return
                self._delivered.again += 1
                await asyncio.sleep(PAUSE)

    def _note(self, request: Request, response: aiohttp.ClientResponse, body: dict[str, Any]) -> None:
        delivered = self._delivered
        delivered.done += 1
        delivered.marks[delivered.done].set()
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            delivered.faults[response.status] += 1
        delivered.first[request.key] += body.pop("repeated", None) is False
        place = [response.headers.get(name) for name in ("Dispatch-Position", "ETag")]
        answer = json.dumps([response.status, place, body], sort_keys=True)
        delivered.answers[request.key][answer] += 1


async def kill_now_and_then(running: Running, delivered: Delivered, sends: int, chances: int) -> None:
    """Kill a worker at each of so many points on the way; halfway the whole service, which starts again."""
    for point in range(1, chances + 1):
        await delivered.marks[sends * point // (chances + 1)].wait()
        if point == (chances + 1) // 2:
            running.kill()
            await asyncio.to_thread(running.start)
        else:
            for worker in running.workers()[:1]:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        delivered.kills += 1


@asynccontextmanager
async def losing_proxy(address: str) -> AsyncIterator[str]:
    """The break: a line on which the `Idempotency-Key` is lost; everything else comes through."""
    host, _, port = address.removeprefix("http://").rpartition(":")

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data.replace(KEY, LOST))
                await writer.drain()
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        with suppress(asyncio.CancelledError):  # at the end, when nobody is on the line any more
            await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def line(address: str, *, red: bool) -> AsyncIterator[str]:
    """The way to the service, as it is or broken."""
    if red:
        async with losing_proxy(address) as lossy:
            yield lossy
    else:
        yield address


async def deliver(running: Running, town: Town, copies: list[Request], *, kills: int, red: bool) -> Delivered:
    """Send everything while workers die."""
    delivered = Delivered()
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with (
        line(running.address, red=red) as address,
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(kill_now_and_then(running, delivered, len(copies), kills))
        group.create_task(Sender(address, town, delivered).send_all(copies, session))
    return delivered


def effects_of(url: str, after: int) -> tuple[Counter[str], int]:
    """Return how many events each key of a client's recorded, and how many there are in all."""
    with open_log(url, clock=lambda: datetime.now(UTC)) as log:
        stored = log.read(after=after)
    recorded = [decode_whole(one).metadata for one in stored]
    keys = Counter(one.command_id.partition("/")[2] for one in recorded if one is not None)
    return keys, len(stored)


def run(*, full: bool, red: bool) -> ProofResult:
    """Deliver each request often, with workers that die; the red twin's line loses the keys."""
    sends = BROKEN if red else FULL if full else SHORT
    kills = 0 if red else 11 if full else 2
    chance = random.Random(SEED)
    with (
        postgres.running_server() as url,
        tempfile.TemporaryDirectory(prefix="dispatch-proof-") as directory,
    ):
        root = first_administrator(url)
        with Running(url, Path(directory), workers=str(WORKERS)) as running:
            town = Town(running.client.bearing(root)).found()
            requests = list(requests_of(town, sends * 2 // 5, chance))
            before = town.root.head()
            copies = copies_of(requests, sends, chance)
            delivered = asyncio.run(deliver(running, town, copies, kills=kills, red=red))
        effects, events = effects_of(url, before)
    wrong = sum(effects[request.key] != request.events for request in requests)
    answers = sum(len(found) != 1 for found in delivered.answers.values())
    firsts = sum(number > 1 for number in delivered.first.values())
    extra = events - sum(request.events for request in requests)
    figure = (
        f"{wrong:,} of {len(requests):,} keys with another effect than their one, {extra:,} events too many, "
        f"{answers:,} with two answers, {firsts:,} done twice; {delivered.done:,} sends answered by "
        f"{WORKERS} workers, {delivered.kills} kills, {delivered.again:,} sent again"
    )
    whole = delivered.done == sends and len(delivered.answers) == len(requests)
    ok = whole and not (wrong or answers or firsts or extra or delivered.faults)
    return ProofResult(NAME, ok, figure, dict(delivered.faults) or "")
