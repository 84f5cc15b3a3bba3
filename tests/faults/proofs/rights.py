"""Every route, role and scope is allowed or refused as declared, whatever the account's standing.

Each route of the table is asked by accounts of each role, of each kind of scope (the town itself, the
district, a village with what is asked for in it and one without, another town, one elsewhere), as they are,
revoked and past their end, through processes that share one database.
Afterwards the log must hold nothing that a refused request has done. Then accounts are revoked one by one,
each through one process, and ask through all of them next: a question, a command that was answered before,
and one without effect, neither of which writes anything that would notice it.
The break: a service that takes every place for one within an account's scope.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from commands.accounts.issue_token import IssueToken
from commands.command import Request
from commands.handler import Handler
from dispatch.domain.event import name_of
from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.tokens import new_token
from tests import postgres
from tests.e2e.http.client import Client
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.table import ROUTES, Route, Things
from tests.e2e.http.town import COUNTY, ROLES, Account, Town
from tests.faults.proofs import ProofResult
from tests.vaults import VAULT

NAME = "rights"
SHORT = 600
"""Cells that the short version asks; the full one asks every one."""
REVOKED_SHORT, REVOKED_FULL = 5, 100
WORKERS, SENDERS = 2, 4
ROUNDS, KINDS = 4, 3
"""A revoked account sends so many requests of each kind, each over a connection of its own."""
PLACES = {
    "own": "{town}",
    "district": COUNTY,
    "village": "{town}001",
    "neighbour": "{town}003",
    "sibling": f"{COUNTY}999",
    "other": "330106001",
}
"""The scopes of accounts: the town itself, the district above it, the village that the things lie in and
another one of the town, another town of the district, and a town elsewhere."""
OF_A_TOWN = ("own", "sibling", "other")
"""What a worker's account is of, who is a person of one town."""
STANDINGS = ("active", "revoked", "expired")
BEYOND = {"unauthenticated", "role-not-allowed", "out-of-scope"}
"""What a right that is there is never answered with."""
ANYWHERE = {"me", "clock", "stream", "inbox", "outbox", "session", "sessions", "photos"}
ANYWHERE |= {"audit/checkpoint", "audit/checkpoints", "audit/proof", "audit/key", "audit/bundle"}
"""What concerns no place, or answers with what lies within the account's scope: how addresses begin."""
LISTS = {"GET /tasks", "GET /cases", "POST /personal/search"}
OF_THE_TOWN = {"town", "last_grid", "campaign", "plan", "permit", "account", "publication", "position"}
"""Things that are the town's, or lie in a village where the others don't."""
SEEN_FROM_BELOW = {"GET /policies/{scope}"}
"""What holds in each village though it is the town's."""
SEEN_BY_COLLEAGUES = {"/towns", "/grids", "/policies/{scope}", "/households", "/mode"}
"""What a worker sees of other grids of his town than his own."""
BROKEN = (Path(__file__).parent.parent / "broken_service.py", "boundless")


class Cell(NamedTuple):
    """One request and who sends it."""

    route: Route
    role: str
    place: str
    standing: str

    @property
    def expected(self) -> str | None:
        """The code of the refusal that is declared, or None if it is allowed."""
        if self.standing != "active":
            return "unauthenticated"
        if self.role not in (self.route.roles or ()):
            return "role-not-allowed"
        path = self.route.path
        first, second = f"{path}/".split("/")[1:3]
        anywhere = not ANYWHERE.isdisjoint({first, f"{first}/{second}"}) or self.route.name in LISTS
        if self.place in {"own", "district"} or anywhere:
            return None
        if self.place in {"village", "neighbour"}:
            seen = self.route.name in SEEN_FROM_BELOW or (self.place == "village" and not self.of_the_town)
        else:
            seen = self.role == "worker" and self.place == "sibling" and path in SEEN_BY_COLLEAGUES
        return None if seen else "out-of-scope"

    @property
    def of_the_town(self) -> bool:
        """Whether what is asked for or sent is the town's, or of another village."""
        said = f"{self.route.at or self.route.path} {self.route.body}"
        return any(f"{{{name}}}" in said for name in OF_THE_TOWN)


def cells(limit: int | None) -> list[Cell]:
    """Return every cell, or so many of them, the same each time, with each route at least once."""
    found = [
        Cell(route, role, place, standing)
        for route in ROUTES
        for role in ROLES
        for place in PLACES
        for standing in STANDINGS
        if role != "worker" or place in OF_A_TOWN
    ]
    random.Random(8).shuffle(found)
    if limit is None:
        return found
    once = {cell.route.name: cell for cell in found if cell.expected in {None, "out-of-scope"}}
    return [*once.values(), *found[: limit - len(once)]]


class Accounts:
    """An account of each role, kind of scope and standing; a worker's sibling works in another grid."""

    def __init__(self, town: Town, database: str) -> None:
        other = Town(town.root).found()
        self._found: dict[tuple[str, str, str], Account] = {}
        for standing in STANDINGS:
            for role in ROLES:
                for place, scope in PLACES.items():
                    if role == "worker" and place not in OF_A_TOWN:
                        continue
                    at = other if (role, place) == ("worker", "other") else town
                    self._found[role, place, standing] = at.add(
                        f"{role}-{place}-{standing}",
                        role,
                        scope=None if role == "worker" else scope.format(town=town.code),
                        member={"sibling": "zhao"}.get(place, "wang") if role == "worker" else None,
                    )
        for (_, _, standing), account in self._found.items():
            if standing == "revoked":
                revoke(town, account)
        expired = {key: account for key, account in self._found.items() if key[2] == "expired"}
        secrets = asyncio.run(tokens_of_yesterday(database, [account.name for account in expired.values()]))
        for key, account in expired.items():
            self._found[key] = replace(account, secret=secrets[account.name])

    def of(self, cell: Cell) -> Account:
        return self._found[cell.role, cell.place, cell.standing]


