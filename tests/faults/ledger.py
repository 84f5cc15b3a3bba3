"""A client with a ledger of its own: a line goes to its file before each request goes, and for each answer.

What the log holds is compared with that file afterwards, so nothing is taken on the service's word.
"""

import asyncio
import json
import os
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.eventlog.tree.checking import Check
from dispatch.service.runtime import open_generations
from projections.catalogue import PROJECTIONS
from projections.engine.comparison import differences
from tests.e2e.http.town import Town

AGAIN = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
PAUSE = 0.1
"""Seconds until an unanswered request is sent again."""
ANSWER_SECONDS = 20.0
PATIENCE = 300.0
"""Seconds for which one request is sent again and again."""
STEPS = ("accept", "handle", "submit")
EACH = 1 + len(STEPS)
"""Requests for each task: it is issued, and goes through these steps, each on the version before it."""


class Request(NamedTuple):
    """Who sends what under which key, and the version of the item that it rests on."""

    who: str
    key: str
    path: str
    body: dict[str, Any]
    version: int | None = None


class Answered(NamedTuple):
    """A request's answer, as the client wrote it down."""

    status: int
    position: int
    item: str
    version: int


class Ledger:
    """The client's file: a line before each request goes, and one for its answer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, key: str, answer: Answered | None = None) -> None:
        """Write down that a request goes now, or how it was answered."""
        os.write(self._file, json.dumps([key, answer]).encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)

    def read(self) -> tuple[set[str], dict[str, Answered]]:
        """Return the keys of all that was sent, and the answers by key."""
        lines = [json.loads(line) for line in self._path.read_text().splitlines()]
        return {key for key, _ in lines}, {key: Answered(*answer) for key, answer in lines if answer}


@dataclass
class Client:
    """Issues tasks and takes them through their steps, some at a time, until each request has its answer."""

    town: Town
    ledger: Ledger
    done: int = 0
    again: int = 0
    unanswered: bool = False
    """Whether it gave up, as a request had no answer for `PATIENCE`."""
    position: int = 0
    """The last position that it was told of."""
    refused: Counter[str] = field(default_factory=Counter)
    """How often the service said, by a problem's code, that it can't just now."""
    _marks: dict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def reach(self, answers: int) -> None:
        """Wait until so many requests have been answered, or it has given up."""
        if self.done < answers and not self.unanswered:
            await self._marks[answers].wait()

    async def work(self, address: str, tasks: int, at_once: int) -> None:
        """Do it all, `EACH` requests for each task, or as much as is answered in time."""
        numbers = iter(range(tasks))
        connector = aiohttp.TCPConnector(limit=at_once)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)

        async def one_after_another(session: aiohttp.ClientSession) -> None:
            for number in numbers:
                await self._task(session, number)

        try:
            async with (
                aiohttp.ClientSession(f"{address}/", connector=connector, timeout=timeout) as session,
                asyncio.TaskGroup() as group,
            ):
                for _ in range(at_once):
                    group.create_task(one_after_another(session))
        except* TimeoutError:
            # A service without an answer is what a proof is to find: `done` tells.
            self.unanswered = True
            for mark in self._marks.values():
                mark.set()

    async def _task(self, session: aiohttp.ClientSession, number: int) -> None:
        title = f"第{number}件"
        body = {"grids": self.town.grids[:1], "title": title, "category": "patrol", "assignee": "wang"}
        issued = await self._send(session, Request("operator", f"issue-{number}", "tasks", body))
        for version, step in enumerate(STEPS, 1):
            path = f"tasks/{issued.item}/{step}"
            body = {"note": title} if step == "submit" else {}
            await self._send(session, Request("worker", f"{step}-{number}", path, body, version))

    async def _send(self, session: aiohttp.ClientSession, request: Request) -> Answered:
        who, key, path, body, version = request
        headers = {"Authorization": f"Bearer {self.town.accounts[who].secret}", "Idempotency-Key": key}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        self.ledger.note(key)
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(aiohttp.ClientError, OSError):
                    async with session.post(f"/api/v1/{path}", json=body, headers=headers) as response:
                        content = await response.json(content_type=None)
                        if response.status not in AGAIN:
                            return self._answered(key, response.status, content)
                        self.refused[content["code"]] += 1
                        # The next attempt may reach another process.
                        response.close()
                self.again += 1
                await asyncio.sleep(PAUSE)

    def _answered(self, key: str, status: int, body: dict[str, Any]) -> Answered:
        item: dict[str, Any] = next(iter(body.get("items", ())), {})
        answer = Answered(status, body.get("position", 0), item.get("id", "none"), item.get("version", 0))
        self.ledger.note(key, answer)
        self.done += 1
        self.position = max(self.position, answer.position)
        if self.done in self._marks:
            self._marks[self.done].set()
        return answer


class Findings(NamedTuple):
    """What a ledger and a log say of each other."""

    acknowledged: int
    lost: int
    twice: int
    changed: int
    conflicts: int
    strange: int
    gaps: int
    faults: int

    @property
    def ok(self) -> bool:
        return not any(self[1:])

    def __str__(self) -> str:
        return (
            f"{self.lost:,} of {self.acknowledged:,} acknowledged lost, {self.twice:,} twice, "
            f"{self.changed:,} changed, {self.conflicts:,} false conflicts, {self.strange:,} effects of "
            f"nobody's, {self.gaps:,} gaps in the positions, {self.faults:,} faults of the tree and the rows"
        )


def compare(ledger: Ledger, url: str, after: int) -> Findings:
    """Hold each line of the ledger against what the log holds after a position.

    The log is verified too, as `dispatch verify` does it: its tree, and the live read models row by row.
    """
    generations = open_generations(url)
    with open_log(url, clock=lambda: datetime.now(UTC)) as log:
        stored = log.read(after=after)
        faults = len(list(Check(log, {}).faults()))
        faults += len(differences(log, generations, PROJECTIONS, decode=decode)[1])
    generations.close()
    held: dict[str, list[Answered]] = defaultdict(list)
    for one in stored:
        metadata = decode_whole(one).metadata
        assert metadata is not None
        key = metadata.command_id.partition("/")[2]
        held[key].append(Answered(0, one.position, one.stream.partition(":")[2], one.version))
    sent, answers = ledger.read()
    done = {key: answer for key, answer in answers.items() if answer.status < HTTPStatus.BAD_REQUEST}
    return Findings(
        acknowledged=len(done),
        lost=sum(key not in held for key in done),
        twice=sum(len(effects) > 1 for effects in held.values()),
        changed=sum(key in held and held[key][0][1:] != answer[1:] for key, answer in done.items()),
        conflicts=len(answers) - len(done),
        strange=len(held.keys() - sent),
        gaps=sum(one.position != place for place, one in enumerate(stored, after + 1)),
        faults=faults,
    )
