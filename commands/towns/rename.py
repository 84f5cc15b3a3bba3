"""Rename a town: its name from now on."""

from commands.command import Decision
from commands.context import Context
from commands.towns.command import TownCommand, present, require_name
from dispatch.domain.towns import TownRenamed


class RenameTown(TownCommand, frozen=True, kw_only=True, tag="town.rename"):
    """Give the town another name."""

    name: str


def decide(command: RenameTown, context: Context) -> Decision:
    """Rename it; the name that it has already is a no-op."""
    town = present(command, context)
    name = require_name(command.name)
    if name != town.name:
        yield TownRenamed(at=context.now, name=name)
