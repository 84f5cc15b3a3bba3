"""An account: who may sign in, in which role and scope, and the digests of its bearer tokens."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event


class Role(StrEnum):
    """What an account is for. SYSTEM is the service itself (timers, import); no token is ever made for it."""

    OPERATOR = "operator"
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class AccountAdded(Event, frozen=True, kw_only=True, tag="account.added"):
    """An account was made; `scope` is a code prefix, `member` the person behind a grid worker's account."""

    account: str
    name: str
    role: Role
    scope: str
    member: str | None = None


class TokenIssued(Event, frozen=True, kw_only=True, tag="account.token_issued"):
    """A bearer token was made; the log holds its SHA-256 (hex) only: the token is 256 random bits."""

    token: str
    digest: str
    expires_at: datetime | None = None


class TokenRevoked(Event, frozen=True, kw_only=True, tag="account.token_revoked"):
    """A bearer token is worth nothing from now on."""

    token: str


class AccountRevoked(Event, frozen=True, kw_only=True, tag="account.revoked"):
    """An account may do nothing from now on."""

    reason: str


AccountEvent = AccountAdded | TokenIssued | TokenRevoked | AccountRevoked


class Token(msgspec.Struct, frozen=True):
    """A live bearer token: SHA-256 (hex) and when it ends, if ever."""

    digest: str
    expires_at: datetime | None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands."""

    account: str
    name: str
    role: Role
    scope: str
    member: str | None
    tokens: dict[str, Token] = {}
    revoked: bool = False

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """`active` or `revoked`."""
        return "revoked" if self.revoked else "active"

    @property
    def person(self) -> str:
        """Who acts: the member behind the account, else the account itself."""
        return self.member or self.account


def evolve(account: Account | None, event: AccountEvent) -> Account:
    """Return the account after `event`."""
    if isinstance(event, AccountAdded):
        return Account(
            account=event.account, name=event.name, role=event.role, scope=event.scope, member=event.member
        )
    assert account is not None
    match event:
        case TokenIssued():
            token = Token(event.digest, event.expires_at)
            return replace(account, tokens={**account.tokens, event.token: token})
        case TokenRevoked():
            tokens = {key: token for key, token in account.tokens.items() if key != event.token}
            return replace(account, tokens=tokens)
        case AccountRevoked():
            return replace(account, revoked=True, tokens={})
