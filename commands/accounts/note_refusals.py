"""Note refusals: the service says what an account was not allowed, counted over a while."""

from msgspec.structs import replace

from commands.command import Command, Decision
from commands.context import AccountUnknown, Context
from commands.moments import utc
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.refusals import NOBODY, Refused, RequestsRefused


class NothingRefused(Unacceptable):
    """What was refused was so at least once, and the last time not before the first."""


class NoteRefusals(Command, frozen=True, kw_only=True, tag="account.note_refusals"):
    """Note what was refused to an account, or to nobody known; `others` are more than could be told apart."""

    account: str
    refused: tuple[Refused, ...]
    others: int = 0

    @property
    def stream(self) -> str:
        """The account's refusals, apart from the account itself: they change nothing about it."""
        return f"refusals:{self.account}"


def decide(command: NoteRefusals, context: Context) -> Decision:
    """Note them in the account's scope."""
    if not command.refused or command.others < 0:
        raise NothingRefused
    refused = tuple(
        replace(one, first_at=utc(one.first_at), last_at=utc(one.last_at)) for one in command.refused
    )
    if any(one.count < 1 or one.last_at < one.first_at for one in refused):
        raise NothingRefused
    scope = ""
    if command.account != NOBODY:
        account = context.find_account(command.account)
        if account is None:
            raise AccountUnknown(account=command.account)
        scope = account.scope
    yield RequestsRefused(
        at=context.now,
        account=command.account,
        scope=scope,
        refused=refused,
        others=command.others,
    )
