"""Remove the own second factor: signing in asks for the password alone."""

from commands.accounts.command import AccountCommand, own
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SecondFactorRemoved


class RemoveSecondFactor(AccountCommand, frozen=True, kw_only=True, tag="account.remove_second_factor"):
    """Let signing in ask for no code any more, and the session `kept` go on."""

    kept: str | None = None


def decide(command: RemoveSecondFactor, context: Context) -> Decision:
    """Remove it; where there is none that is a no-op."""
    account = own(command, context)
    if account.factor is not None:
        yield SecondFactorRemoved(at=context.now, factor=account.factor, kept=command.kept)
