"""Rename a member: the same person, whose name was mistyped or has changed."""

from commands.command import Decision
from commands.context import Context
from commands.towns.command import TownCommand, present, require_member, require_name
from dispatch.domain.towns import MemberRenamed


class RenameMember(TownCommand, frozen=True, kw_only=True, tag="town.rename_member"):
    """Give a member another name; whoever is another person joins under another id."""

    member: str
    name: str


def decide(command: RenameMember, context: Context) -> Decision:
    """Rename the member; the name that he has already is a no-op."""
    town = present(command, context)
    member = require_member(town, command.member)
    name = require_name(command.name)
    if name != town.members[member]:
        yield MemberRenamed(at=context.now, member=member, name=name)
