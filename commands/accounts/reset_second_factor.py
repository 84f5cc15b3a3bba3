"""Reset a second factor: an administrator takes it away from who has lost it, and every session ends."""

from commands.accounts.command import AccountCommand, by_other, of_another
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SecondFactorRemoved


class ResetSecondFactor(AccountCommand, frozen=True, kw_only=True, tag="account.reset_second_factor"):
    """Let signing in ask for no code until its owner has set a second factor anew."""


def decide(command: ResetSecondFactor, context: Context) -> Decision:
    """Remove it; where there is none that is a no-op."""
    account = of_another(command, context)
    if account.factor is not None:
        yield SecondFactorRemoved(at=context.now, factor=account.factor, by=by_other(account, context))
