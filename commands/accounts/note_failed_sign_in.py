"""Note a failed sign-in: the service says so about an account, and until when nobody gets in, if so."""

from datetime import datetime

from commands.accounts.command import AccountCommand, present
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SignInFailed


class NoteFailedSignIn(AccountCommand, frozen=True, kw_only=True, tag="account.note_failed_sign_in"):
    """Note that it was the `failures`-th in a row."""

    failures: int
    locked_until: datetime | None = None


def decide(command: NoteFailedSignIn, context: Context) -> Decision:
    """Note it."""
    present(command, context)
    yield SignInFailed(at=context.now, failures=command.failures, locked_until=command.locked_until)
