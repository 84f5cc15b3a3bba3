"""Commands that changed nothing, and whose answer is kept all the same: refused, or without effect.

Under a client's key a repeat gets the first answer, whatever has changed meanwhile. That answer is on record
like any other, so that nobody can add one, change it or take it away behind the log's back.
"""

import msgspec

from dispatch.domain.event import Event


class CommandRefused(Event, frozen=True, kw_only=True, tag="command.refused"):
    """An item's state allowed it not: which command, on which item's stream, and the refusal's code.

    `item` is "" for several, or one that was to be made.
    `scope` is the code of the item's place; of one that isn't known, the scope of the account that asked.
    """

    command: str
    item: str
    code: str
    scope: str


class CommandHadNoEffect(Event, frozen=True, kw_only=True, tag="command.had_no_effect"):
    """What was asked for was so already: which command, on which item's stream."""

    command: str
    item: str
    scope: str


class Unchanged(msgspec.Struct, frozen=True, kw_only=True):
    """A command that changed nothing."""

    scope: str
    status: str

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope


def evolve(_before: Unchanged | None, event: CommandRefused | CommandHadNoEffect) -> Unchanged:
    """Return what came of the command."""
    status = "refused" if isinstance(event, CommandRefused) else "without_effect"
    return Unchanged(scope=event.scope, status=status)
