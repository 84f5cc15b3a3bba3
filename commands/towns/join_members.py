"""Join members: people become part of the town's governance staff or auxiliaries, several at once."""

import msgspec

from commands.command import Decision
from commands.context import Context
from commands.towns.command import NameMissing, TownCommand, present, require_name
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.towns import MemberJoined, Town


class MemberAlreadyJoined(NotNow):
    """A person of that id joined already, under another name, or stands twice in the request."""


class MemberIdTaken(NotNow):
    """That id was another person's, who left; his accounts and acts stand under it. Take another id."""


class NoMemberNamed(Unacceptable):
    """At least one person is to join."""


class MemberPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A person to join, under an id of the administrator's choice."""

    member: str
    name: str


class JoinMembers(TownCommand, frozen=True, kw_only=True, tag="town.join_members"):
    """Let people join the town's staff."""

    members: tuple[MemberPlan, ...]


def _joined(plan: MemberPlan, town: Town, context: Context) -> MemberJoined | None:
    name = require_name(plan.name)
    if not plan.member.strip():
        raise NameMissing
    known = town.members.get(plan.member)
    if known is None:
        if town.left.get(plan.member, name) != name:
            raise MemberIdTaken(member=plan.member)
        return MemberJoined(at=context.now, member=plan.member, name=name)
    if known != name:
        raise MemberAlreadyJoined(member=plan.member, name=known)
    return None


def decide(command: JoinMembers, context: Context) -> Decision:
    """Let all of them join or none; who has joined under that name already is passed over.

    Who left may come back under his id and name. Nobody else is given it: an account in its name, and all
    that was assigned to it, would be taken for his.
    """
    town = present(command, context)
    if not command.members:
        raise NoMemberNamed
    if len({plan.member for plan in command.members}) != len(command.members):
        raise MemberAlreadyJoined
    joined = [_joined(plan, town, context) for plan in command.members]
    yield from [event for event in joined if event is not None]
