"""Unlink an identity: the next one of the provider who signs in to the account is who it belongs to."""

from commands.accounts.command import AccountCommand, by_other, of_another
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import IdentityUnlinked


class UnlinkIdentity(AccountCommand, frozen=True, kw_only=True, tag="account.unlink_identity"):
    """Let an account belong to nobody of the provider; every session ends."""


def decide(command: UnlinkIdentity, context: Context) -> Decision:
    """Unlink it; where nothing is linked that is a no-op."""
    account = of_another(command, context)
    if account.identity is not None:
        yield IdentityUnlinked(at=context.now, identity=account.identity, by=by_other(account, context))
