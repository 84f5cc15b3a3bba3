"""What the commands on one town have in common: its stream and how the town, grids and members are found."""

from datetime import datetime

from commands.command import Command
from commands.context import Context, GridUnknown
from commands.moments import past
from dispatch.domain import codes
from dispatch.domain.refusal import Unacceptable, Unknown
from dispatch.domain.text import says_something
from dispatch.domain.towns import Grid, Town


class MemberUnknown(Unknown):
    """There is no person of that id in the town."""


class NameMissing(Unacceptable):
    """A name is missing: it needs at least one character that is not a space."""


class TownCommand(Command, frozen=True, kw_only=True):
    """A command on one town, by its 9-digit code."""

    town: str

    @property
    def stream(self) -> str:
        """The town's stream."""
        return f"town:{self.town}"


def present(command: TownCommand, context: Context) -> Town:
    """Return the town, which must exist and lie within the actor's reach."""
    codes.require(command.town, codes.TOWN)
    town = context.town(command.town)
    context.reach(command.town)
    context.require_version(command.stream)
    return town


def since(moment: datetime | None, context: Context) -> datetime:
    """Return since when something is true, in UTC: `moment`, which may not lie ahead, or now."""
    return context.now if moment is None else past(moment, context)


def grid_of(town: Town, code: str) -> Grid:
    """Return the town's grid of that code, open or closed; otherwise `GridUnknown`."""
    grid = town.grids.get(code)
    if grid is None:
        raise GridUnknown(grid=code)
    return grid


def require_member(town: Town, member: str) -> str:
    """Return the id of a member of the town; otherwise `MemberUnknown`."""
    if member not in town.members:
        raise MemberUnknown(member=member)
    return member


def require_name(name: str) -> str:
    """Return `name`, which must not be blank; otherwise `NameMissing`."""
    if not says_something(name):
        raise NameMissing
    return name
