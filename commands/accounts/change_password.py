"""Change the own password: every other session ends."""

from commands.accounts.command import AccountCommand, own
from commands.accounts.credential import require_id
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import PasswordSet


class ChangePassword(AccountCommand, frozen=True, kw_only=True, tag="account.change_password"):
    """Let the password kept under the id `credential` be the account's, and the session `kept` go on."""

    credential: str
    kept: str | None = None


def decide(command: ChangePassword, context: Context) -> Decision:
    """Put it into force; what was a first password is so no more."""
    account = own(command, context)
    if account.credential != require_id(command.credential):
        yield PasswordSet(
            at=context.now, credential=command.credential, temporary=False, kept=command.kept, bound=True
        )
