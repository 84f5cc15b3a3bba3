"""Sign in: a session of the own account begins, after the service has made sure who it is."""

from datetime import datetime
from typing import Final

from commands.accounts.command import AccountCommand, own
from commands.accounts.credential import require_id
from commands.accounts.issue_token import DIGEST
from commands.command import Decision
from commands.context import Context
from commands.moments import utc
from dispatch.domain.accounts import IdentityLinked, SignedIn, SignedOut
from dispatch.domain.refusal import NotAllowed, Unacceptable

MOST_SESSIONS: Final = 10
"""How many sessions an account has at once; one more ends the oldest."""


class SessionMalformed(Unacceptable):
    """A session has an id and the SHA-256 of its secret in hex digits, and ends after now."""


class IdentityDiffers(NotAllowed):
    """Somebody else of the provider has signed in to this account before; an administrator can unlink it."""


class SignIn(AccountCommand, frozen=True, kw_only=True, tag="account.sign_in"):
    """Begin the session of id `session`, known by the SHA-256 of its secret; it ends at `expires_at`.

    `identity` is the SHA-256 of who he is at the provider, if a provider has said so.
    """

    session: str
    digest: str
    expires_at: datetime
    method: str
    identity: str | None = None


def decide(command: SignIn, context: Context) -> Decision:
    """Begin it, ending the oldest if there are too many; a provider's first identity stays the only one."""
    account = own(command, context)
    ends = utc(command.expires_at)
    if DIGEST.fullmatch(command.digest) is None or ends <= context.now:
        raise SessionMalformed
    if command.identity is not None and command.identity != account.identity:
        if account.identity is not None:
            raise IdentityDiffers
        if DIGEST.fullmatch(command.identity) is None:
            raise SessionMalformed
        yield IdentityLinked(at=context.now, identity=command.identity)
    live = {key: one for key, one in account.sessions.items() if context.now < one.expires_at}
    if len(live) >= MOST_SESSIONS:
        oldest = min(live, key=lambda key: (live[key].since, key))
        yield SignedOut(at=context.now, session=oldest, why="superseded")
    yield SignedIn(
        at=context.now,
        session=require_id(command.session),
        digest=command.digest,
        expires_at=ends,
        method=command.method,
    )
