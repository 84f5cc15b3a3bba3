"""End the sessions of an account: an administrator signs it out everywhere."""

from commands.accounts.command import AccountCommand, present
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SignedOut


class EndSessions(AccountCommand, frozen=True, kw_only=True, tag="account.end_sessions"):
    """End every session of an account; its tokens stay good."""


def decide(command: EndSessions, context: Context) -> Decision:
    """End them; where there is none that is a no-op."""
    account = present(command, context)
    if account.sessions:
        yield SignedOut(at=context.now, session=None, why="ended by an administrator")
