"""Issue a bearer token: the service makes it and gives its digest, so the log never holds what signs in."""

import re
from datetime import datetime
from typing import Final

from commands.accounts.command import AccountCommand, by_other, present
from commands.command import Decision
from commands.context import SYSTEM, Context
from commands.moments import utc
from dispatch.domain.accounts import Account, Role, TokenIssued
from dispatch.domain.refusal import NotAllowed, NotNow, Unacceptable

DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class TokenAlreadyIssued(NotNow):
    """A token of that id was issued already."""


class TokenMalformed(Unacceptable):
    """A token has an id, and its SHA-256 as 64 hex digits."""


class TokenEndUnacceptable(Unacceptable):
    """A token ends after now."""


class OwnTokenOnly(NotAllowed):
    """Somebody signs in with this account: only he makes a token for it (`POST /api/v1/session/tokens`)."""


class IssueToken(AccountCommand, frozen=True, kw_only=True, tag="account.issue_token"):
    """Issue the token of id `token`; it ends at `expires_at`, if ever."""

    token: str
    digest: str
    expires_at: datetime | None = None


def decide(command: IssueToken, context: Context) -> Decision:
    """Issue it to an active account; the same one again is a no-op.

    A grid worker's devices get theirs whenever they need one. Any other account gets its first one so, as an
    integration does; once somebody gets in with it, nobody else may act in his name by a token.
    """
    account = present(command, context)
    handed = account.role is Role.WORKER or context.actor is SYSTEM or not account.held
    if not handed and command.token not in account.tokens:
        raise OwnTokenOnly
    yield from issued(command, account, context, by=by_other(account, context))


def issued(command: IssueToken, account: Account, context: Context, *, by: str | None) -> Decision:
    """Issue a token; the same one again is a no-op."""
    if not command.token.strip() or DIGEST.fullmatch(command.digest) is None:
        raise TokenMalformed
    known = account.tokens.get(command.token)
    if known is not None:
        if known.digest != command.digest:
            raise TokenAlreadyIssued(token=command.token)
        return
    ends = None if command.expires_at is None else utc(command.expires_at)
    if ends is not None and ends <= context.now:
        raise TokenEndUnacceptable(until=ends.isoformat())
    yield TokenIssued(at=context.now, token=command.token, digest=command.digest, expires_at=ends, by=by)
