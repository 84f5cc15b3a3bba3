"""Sign out: a session of the own account ends, or all of them."""

from commands.accounts.command import AccountCommand, own
from commands.command import Decision
from commands.context import Context
from dispatch.domain.accounts import SignedOut
from dispatch.domain.refusal import Unknown


class SessionUnknown(Unknown):
    """The account has no live session of that id."""


class SignOut(AccountCommand, frozen=True, kw_only=True, tag="account.sign_out"):
    """End one session, or every one if `session` is None."""

    session: str | None = None
    why: str = "signed out"


def decide(command: SignOut, context: Context) -> Decision:
    """End it; where there is none to end, "everywhere" is a no-op."""
    account = own(command, context)
    if command.session is not None and command.session not in account.sessions:
        raise SessionUnknown
    if account.sessions:
        yield SignedOut(at=context.now, session=command.session, why=command.why)
