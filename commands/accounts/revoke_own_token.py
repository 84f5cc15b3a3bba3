"""Revoke a token of the own account: what it was made for is no longer to act in the owner's name."""

from commands.accounts.command import own
from commands.accounts.revoke_token import RevokeToken, revoked
from commands.command import Decision
from commands.context import Context


class RevokeOwnToken(RevokeToken, frozen=True, kw_only=True, tag="account.revoke_own_token"):
    """Revoke one token of the own account, whoever made it."""


def decide(command: RevokeOwnToken, context: Context) -> Decision:
    """Revoke a live token."""
    yield from revoked(command, own(command, context), context)
