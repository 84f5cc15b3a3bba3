"""Found a town: its command centre begins to work."""

from datetime import datetime

from commands.command import Decision
from commands.context import Context
from commands.towns.command import TownCommand, require_name, since
from dispatch.domain import codes
from dispatch.domain.refusal import NotNow
from dispatch.domain.towns import TownFounded


class TownAlreadyFounded(NotNow):
    """A town of that code was founded already, under another name."""


class FoundTown(TownCommand, frozen=True, kw_only=True, tag="town.found"):
    """Found the town of a 9-digit code; `since` is when that was, if before now."""

    name: str
    since: datetime | None = None


def decide(command: FoundTown, context: Context) -> Decision:
    """Found it; founding it again under the same name is a no-op."""
    codes.require(command.town, codes.TOWN)
    context.reach(command.town)
    name = require_name(command.name)
    town = context.find_town(command.town)
    if town is None:
        yield TownFounded(at=since(command.since, context), code=command.town, name=name)
    elif town.name != name:
        raise TownAlreadyFounded(town=command.town, name=town.name)
