"""Who could do what, and by which rules: the accounts and the policies, for a replay of any past moment.

The service itself reads both from their streams, as they stand at the moment of an act.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from dispatch.domain.accounts import (
    AccountAdded,
    AccountRevoked,
    IdentityLinked,
    IdentityUnlinked,
    PasswordSet,
    Role,
    SecondFactorRemoved,
    SecondFactorSet,
    TokenIssued,
    TokenRevoked,
)
from dispatch.domain.event import Event, Recorded
from dispatch.domain.policies import PolicySet
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class AccountRow(Row, frozen=True):
    """An account: who may act as what and where, and what it can be entered with.

    `temporary` says of its password whether somebody else has made it; None is that it has none. `tokens` are
    the ids of those that were not revoked; they may have expired. `linked` is whether a provider's identity
    signs in as it.
    """

    account: str
    name: str
    role: Role
    scope: str
    member: str | None
    added_at: datetime
    added_by: str | None
    temporary: bool | None = None
    second_factor: bool = False
    linked: bool = False
    tokens: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    reason: str | None = None


class PolicyRow(Row, frozen=True):
    """The policy in force that a town or county has set itself, of which `version` has the number."""

    scope: str
    version: str
    since: datetime
    by: str
    policy: dict[str, Any]


ACCOUNTS: Final = RowTable("accounts", AccountRow, key=("account",))
POLICIES: Final = RowTable("policies", PolicyRow, key=("scope",))
TABLES: Final = (ACCOUNTS, POLICIES)


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    kind, _, key = recorded.originator_id.partition(":")
    yield (ACCOUNTS if kind == "account" else POLICIES), key


def _added(rows: Rows, event: AccountAdded, _: Recorded) -> None:
    made = AccountRow(
        event.account, event.name, event.role, event.scope, event.member, event.at, added_by=event.by
    )
    rows.put(ACCOUNTS, made)


def _changed(rows: Rows, event: Event, recorded: Recorded) -> None:
    row = rows.get(ACCOUNTS, recorded.originator_id.partition(":")[2])
    assert row is not None
    rows.put(ACCOUNTS, _after(row, event))


def _after(row: AccountRow, event: Event) -> AccountRow:
    match event:
        case TokenIssued():
            return replace(row, tokens=(*row.tokens, event.token))
        case TokenRevoked():
            return replace(row, tokens=tuple(one for one in row.tokens if one != event.token))
        case PasswordSet():
            return replace(row, temporary=event.temporary)
        case SecondFactorSet() | SecondFactorRemoved():
            return replace(row, second_factor=isinstance(event, SecondFactorSet))
        case IdentityLinked() | IdentityUnlinked():
            return replace(row, linked=isinstance(event, IdentityLinked))
        case AccountRevoked():
            ended = replace(row, temporary=None, second_factor=False, linked=False, tokens=())
            return replace(ended, revoked_at=event.at, reason=event.reason)
    raise AssertionError(event)


def _set(rows: Rows, event: PolicySet, _: Recorded) -> None:
    policy = msgspec.to_builtins(event.policy)
    rows.put(POLICIES, PolicyRow(event.scope, event.policy.version, event.at, event.by, policy))


CHANGES: Final[tuple[type[Event], ...]] = (
    TokenIssued,
    TokenRevoked,
    PasswordSet,
    SecondFactorSet,
    SecondFactorRemoved,
    IdentityLinked,
    IdentityUnlinked,
    AccountRevoked,
)
FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    AccountAdded: _added,
    PolicySet: _set,
    **dict.fromkeys(CHANGES, _changed),
}
