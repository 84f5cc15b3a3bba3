"""Bearer tokens: made here, known to the log only by their SHA-256, and told apart from a guess."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from commands.handler import Handler
from dispatch.domain import codes
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import Refusal
from dispatch.domain.towns import Town


class Unauthenticated(Refusal):
    """Sign in first, or send `Authorization: Bearer TOKEN`; an administrator makes accounts and tokens."""


class NewToken(NamedTuple):
    """A token just made: `secret` is shown once and kept nowhere, `digest` is what the log keeps."""

    token: str
    secret: str
    digest: str


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a token's text, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token(account: str) -> NewToken:
    """Make a token of 256 random bits that names its account: `ACCOUNT.RANDOM`."""
    secret = f"{account}.{secrets.token_urlsafe(32)}"
    return NewToken(token=secrets.token_hex(8), secret=secret, digest=digest_of(secret))


async def authenticate(
    authorization: str | None, handler: Handler, *, now: datetime, fresh: bool
) -> tuple[Account, str]:
    """Return the account whose token the `Authorization` header bears, and the token's id.

    Refuses with `Unauthenticated`. `fresh` as for `owner`.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return await owner(secret, handler, now=now, fresh=fresh, of=lambda account: account.tokens)


class Proof(Protocol):
    """A token or a session, as the log knows it."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the secret."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """When it ends, if ever."""
        ...


async def owner(
    secret: str,
    handler: Handler,
    *,
    now: datetime,
    fresh: bool,
    of: Callable[[Account], Mapping[str, Proof]],
) -> tuple[Account, str]:
    """Return the account that a secret `ACCOUNT.RANDOM` belongs to, and the id of its token or session.

    `of` gives those of an account that it may be. Refuses with `Unauthenticated`.

    `fresh` asks the log whether the account has changed; without it that is asked only about a secret that is
    not known here, since another process may have issued it. A revocation is still noticed by whatever is
    appended, because a command's decision has read its account.
    """
    name, dot, _ = secret.partition(".")
    if not dot or not name.isascii() or len(secret) > 200 or "\0" in secret:  # noqa: PLR2004 - far above any secret's length
        raise Unauthenticated
    digest = digest_of(secret)
    for asked in dict.fromkeys((fresh, True)):
        account = await handler.state(f"account:{name}", fresh=asked)
        if not isinstance(account, Account) or (found := _known(of(account), digest, now)) is None:
            continue
        if await of_the_staff(account, handler, fresh=asked):
            return account, found
    raise Unauthenticated


async def of_the_staff(account: Account, handler: Handler, *, fresh: bool = True) -> bool:
    """Tell whether the person behind an account is of the town's staff; one without a person is nobody's.

    Whoever has left gets in no more and does nothing, with none of his accounts, until he joins again.
    """
    if account.member is None:
        return True
    town = await handler.state(f"town:{codes.town_of(account.scope)}", fresh=fresh)
    return isinstance(town, Town) and account.member in town.members


def _known(proofs: Mapping[str, Proof], digest: str, now: datetime) -> str | None:
    """Return the id of the token or session of that digest, if it hasn't ended."""
    for key, proof in proofs.items():
        same = hmac.compare_digest(proof.digest, digest)
        if same and (proof.expires_at is None or now < proof.expires_at):
            return key
    return None
