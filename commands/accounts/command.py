"""What the commands on one account have in common: its stream and its refusal once revoked."""

from commands.command import Command
from commands.context import Context
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import NotNow


class AccountIsRevoked(NotNow):
    """The account was revoked; nothing more can be done with it."""


class AccountCommand(Command, frozen=True, kw_only=True):
    """A command on one account, by its id."""

    account: str

    @property
    def stream(self) -> str:
        """The account's stream."""
        return f"account:{self.account}"


def present(command: AccountCommand, context: Context) -> Account:
    """Return the account, which must be active and lie within the actor's scope."""
    account = context.account(command.account)
    context.require_version(command.stream)
    if account.revoked:
        raise AccountIsRevoked
    return account
