"""What the commands on one account have in common: its stream and its refusal once revoked."""

from commands.command import Command
from commands.context import SYSTEM, Context
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import NotAllowed, NotNow


class AccountIsRevoked(NotNow):
    """The account was revoked; nothing more can be done with it."""


class OwnAccountOnly(NotAllowed):
    """Only who the account belongs to may do that."""


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


class OtherAccountsOnly(NotAllowed):
    """One's own account is changed in a session, with the password, and not as others' are."""


def of_another(command: AccountCommand, context: Context) -> Account:
    """Return the account, which must be active, within the actor's scope and not the actor's own."""
    account = present(command, context)
    if context.actor.account == account.account:
        raise OtherAccountsOnly
    return account


def by_other(account: Account, context: Context) -> str | None:
    """Return who acts on an account, if that isn't its owner: its owner and the auditors are told so."""
    return None if context.actor.account == account.account else context.actor.account


def own(command: AccountCommand, context: Context) -> Account:
    """Return the account, which must be active and the actor's own; the service may act on each."""
    account = present(command, context)
    if context.actor is not SYSTEM and context.actor.account != account.account:
        raise OwnAccountOnly
    return account
