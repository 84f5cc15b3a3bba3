"""Carries a plan out: sets the clock, sends what is due at that moment at once, and goes on to the next."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from dispatch.demo.client import CONNECTIONS, Client, Unexpected
from dispatch.demo.founding import Founded
from dispatch.demo.town import ADMINISTRATOR, OPERATORS
from dispatch.demo.year.plan import ITEM, Arrival, Lane, Plan, Step

_encode: Final = msgspec.json.Encoder().encode
KINDS: Final = frozenset({"task", "case"})
"""What of an answer are items of the plan; a campaign or a ledger is not."""


async def set_clock(client: Client, at: datetime) -> int:
    """Let it be `at` for the service, and return the last position of what happened on the way."""
    answer = await client.send(ADMINISTRATOR.account, "PUT", "/clock", body=_encode({"now": at}))
    return int(answer["position"])


class Year:
    """One plan on its way through the service, and what was accepted, refused and repeated so far.

    `issued` counts the tasks that the recurring plans have issued by themselves.
    """

    def __init__(self, plan: Plan, founded: Founded, client: Client, done: Callable[[int], None]) -> None:
        self._plan = plan
        self._founded = founded
        self._client = client
        self._done = done
        self._ids: list[str | None] = [None] * plan.items
        self.commands = 0
        self.issued = 0
        self.refusals = 0
        self.repeats = 0
        self.position = 0

    async def run(self) -> None:
        """Carry out the whole plan."""
        for at, lanes in self._plan.moments():
            position = await set_clock(self._client, at)
            rest = iter(lanes)
            workers = min(CONNECTIONS, len(lanes))
            async with asyncio.TaskGroup() as group:
                # Nobody acts on them before the next moment, so nobody has to wait for the answer now.
                for arrival in self._plan.arrivals.get(at, ()):
                    group.create_task(self._find_out(arrival, position))
                for _ in range(workers):
                    group.create_task(self._work(rest))
            self._done(sum(map(len, lanes)))

    async def _find_out(self, arrival: Arrival, position: int) -> None:
        """Ask the recurring plan which tasks it has issued last."""
        key = self._founded.plans[arrival.recurring]
        path = f"/plans/{key}/occurrences?limit=1&after={position}"
        answer = await self._client.send(OPERATORS[0], "GET", path)
        (last,) = answer["items"]
        if datetime.fromisoformat(last["planned_at"]) != arrival.due or last["passed_over"] is not None:
            raise Unexpected(f"plan {key} was to come round at {arrival.due} and says {last}")
        for item, task in zip(arrival.items, last["tasks"], strict=True):
            self._ids[item] = task
        self.issued += len(last["tasks"])

    async def _work(self, lanes: Iterator[Lane]) -> None:
        for lane in lanes:
            for step in lane:
                await self._send(step)

    async def _send(self, step: Step) -> None:
        path, body = step.path, step.encoded()
        if step.item is not None and ITEM in path:
            path = path.replace(ITEM, self._id(step.item))
        if step.names is not None:
            field, item = step.names
            body = _encode({**(step.body or {}), field: self._id(item)})
        if step.not_met:
            ids = [self._founded.households[number] for number in step.not_met]
            body = _encode({**(step.body or {}), "not_met": ids})
        headers = {"Idempotency-Key": step.key}
        if step.device_at is not None:
            headers["Dispatch-Device-Time"] = step.device_at.isoformat()
        answer = await self._client.send(
            step.who, "POST", path, status=step.status, body=body, headers=headers
        )
        self._note(step, answer)

    def _note(self, step: Step, answer: dict[str, Any]) -> None:
        if step.refused is not None:
            if answer.get("code") != step.refused:
                raise Unexpected(f"{step.path} was to be refused with {step.refused} and got {answer}")
            self.refusals += 1
            return
        self.position = max(self.position, answer["position"])
        if step.makes:
            made = [item["id"] for item in answer["items"] if item["kind"] in KINDS]
            for number, key in zip(step.makes, made, strict=True):
                if self._ids[number] not in (None, key):
                    raise Unexpected(f"{step.key} was sent twice and made {self._ids[number]} and {key}")
                self._ids[number] = key
        if step.repeats:
            self.repeats += 1
        else:
            self.commands += 1

    def _id(self, item: int) -> str:
        found = self._ids[item]
        if found is None:
            raise Unexpected(f"item {item} was to be acted on before it was made")
        return found
