"""Who could do what at any moment, held against the account that the rights are measured by."""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dispatch.domain import accounts
from dispatch.domain.accounts import (
    AccountAdded,
    AccountEvent,
    AccountRevoked,
    IdentityLinked,
    IdentityUnlinked,
    PasswordSet,
    Role,
    SecondFactorRemoved,
    SecondFactorSet,
    SignedIn,
    TokenIssued,
    TokenRevoked,
)
from dispatch.domain.policies import PolicySet
from dispatch.domain.policy import DEFAULT
from projections.access import ACCOUNTS, POLICIES
from projections.catalogue import ACCESS
from projections.engine.rows import Rows
from tests.histories import Happened
from tests.unit.projections.folding import AT, hours, recorded

TOWN = "500115101"


def made(number: int, at: datetime) -> AccountEvent:
    """An event of each kind that an account may have after it was added."""
    key = str(number)
    events: list[AccountEvent] = [
        TokenIssued(at=at, token=key, digest="0" * 64),
        TokenRevoked(at=at, token=str(number - 1)),
        PasswordSet(at=at, credential=key, temporary=number % 2 == 0),
        SecondFactorSet(at=at, factor=key),
        SecondFactorRemoved(at=at, factor=key),
        IdentityLinked(at=at, identity="0" * 64),
        IdentityUnlinked(at=at, identity="0" * 64),
        SignedIn(at=at, session=key, digest="0" * 64, expires_at=hours(9), method="password"),
    ]
    return events[number % len(events)]


def fold(happened: list[Happened]) -> Rows:
    rows = Rows(ACCESS.tables)
    for one in recorded(happened):
        if ACCESS.reads(one):
            ACCESS.apply(rows, one)
    return rows


@given(st.lists(st.integers(0, 31), max_size=20, unique=True), st.booleans())
def test_an_account_is_shown_as_the_service_knew_it(numbers: list[int], ended: bool) -> None:
    added = AccountAdded(
        at=AT, account="chen", name="陈", role=Role.OPERATOR, scope=TOWN, member="chen", by="root"
    )
    events: list[AccountEvent] = [added, *(made(number, hours(n)) for n, number in enumerate(numbers, 1))]
    if ended:
        events.append(AccountRevoked(at=hours(100), reason="left"))
    [row] = fold([("account:chen", event) for event in events]).all(ACCOUNTS)
    account = None
    for event in events:
        account = accounts.evolve(account, event)
    assert account is not None
    assert (row.account, row.name, row.role, row.scope) == ("chen", "陈", Role.OPERATOR, TOWN)
    assert (row.member, row.added_at, row.added_by) == ("chen", AT, "root")
    assert row.tokens == tuple(account.tokens)
    assert (row.temporary is not None) == (account.credential is not None)
    assert bool(row.temporary) == (account.must_change_password and not ended)
    assert row.second_factor == (account.factor is not None)
    assert (row.revoked_at, row.reason) == ((hours(100), "left") if ended else (None, None))
    if not ended:
        assert row.linked == (account.identity is not None)


def test_a_policy_is_shown_as_it_was_in_force() -> None:
    policies = [replace(DEFAULT, version=f"{TOWN}@{number}", extensions=number) for number in (1, 2)]
    happened: list[Happened] = [
        (f"policy:{TOWN}", PolicySet(at=hours(n), scope=TOWN, by="root", policy=policy))
        for n, policy in enumerate(policies)
    ]

    def shown(count: int) -> list[tuple[Any, ...]]:
        rows = fold(happened[:count]).all(POLICIES)
        return [(row.scope, row.version, row.since, row.policy["extensions"]) for row in rows]

    assert shown(1) == [(TOWN, f"{TOWN}@1", AT, 1)]
    assert shown(2) == [(TOWN, f"{TOWN}@2", hours(1), 2)]
