"""An account: who may sign in, in which role and scope, with which tokens and sessions.

The log holds facts and never what signs in: of tokens and sessions the SHA-256, of a password and a second
factor only the id under which they are kept elsewhere, where they can be erased.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event

T = TypeVar("T")


class Role(StrEnum):
    """What an account is for. SYSTEM is the service itself (timers, import); no token is ever made for it."""

    OPERATOR = "operator"
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class AccountAdded(Event, frozen=True, kw_only=True, tag="account.added"):
    """An account was made; `scope` is a code prefix, `member` the person behind a grid worker's account.

    `by` is the account that made it.
    """

    account: str
    name: str
    role: Role
    scope: str
    member: str | None = None
    by: str | None = None


class TokenIssued(Event, frozen=True, kw_only=True, tag="account.token_issued"):
    """A bearer token was made; the log holds its SHA-256 (hex) only: the token is 256 random bits.

    `by` is the account that made it, if that isn't its owner's.
    """

    token: str
    digest: str
    expires_at: datetime | None = None
    by: str | None = None


class TokenRevoked(Event, frozen=True, kw_only=True, tag="account.token_revoked"):
    """A bearer token is worth nothing from now on."""

    token: str


class AccountRevoked(Event, frozen=True, kw_only=True, tag="account.revoked"):
    """An account may do nothing from now on."""

    reason: str


class PasswordSet(Event, frozen=True, kw_only=True, tag="account.password_set"):
    """A password came into force: the one whose hash is kept under the id `credential`.

    A `temporary` one was made by somebody else and only serves to set one's own. Every session ended except
    `kept`, the one in which it was set. `by` is the account that made it, if that isn't its owner's. What is
    kept of a `bound` one was bound to the account from the first; see `PersonalBound` for those from before.
    """

    credential: str
    temporary: bool
    kept: str | None = None
    by: str | None = None
    bound: bool = False


class SecondFactorSet(Event, frozen=True, kw_only=True, tag="account.second_factor_set"):
    """Signing in asks for a code besides the password: of the generator that is kept under the id `factor`.

    Every session ended except `kept`, the one in which it was set. `bound` as for a password.
    """

    factor: str
    kept: str | None = None
    bound: bool = False


class SecondFactorRemoved(Event, frozen=True, kw_only=True, tag="account.second_factor_removed"):
    """Signing in asks for no code any more; every session ended except `kept`, in which it was removed.

    `by` is the account that removed it, if that isn't its owner's.
    """

    factor: str
    kept: str | None = None
    by: str | None = None


class IdentityLinked(Event, frozen=True, kw_only=True, tag="account.identity_linked"):
    """Who signed in at the provider (OIDC) is its owner: SHA-256 (hex) of the issuer and the subject."""

    identity: str


class IdentityUnlinked(Event, frozen=True, kw_only=True, tag="account.identity_unlinked"):
    """The account belongs to nobody of the provider any more; every session ended.

    `by` is the account that unlinked it.
    """

    identity: str
    by: str | None = None


class SignedIn(Event, frozen=True, kw_only=True, tag="account.signed_in"):
    """A session began and ends at `expires_at` at the latest; `method` says what proved who it is."""

    session: str
    digest: str
    expires_at: datetime
    method: str


class SignedOut(Event, frozen=True, kw_only=True, tag="account.signed_out"):
    """A session ended, or every one of the account's if `session` is None."""

    session: str | None
    why: str


class SignInFailed(Event, frozen=True, kw_only=True, tag="account.sign_in_failed"):
    """Somebody did not get in, for the `failures`-th time in a row; nothing is tried until `locked_until`.

    In a browser that the account has signed in from before, both go for that browser alone; else for all
    others.
    """

    failures: int
    locked_until: datetime | None = None


AccountEvent = (
    AccountAdded
    | TokenIssued
    | TokenRevoked
    | AccountRevoked
    | PasswordSet
    | SecondFactorSet
    | SecondFactorRemoved
    | IdentityLinked
    | IdentityUnlinked
    | SignedIn
    | SignedOut
    | SignInFailed
)


