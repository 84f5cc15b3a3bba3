"""Set channels: by which the notifications of anybody in an administrator's scope are sent."""

from commands.assignment import DepartmentUnknown
from commands.command import Decision
from commands.context import Context
from commands.recipients.command import ChannelsCommand, set_channels
from commands.towns.command import MemberUnknown
from dispatch.domain import codes
from dispatch.domain.refusal import Unacceptable


class InboxUnknown(Unacceptable):
    """An inbox is a member's, an account's, a department's, a town's centre's or a district's."""


class SetChannels(ChannelsCommand, frozen=True, kw_only=True, tag="recipient.set_channels"):
    """Say by which channels an inbox's notifications are sent, and in which hours only what is urgent."""


def decide(command: SetChannels, context: Context) -> Decision:
    """Set them for an inbox that there is, in the actor's scope."""
    kind, _, rest = command.inbox.partition(":")
    place, _, key = rest.partition(":")
    if kind == "account" and not key:
        scope = context.account(rest).scope
    elif kind == "district" and not key:
        scope = codes.require(place, codes.COUNTY)
        context.reach(scope)
    elif kind in {"member", "department", "centre"} and bool(key) == (kind != "centre"):
        scope = codes.require(place, codes.TOWN)
        context.reach(scope)
        town = context.town(scope)
        if kind == "member" and key not in town.members:
            raise MemberUnknown(member=key[:64])
        if kind == "department" and key not in town.departments:
            raise DepartmentUnknown(department=key[:64])
    else:
        raise InboxUnknown(inbox=command.inbox[:80])
    yield from set_channels(command, scope, context)
