"""How the town begins: the administrator's account on the log itself, everything else over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from commands.accounts.add import AddAccount
from commands.accounts.issue_token import IssueToken
from commands.command import Command, Outcome, Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.demo.client import Client
from dispatch.demo.town import (
    ADMINISTRATOR,
    CODE,
    DEPARTMENTS,
    DESKS,
    GRIDS,
    NAME,
    OPERATORS,
    boundary,
    people,
)
from dispatch.demo.year.routine import PLANS, households
from dispatch.domain.accounts import Role
from dispatch.domain.ladder import Level
from dispatch.eventlog import open_log
from dispatch.service.calendars import china
from dispatch.service.settings import Settings
from dispatch.service.sign_in.reception import open_reception
from dispatch.service.tokens import new_token
from dispatch.service.vaults import vault_for

BEGINNING: Final = datetime(2023, 1, 1, tzinfo=UTC)
"""Eight in the morning of New Year's Day, in the town's time."""
_encode: Final = msgspec.json.Encoder().encode
Call = tuple[str, str, int, dict[str, Any]]
"""Method, path, expected status and body."""


class Founder(NamedTuple):
    """How the first administrator comes in: a bearer token, and the first password of its account."""

    token: str
    first_password: str


def make_administrator(database: str) -> Founder:
    """Make the administrator's account on a database that no service uses yet."""
    made = new_token(ADMINISTRATOR.account)
    commands = (
        AddAccount(
            account=ADMINISTRATOR.account, name=ADMINISTRATOR.name, role=ADMINISTRATOR.role, scope=CODE
        ),
        IssueToken(account=ADMINISTRATOR.account, token=made.token, digest=made.digest),
    )

    async def make() -> Founder:
        settings, clock = Settings(database=database), lambda: BEGINNING
        with open_log(database, clock=clock) as log:
            handler = Handler(log, calendar=china(), clock=clock, vault=vault_for(settings))

            async def send(command: Command) -> Outcome:
                return await handler.handle(Request(command=command, account=SYSTEM.account, source="cli"))

            for command in commands:
                await send(command)
            with closing(open_reception(settings, handler, clock)) as reception:
                first = await reception.first_password(ADMINISTRATOR.account, send)
            return Founder(made.secret, first.password)

    return asyncio.run(make())


def _town() -> Iterator[Call]:
    """Give the calls that found the town, in order: each of them reads what the ones before wrote."""
    yield "PUT", f"/towns/{CODE}", HTTPStatus.OK, {"name": NAME}
    grids = [
        {"code": grid.code, "name": grid.name, "village": grid.village, "boundary": boundary(number)}
        for number, grid in enumerate(GRIDS)
    ]
    yield "POST", f"/towns/{CODE}/grids", HTTPStatus.CREATED, {"grids": grids}
    for department, name in DEPARTMENTS.items():
        body = {"department": department, "name": name}
        yield "POST", f"/towns/{CODE}/departments", HTTPStatus.CREATED, body
    members = [{"member": person.member, "name": person.name} for person in people()]
    yield "POST", f"/towns/{CODE}/members", HTTPStatus.CREATED, {"members": members}
    for person in people():
        for posted in person.posts:
            body = {"place": posted.place, "post": posted.post}
            if posted.duty is not None:
                body["duty"] = posted.duty
            yield "POST", f"/towns/{CODE}/members/{person.member}/posts", HTTPStatus.CREATED, body


def _accounts() -> Iterator[dict[str, Any]]:
    """Give the accounts to make."""
    for desk in DESKS:
        yield {"account": desk.account, "name": desk.name, "role": desk.role, "scope": CODE}
    for person in people():
        if person.signs_in:
            yield {
                "account": person.member,
                "name": person.name,
                "role": Role.WORKER,
                "scope": CODE,
                "member": person.member,
            }


async def _policy(client: Client) -> dict[str, Any]:
    """Return the town's policy: the default one, but nobody is told of an item before its reminder is due."""
    answer = await client.send(ADMINISTRATOR.account, "GET", f"/policies/{CODE}")
    policy: dict[str, Any] = answer["policy"]
    policy["ladder"] = [step for step in policy["ladder"] if step["level"] != Level.NOTICE]
    return {name: value for name, value in policy.items() if name != "version"}


class Founded(NamedTuple):
    """What there is in the beginning: tokens by account, the ids of recurring plans and households.

    `commands` is how many commands that took.
    """

    tokens: dict[str, str]
    plans: list[str]
    households: list[str]
    commands: int


async def found(client: Client) -> Founded:
    """Found the town and its accounts, record its households and start its recurring plans."""
    admin = ADMINISTRATOR.account
    commands = 0

    async def send(call: Call, key: str | None) -> Any:
        nonlocal commands
        method, path, status, body = call
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await client.send(admin, method, path, status=status, body=_encode(body), headers=headers)
        commands += 1
        return answer

    for number, call in enumerate(_town()):
        await send(call, f"town-{number}")
    await send(("PUT", f"/policies/{CODE}", HTTPStatus.OK, await _policy(client)), "policy")
    tokens: dict[str, str] = {}

    async def account(body: dict[str, Any]) -> None:
        name = body["account"]
        await send(("POST", "/accounts", HTTPStatus.CREATED, body), f"account-{name}")
        # Without a key: a lost answer holds a token that nobody knows. A grid worker gets another one; for an
        # account of more power the demonstration ends, as only its owner could make one more.
        made = await send(("POST", f"/accounts/{name}/tokens", HTTPStatus.CREATED, {}), None)
        tokens[name] = made["secret"]
        client.know(name, made["secret"])

    await asyncio.gather(*(account(body) for body in _accounts()))
    known = await send(("POST", "/households", HTTPStatus.CREATED, _households()), "households")
    plans: list[str] = []
    for number, recurring in enumerate(PLANS):
        answer = await client.send(
            OPERATORS[0],
            "POST",
            "/plans",
            status=HTTPStatus.CREATED,
            body=_encode(recurring.terms()),
            headers={"Idempotency-Key": f"plan-{number}"},
        )
        plans.append(answer["items"][0]["id"])
        commands += 1
    return Founded(tokens, plans, [item["id"] for item in known["items"]], commands)


def _households() -> dict[str, Any]:
    return {
        "households": [
            {
                "grid": GRIDS[one.grid].code,
                "household_class": one.household_class,
                "name": one.name,
                "address": one.address,
            }
            for one in households()
        ]
    }
