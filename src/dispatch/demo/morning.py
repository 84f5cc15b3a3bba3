"""The first working morning after the year: what a grid worker finds to do who is looked at on the phone."""

from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any, Final

import msgspec

from dispatch.demo.client import Client
from dispatch.demo.operators import set_clock
from dispatch.demo.sign_ins import A_WORKER
from dispatch.demo.town import DESKS, GRIDS, OPERATORS
from dispatch.demo.year.hours import YEAR
from dispatch.domain.accounts import Role
from dispatch.domain.rhythm import SHANGHAI

BEGINS: Final = datetime(YEAR + 1, 1, 2, 8, tzinfo=SHANGHAI)
"""New Year's Day is a holiday. What comes in from here on is of no figure of the year."""
LATER: Final = timedelta(minutes=50)
_encode: Final = msgspec.json.Encoder().encode
TASKS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "节后安全生产检查",
        "category": "inspection",
        "instructions": "查看沿街商铺的用电、用气和消防通道，有隐患当场拍照上报。",
    },
    {
        "title": "低温雨雪冰冻隐患排查",
        "category": "inspection",
        "instructions": "重点看临水临崖路段和老旧房屋，今天上午九点前反馈。",
        "limit": {"kind": "working_hours", "amount": 1},
    },
    {"title": "春节前消防通道检查", "category": "inspection"},
    {"title": "清理院落出口堆放的杂物", "category": "environment"},
)
BEGUN: Final = (2, 3)
SUBMITTED: Final = 3
CASE: Final = {
    "category": "safety",
    "title": "消防通道被占",
    "source": "resident",
    "channel": "phone",
    "description": "三单元门口停着一辆货车，两天没有动过。",
    "reporter": {"name": "程大爷", "telephone": "138 0000 1234"},
}


async def begin_morning(client: Client, at: datetime = BEGINS) -> None:
    """Give the worker who has a sign-in tasks, some of them begun, and a case; what all were told is read."""
    grid, operator = GRIDS[0].code, OPERATORS[0]
    numbers = count(1)

    async def send(who: str, path: str, body: Any = None, status: int = HTTPStatus.OK) -> Any:
        headers = {"Idempotency-Key": f"morning-{next(numbers)}"}
        sent = b"" if body is None else _encode(body)
        return await client.send(who, "POST", path, status=status, body=sent, headers=headers)

    async def make(path: str, body: Any) -> str:
        answer = await send(operator, path, body, HTTPStatus.CREATED)
        return str(answer["items"][0]["id"])

    position = await set_clock(client, at)
    for who in (A_WORKER, *(desk.account for desk in DESKS if desk.role is not Role.AUDITOR)):
        await send(who, "/inbox/read", {"through": position})
    tasks = [await make("/tasks", {**task, "grids": [grid], "assignee": A_WORKER}) for task in TASKS]
    case = await make("/cases", {**CASE, "grid": grid})
    for step, body in (
        ("accept", None),
        ("verify", {"genuine": True}),
        ("register", None),
        ("dispatch", {"grid": grid, "assignee": A_WORKER}),
    ):
        await send(operator, f"/cases/{case}/{step}", body)
    for number in BEGUN:
        await send(A_WORKER, f"/tasks/{tasks[number]}/accept", {"begin": True})
    await send(A_WORKER, f"/tasks/{tasks[SUBMITTED]}/submit", {"note": "已清理，通道畅通。"})
    await set_clock(client, at + LATER)
