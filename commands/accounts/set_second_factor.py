"""Set the own second factor: from now on signing in asks for a code besides the password."""

from commands.accounts.command import AccountCommand, own
from commands.accounts.credential import require_id
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SecondFactorSet


class SetSecondFactor(AccountCommand, frozen=True, kw_only=True, tag="account.set_second_factor"):
    """Let the generator kept under the id `factor` be the account's, and the session `kept` go on."""

    factor: str
    kept: str | None = None


def decide(command: SetSecondFactor, context: Context) -> Decision:
    """Put it into force; the one before, if there was one, is worth nothing any more."""
    account = own(command, context)
    if account.factor != require_id(command.factor):
        yield SecondFactorSet(at=context.now, factor=command.factor, kept=command.kept, bound=True)
