"""Bearer tokens: made here, known to the log only by their SHA-256, and told apart from a guess."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import NamedTuple

from commands.handler import Handler
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import Refusal


class Unauthenticated(Refusal):
    """Send `Authorization: Bearer TOKEN`; an administrator makes tokens with `dispatch accounts add`."""


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

    Refuses with `Unauthenticated`.

    `fresh` asks the log whether the account has changed; without it that is asked only about a token that is
    not known here, since another process may have issued it. A revocation is still noticed by whatever is
    appended, because a command's decision has read its account.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    name, dot, _ = secret.partition(".")
    if scheme.lower() != "bearer" or not dot or not name.isascii() or len(secret) > 200 or "\0" in secret:  # noqa: PLR2004 - far above any token's length
        raise Unauthenticated
    digest = digest_of(secret)
    for asked in dict.fromkeys((fresh, True)):
        account = await handler.state(f"account:{name}", fresh=asked)
        if isinstance(account, Account) and (token := _known(account, digest, now)) is not None:
            return account, token
    raise Unauthenticated


def _known(account: Account, digest: str, now: datetime) -> str | None:
    """Return the id of the account's token of that digest, if it hasn't ended."""
    for key, token in account.tokens.items():
        same = hmac.compare_digest(token.digest, digest)
        if same and (token.expires_at is None or now < token.expires_at):
            return key
    return None
