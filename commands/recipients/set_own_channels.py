"""Set own channels: by which a person's own notifications are sent to him."""

from commands.command import Decision
from commands.context import Context
from commands.recipients.command import ChannelsCommand, set_channels
from dispatch.domain import codes
from dispatch.domain.inboxes import of_account, of_person, place_of
from dispatch.domain.refusal import NotAllowed


class NotOwnChannels(NotAllowed):
    """Everybody sets his own channels; an administrator sets those of others."""


class SetOwnChannels(ChannelsCommand, frozen=True, kw_only=True, tag="recipient.set_own_channels"):
    """Say by which channels one's own notifications are sent."""


def decide(command: SetOwnChannels, context: Context) -> Decision:
    """Set them for the actor's member or account."""
    actor = context.actor
    town = None if actor.member is None else context.find_town(codes.town_of(actor.scope))
    if command.inbox not in {of_account(actor.account), of_person(actor, town)}:
        raise NotOwnChannels
    yield from set_channels(command, place_of(command.inbox) or actor.scope, context)
