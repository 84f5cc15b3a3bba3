"""Erase: destroy the keys that the personal data of items and recipients is sealed with."""

from commands.command import Command, Decision, On
from commands.context import Context
from commands.personal.command import place_of, recipient_in
from commands.recipients.command import own_inboxes
from dispatch.domain.personal import Ground, PersonalErased, stream_of
from dispatch.domain.recipients import ChannelsSet, Recipient
from dispatch.domain.refusal import Unacceptable


class SubjectsUnacceptable(Unacceptable):
    """Name 1 to 100 items or recipients, each once."""


MOST = 100


class ErasePersonal(Command, frozen=True, kw_only=True, tag="personal.erase"):
    """Make the personal data of these subjects unreadable for ever, all of them or none."""

    subjects: tuple[str, ...]
    ground: Ground

    @property
    def item(self) -> str:
        """Whose it is, where it is one's."""
        return self.subjects[0] if len(self.subjects) == 1 else ""

    @property
    def about(self) -> tuple[str, ...]:
        """Whose it is."""
        return self.subjects


def decide(command: ErasePersonal, context: Context) -> Decision:
    """Erase what is within the actor's reach; what was erased before stays as it is.

    The items themselves stay, and go on: only who and where it was is gone. Recipients are reached by no
    channel from then on, and are told so, as when somebody else changes their channels.
    """
    if not 1 <= len(command.subjects) <= MOST or len(set(command.subjects)) != len(command.subjects):
        raise SubjectsUnacceptable
    for subject in command.subjects:
        recipient = recipient_in(subject, context)
        place = place_of(subject, context) if recipient is None else recipient.scope
        personal = context.personal(subject)
        # The item is read too: what is being added to it at this moment is either erased with it or refused.
        if personal is None or personal.erased_at is None:
            if recipient is not None and recipient.channels:
                yield On(subject, _without_channels(recipient, context))
            yield On(
                stream_of(subject),
                PersonalErased(
                    at=context.now, subject=subject, place=place, by=context.person, ground=command.ground
                ),
            )


def _without_channels(recipient: Recipient, context: Context) -> ChannelsSet:
    return ChannelsSet(
        at=context.now,
        inbox=recipient.inbox,
        scope=recipient.scope,
        by=context.person,
        channels=(),
        by_other=recipient.inbox not in own_inboxes(context),
        erased=True,
    )
