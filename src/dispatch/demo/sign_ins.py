"""Sign-ins for people who want to look: one account of each role gets a password, as its person would set it.

The passwords are made anew in each run and stand nowhere but on the terminal. This comes after the year, and
only if the service stays: hashing them is slow on purpose.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import aiohttp

from dispatch.demo.client import Client, Unexpected
from dispatch.demo.founding import Founder
from dispatch.demo.town import ADMINISTRATOR, DESKS
from dispatch.domain.accounts import Role
from dispatch.service.sign_in.passwords import first_password

A_WORKER: Final = "chief-1"
PAGES: Final[Mapping[Role, str]] = {
    Role.OPERATOR: "/ui/console",
    Role.SUPERVISOR: "/ui/board?at=2024-01-01",
    Role.AUDITOR: "/ui/audit",
    Role.WORKER: "/m/",
    Role.ADMINISTRATOR: "/ui/admin",
}
"""Where each role looks first, a supervisor at the end of the year that is proved."""
OWN_PAGES: Final = {"Sec-Fetch-Site": "same-origin"}


class SignIn(NamedTuple):
    """An account with its password, its bearer token and its page."""

    role: Role
    account: str
    password: str
    token: str
    page: str


def accounts() -> list[tuple[Role, str]]:
    """Return one account of each role."""
    found: dict[Role, str] = {}
    for desk in DESKS:
        found.setdefault(desk.role, desk.account)
    return [*found.items(), (Role.WORKER, A_WORKER), (ADMINISTRATOR.role, ADMINISTRATOR.account)]


async def sign_ins(client: Client, address: str, founder: Founder, tokens: Mapping[str, str]) -> list[SignIn]:
    """Give each of `accounts()` a password that nobody has to change; `tokens` by account."""

    async def first_of(account: str) -> str:
        if account == ADMINISTRATOR.account:
            return founder.first_password  # nobody resets the own one by a token
        path = f"/accounts/{account}/password"
        made = await client.send(ADMINISTRATOR.account, "POST", path, status=HTTPStatus.CREATED)
        return str(made["password"])

    async def one(role: Role, account: str) -> SignIn:
        password = first_password()
        await _choose(address, account, await first_of(account), password)
        return SignIn(role, account, password, tokens[account], PAGES.get(role, ""))

    return list(await asyncio.gather(*(one(role, account) for role, account in accounts())))


async def _choose(address: str, account: str, first: str, own: str) -> None:
    """Sign in with a first password, change it and sign out, as a browser does."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address are cookies too
    session = f"{address}/api/v1/session"
    async with aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGES) as browser:

        async def send(method: str, to: str, body: dict[str, Any] | None = None) -> None:
            async with browser.request(method, to, json=body) as response:
                if response.status != HTTPStatus.OK:
                    raise Unexpected(f"{method} {to} by {account}: {response.status} {await response.text()}")

        await send("POST", session, {"account": account, "password": first})
        await send("PUT", f"{session}/password", {"old": first, "new": own})
        await send("DELETE", session)