async def tokens_of_yesterday(database: str, accounts: list[str]) -> dict[str, str]:
    """Issue a token for each account, as it would have been done two days ago to last for one."""
    then = system_clock() - timedelta(days=2)
    found = {}
    with open_log(database, clock=system_clock) as log:
        handler = Handler(log, calendar=china(), clock=lambda: then, vault=VAULT)
        for account in accounts:
            token = new_token(account)
            command = IssueToken(
                account=account,
                token=token.token,
                digest=token.digest,
                expires_at=then + timedelta(days=1),
            )
            await handler.handle(Request(command=command, account="system", source="test"))
            found[account] = token.secret
    return found


def revoke(town: Town, account: Account) -> None:
    answer = town.root.post(f"/api/v1/accounts/{account.name}/revoke", {"reason": "离职"})
    assert answer.status == 200, answer


def code_of(client: Client, cell: Cell, things: Things, key: str) -> str | None:
    """Send a cell's request and return the code of its refusal, if it is one of rights."""
    path = things.path(cell.route)
    if cell.route.path == "/stream":
        return code_of_stream(client, path)
    # A version that nothing has keeps what is allowed from being done, so that each cell finds the same.
    headers = {"Idempotency-Key": key, "If-Match": '"999"'}
    answer = client.send(cell.route.method, path, things.body(cell.route), headers=headers)
    if answer.status < 400:
        return None
    assert answer.status < 500, (cell, answer)
    if answer.code == "command-unauthenticated":
        # What a process remembers of an account is found to be old at the latest when it is to be written.
        return "unauthenticated"
    return answer.code if answer.code in BEYOND else None


def code_of_stream(client: Client, path: str) -> str | None:
    connection = client.connect()
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {client.token}"})
        return None if connection.getresponse().status == 200 else "unauthenticated"
    finally:
        connection.close()


def ask(town: Town, database: str, asked: list[Cell]) -> tuple[list[str], set[str]]:
    """Ask every cell; returns what was not as declared, and the keys of what was refused."""
    things, accounts = Things(town), Accounts(town, database)

    def one(number: int) -> str | None:
        cell = asked[number]
        return code_of(town.root.bearing(accounts.of(cell).secret), cell, things, f"cell-{number}")

    with ThreadPoolExecutor(SENDERS) as senders:
        codes = list(senders.map(one, range(len(asked))))
    wrong = [
        f"{cell.route.name} by {cell.role} of {cell.place}, {cell.standing}: {code} and not {cell.expected}"
        for cell, code in zip(asked, codes, strict=True)
        if code != cell.expected
    ]
    return wrong, {f"cell-{number}" for number, code in enumerate(codes) if code is not None}


def effects(database: str, refused: set[str]) -> list[str]:
    """Return the events that a refused request has left in the log."""
    with open_log(database, clock=system_clock) as log:
        recorded = [decode_whole(stored) for stored in log.read()]
    return [
        f"position {one.position}: {name_of(one.event)}"
        for one in recorded
        if one.metadata is not None and one.metadata.command_id.partition("/")[2] in refused
    ]


def served_after_revocation(town: Town, count: int) -> int:
    """Revoke accounts that are known to every process; returns how many requests were served afterwards."""
    served = 0
    for number in range(count):
        role = ROLES[number % len(ROLES)]
        account = town.add(f"brief-{number}", role, member="li" if role == "worker" else None)
        client = town.by(f"brief-{number}")
        assert set(asked_again(client)) == {200}
        revoke(town, account)
        served += sum(status != 401 for status in asked_again(client))
    return served


def asked_again(client: Client) -> Iterator[int]:
    """Ask a question, repeat a command under its key, send one without effect; yields the statuses."""
    for _ in range(ROUNDS):
        yield client.get("/api/v1/me").status
        for headers in ({"Idempotency-Key": "brief"}, {}):
            yield client.send("PUT", "/api/v1/inbox/channels", {"channels": []}, headers=headers).status


def run(*, full: bool, red: bool) -> ProofResult:
    """Ask the cells; the red twin's service takes every place for one within an account's scope."""
    asked = cells(None if full else SHORT)
    revocations = REVOKED_FULL if full else REVOKED_SHORT
    program = BROKEN if red else None
    with (
        postgres.running_server() as url,
        tempfile.TemporaryDirectory(prefix="dispatch-proof-") as directory,
    ):
        root = first_administrator(url)
        with Running(url, Path(directory), program=program, workers=str(WORKERS)) as running:
            town = Town(running.client.bearing(root)).found()
            wrong, refused = ask(town, url, asked)
            served = served_after_revocation(town, revocations)
        left = effects(url, refused)
    declared = Counter(cell.expected or "allowed" for cell in asked)
    asked_after = revocations * ROUNDS * KINDS
    figure = (
        f"{len(asked) - len(wrong):,} of {len(asked):,} cells as declared "
        f"({', '.join(f'{count:,} {code}' for code, count in declared.most_common())}), "
        f"{len(left)} effects of refused requests, "
        f"{served} of {asked_after:,} requests served after a revocation, by {WORKERS} processes"
    )
    return ProofResult(NAME, not (wrong or left or served), figure, (wrong + left)[:20] or "")
