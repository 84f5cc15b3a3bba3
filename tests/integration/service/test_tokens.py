"""Whose a token is: of an account that holds it now, and of a person who is of the staff now."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from commands.accounts.add import AddAccount
from commands.accounts.issue_token import IssueToken
from commands.accounts.revoke import RevokeAccount
from commands.accounts.revoke_token import RevokeToken
from commands.command import Command, Request
from commands.handler import Handler
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.leave_member import LeaveMember
from dispatch.domain.accounts import Role
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.service.calendars import china
from dispatch.service.tokens import NewToken, Unauthenticated, authenticate, new_token
from tests.vaults import VAULT

TOWN = "500115101"
NOW = datetime(2024, 3, 4, 1, tzinfo=UTC)


class Processes:
    """Two processes on one log: what one has in memory, the other may have changed."""

    def __init__(self, log: DatabaseLog) -> None:
        self.here, self.elsewhere = (
            Handler(log, calendar=china(), clock=lambda: NOW, vault=VAULT) for _ in range(2)
        )

    def send(self, *commands: Command) -> None:
        """Carry commands out in the other one."""
        for command in commands:
            asyncio.run(self.elsewhere.handle(Request(command=command, account="system", source="test")))

    def issue(self, account: str = "zhou", *, expires_at: datetime | None = None) -> NewToken:
        made = new_token(account)
        self.send(IssueToken(account=account, token=made.token, digest=made.digest, expires_at=expires_at))
        return made

    def knows(self, authorization: str | None, *, fresh: bool = True, now: datetime = NOW) -> str | None:
        """Return whose token it is here, and which, as `ACCOUNT/TOKEN`."""
        with suppress(Unauthenticated):
            account, token = asyncio.run(authenticate(authorization, self.here, now=now, fresh=fresh))
            return f"{account.account}/{token}"
        return None


@pytest.fixture
def processes(database: str) -> Iterator[Processes]:
    with open_log(database, clock=lambda: NOW) as log:
        processes = Processes(log)
        processes.send(
            FoundTown(town=TOWN, name="万顺镇"),
            JoinMembers(town=TOWN, members=(MemberPlan(member="chen", name="陈芳"),)),
            AddAccount(account="zhou", name="x", role=Role.OPERATOR, scope=TOWN, member="chen"),
            AddAccount(account="li", name="x", role=Role.OPERATOR, scope=TOWN),
        )
        yield processes


def test_a_token_is_256_random_bits_that_name_its_account() -> None:
    made = [new_token("zhou") for _ in range(100)]
    for one in made:
        account, _, random = one.secret.partition(".")
        assert (account, len(random)) == ("zhou", 43)
        assert one.digest == sha256(one.secret.encode()).hexdigest()
    assert len({one.secret for one in made}) == len({one.token for one in made}) == 100


def test_a_token_is_its_accounts_and_nothing_else_is_one(processes: Processes) -> None:
    own, other = processes.issue("zhou"), processes.issue("li")
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert processes.knows(f"{scheme} {own.secret}") == f"zhou/{own.token}"
    assert processes.knows(f"Bearer {other.secret}") == f"li/{other.token}"
    random = own.secret.partition(".")[2]
    for refused in (
        None,
        "",
        "Bearer",
        "Bearer ",
        own.secret,
        f"Basic {own.secret}",
        f"Bearer {own.digest}",
        f"Bearer {random}",
        f"Bearer li.{random}",
        f"Bearer nobody.{random}",
        f"Bearer {own.secret}x",
        f"Bearer {own.secret[:-1]}",
        f"Bearer {own.secret} ",
        f"Bearer zhou\0.{random}",
        f"Bearer zhou.{random}\0",
        f"Bearer 周.{random}",
        f"Bearer {'z' * 10_000}.{random}",
    ):
        assert processes.knows(refused) is None, refused


def test_a_token_ends_when_it_says(processes: Processes) -> None:
    ends = NOW + timedelta(days=1)
    made, endless = processes.issue(expires_at=ends), processes.issue()
    for fresh in (True, False):
        for at, known in ((ends - timedelta(microseconds=1), True), (ends, False)):
            assert (processes.knows(f"Bearer {made.secret}", fresh=fresh, now=at) is not None) is known
        assert processes.knows(f"Bearer {endless.secret}", fresh=fresh, now=ends) is not None


def test_what_another_process_has_issued_or_revoked_is_known_here(processes: Processes) -> None:
    first = processes.issue()
    assert processes.knows(f"Bearer {first.secret}") == f"zhou/{first.token}"
    second = processes.issue()
    assert processes.knows(f"Bearer {second.secret}", fresh=False) == f"zhou/{second.token}"
    processes.send(RevokeToken(account="zhou", token=first.token))
    assert processes.knows(f"Bearer {first.secret}") is None
    assert processes.knows(f"Bearer {second.secret}") == f"zhou/{second.token}"
    processes.send(RevokeAccount(account="zhou", reason="离职"))
    assert processes.knows(f"Bearer {second.secret}") is None


def test_who_has_left_is_known_no_more_until_he_joins_again(processes: Processes) -> None:
    made, of_nobody = processes.issue("zhou"), processes.issue("li")
    assert processes.knows(f"Bearer {made.secret}") is not None
    processes.send(LeaveMember(town=TOWN, member="chen", reason="调离"))
    assert processes.knows(f"Bearer {made.secret}") is None
    assert processes.knows(f"Bearer {of_nobody.secret}") is not None
    processes.send(JoinMembers(town=TOWN, members=(MemberPlan(member="chen", name="陈芳"),)))
    assert processes.knows(f"Bearer {made.secret}") is not None
