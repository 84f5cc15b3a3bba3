"""Set own channels: by which a person's own notifications are sent to him."""

from commands.command import Decision
from commands.context import Context
from commands.recipients.command import ChannelsCommand, own_inboxes, set_channels
from dispatch.domain.inboxes import place_of
from dispatch.domain.refusal import NotAllowed


class NotOwnChannels(NotAllowed):
    """Everybody sets his own channels; an administrator sets those of others."""


class SetOwnChannels(ChannelsCommand, frozen=True, kw_only=True, tag="recipient.set_own_channels"):
    """Say by which channels one's own notifications are sent."""


def decide(command: SetOwnChannels, context: Context) -> Decision:
    """Set them for the actor's member or account."""
    if command.inbox not in own_inboxes(context):
        raise NotOwnChannels
    yield from set_channels(command, place_of(command.inbox) or context.actor.scope, context)