class Token(msgspec.Struct, frozen=True):
    """A live bearer token: SHA-256 (hex), when it ends, if ever, and since when it is there.

    Its owner has made an `own` one, by what signs in; others are handed over by whoever keeps the accounts.
    """

    digest: str
    expires_at: datetime | None
    since: datetime
    own: bool


class Session(msgspec.Struct, frozen=True):
    """A session: SHA-256 (hex) of what its cookie holds, when it began and when it ends at the latest.

    `method` says what proved who it is.
    """

    digest: str
    since: datetime
    expires_at: datetime
    method: str

    @property
    def by_password(self) -> bool:
        """Whether a password, of ours and not a provider's, has proved who it is."""
        return self.method.partition("+")[0] == "password"

    @property
    def by_password_alone(self) -> bool:
        """Whether nothing but a password has proved who it is."""
        return self.method == "password"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands; `credential` and `factor` are the ids of its password and second factor.

    `identity` is the SHA-256 of its owner's issuer and subject at the provider, once he has signed in there.
    `retired` are the ids of passwords and second factors that were in force before: what is kept of them is
    worth nothing any more. `unbound` are ids of both that may be kept as they were before anything was bound.
    """

    account: str
    name: str
    role: Role
    scope: str
    member: str | None
    tokens: dict[str, Token] = {}
    sessions: dict[str, Session] = {}
    credential: str | None = None
    must_change_password: bool = False
    factor: str | None = None
    identity: str | None = None
    retired: frozenset[str] = frozenset()
    unbound: frozenset[str] = frozenset()
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
    def held(self) -> bool:
        """Whether somebody can get in with it: by a token, a password or a provider."""
        return bool(self.tokens) or self.credential is not None or self.identity is not None

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
    before = account
    match event:
        case TokenIssued():
            token = Token(event.digest, event.expires_at, event.at, own=event.by is None)
            account = replace(account, tokens={**account.tokens, event.token: token})
        case TokenRevoked():
            account = replace(account, tokens=_without(account.tokens, event.token))
        case AccountRevoked():
            account = replace(account, revoked=True, tokens={}, sessions={}, credential=None, factor=None)
        case PasswordSet() | SecondFactorSet() | SecondFactorRemoved():
            kept = {key: one for key, one in account.sessions.items() if key == event.kept}
            account = _signing_in_otherwise(replace(account, sessions=kept), event)
        case IdentityLinked():
            account = replace(account, identity=event.identity)
        case IdentityUnlinked():
            account = replace(account, identity=None, sessions={})
        case _:
            account = replace(account, sessions=_sessions_after(account, event))
    return _retiring(before, account)


def _retiring(before: Account, after: Account) -> Account:
    """Note which password and second factor were in force before and are so no more."""
    gone = {before.credential, before.factor} - {after.credential, after.factor, None}
    return replace(after, retired=after.retired.union(key for key in gone if key)) if gone else after


def _sessions_after(account: Account, event: SignedIn | SignedOut | SignInFailed) -> dict[str, Session]:
    match event:
        case SignedIn():
            live = {key: one for key, one in account.sessions.items() if event.at < one.expires_at}
            new = Session(event.digest, event.at, event.expires_at, event.method)
            return {**live, event.session: new}
        case SignedOut():
            return {} if event.session is None else _without(account.sessions, event.session)
        case SignInFailed():
            return account.sessions


def _signing_in_otherwise(
    account: Account, event: PasswordSet | SecondFactorSet | SecondFactorRemoved
) -> Account:
    match event:
        case PasswordSet():
            unbound = account.unbound if event.bound else account.unbound | {event.credential}
            changed = replace(account, credential=event.credential, unbound=unbound)
            return replace(changed, must_change_password=event.temporary)
        case SecondFactorSet():
            unbound = account.unbound if event.bound else account.unbound | {event.factor}
            return replace(account, factor=event.factor, unbound=unbound)
        case SecondFactorRemoved():
            return replace(account, factor=None)


def _without(found: dict[str, T], key: str) -> dict[str, T]:
    return {other: one for other, one in found.items() if other != key}
