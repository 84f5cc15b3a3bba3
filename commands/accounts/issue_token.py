"""Issue a bearer token: the service makes it and gives its digest, so the log never holds what signs in."""

import re
from datetime import datetime
from typing import Final

from commands.accounts.command import AccountCommand, present
from commands.command import Decision
from commands.context import Context
from commands.moments import utc
from dispatch.domain.accounts import TokenIssued
from dispatch.domain.refusal import NotNow, Unacceptable

DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class TokenAlreadyIssued(NotNow):
    """A token of that id was issued already."""


class TokenMalformed(Unacceptable):
    """A token has an id, and its SHA-256 as 64 hex digits."""


class TokenEndUnacceptable(Unacceptable):
    """A token ends after now."""


class IssueToken(AccountCommand, frozen=True, kw_only=True, tag="account.issue_token"):
    """Issue the token of id `token`; it ends at `expires_at`, if ever."""

    token: str
    digest: str
    expires_at: datetime | None = None


def decide(command: IssueToken, context: Context) -> Decision:
    """Issue it to an active account; the same one again is a no-op."""
    account = present(command, context)
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
    yield TokenIssued(at=context.now, token=command.token, digest=command.digest, expires_at=ends)
