"""Read: what a person has seen of the notifications that are his."""

import re
from typing import Final

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.inboxes import Inbox, InboxRead, position_of
from dispatch.domain.refusal import NotAllowed, Unacceptable

MOST: Final = 500
"""How many notifications one command names at most."""
NOTIFICATION: Final = re.compile(r"[1-9][0-9]{0,17}-[0-9]{1,4}")
LAST: Final = 2**62


class NotOwnInbox(NotAllowed):
    """An inbox is read by its owner only."""


class NothingRead(Unacceptable):
    """Say up to which position, or which notifications, up to 500 of them."""


class NotificationMalformed(Unacceptable):
    """A notification's id is a log position and a number, such as 4711-0."""


class ReadInbox(Command, frozen=True, kw_only=True, tag="inbox.read"):
    """Note that an account has read its notifications up to a position, or some of them by id."""

    account: str
    through: int | None = None
    ids: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """The stream of the reader."""
        return f"inbox:{self.account}"


def decide(command: ReadInbox, context: Context) -> Decision:
    """Note what is new of it; what was read already is a no-op."""
    if command.account != context.actor.account:
        raise NotOwnInbox
    if (command.through is None and not command.ids) or len(command.ids) > MOST:
        raise NothingRead(ids=len(command.ids))
    if command.through is not None and not 0 <= command.through <= LAST:
        raise NothingRead(through=command.through)
    for one in command.ids:
        if NOTIFICATION.fullmatch(one) is None:
            raise NotificationMalformed(id=one[:40])
    inbox = context.inbox(command.account) or Inbox(account=command.account, scope=context.actor.scope)
    context.require_version(command.stream)
    through = max(inbox.through, command.through or 0)
    ids = {one for one in command.ids if position_of(one) > through and one not in inbox.ids}
    if through > inbox.through or ids:
        yield InboxRead(
            at=context.now,
            account=command.account,
            scope=context.actor.scope,
            through=through if through > inbox.through else None,
            ids=tuple(sorted(ids)),
        )
