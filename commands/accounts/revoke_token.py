"""Revoke a bearer token: it is worth nothing from now on."""

from commands.accounts.command import AccountCommand, present
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import Account, TokenRevoked
from dispatch.domain.refusal import Unknown


class TokenUnknown(Unknown):
    """The account has no live token of that id."""


class RevokeToken(AccountCommand, frozen=True, kw_only=True, tag="account.revoke_token"):
    """Revoke one token of an account."""

    token: str


def decide(command: RevokeToken, context: Context) -> Decision:
    """Revoke a live token."""
    yield from revoked(command, present(command, context), context)


def revoked(command: RevokeToken, account: Account, context: Context) -> Decision:
    """Revoke a live token of this account."""
    if command.token not in account.tokens:
        raise TokenUnknown(token=command.token)
    yield TokenRevoked(at=context.now, token=command.token)
