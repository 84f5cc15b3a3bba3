"""Reset a password: an administrator gives a first one, which only serves to set one's own."""

from commands.accounts.command import AccountCommand, by_other, of_another
from commands.accounts.credential import require_id
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import PasswordSet, TokenRevoked


class ResetPassword(AccountCommand, frozen=True, kw_only=True, tag="account.reset_password"):
    """Let the password kept under the id `credential` be the account's first one."""

    credential: str


def decide(command: ResetPassword, context: Context) -> Decision:
    """Put it into force until its owner has changed it; every session ends.

    So does every token that was made by the password before: whoever knew that may have made it.
    """
    account = of_another(command, context)
    if account.credential != require_id(command.credential):
        yield PasswordSet(
            at=context.now,
            credential=command.credential,
            temporary=True,
            by=by_other(account, context),
            bound=True,
        )
        for token in (key for key, one in account.tokens.items() if one.own):
            yield TokenRevoked(at=context.now, token=token)
