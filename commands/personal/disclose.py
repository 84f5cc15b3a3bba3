"""Disclose: show the personal data of an item to somebody who needs it."""

from commands.command import Command, Decision, On
from commands.context import Context
from commands.personal.command import place_of
from dispatch.domain.personal import PersonalDisclosed, Purpose, stream_of


class DisclosePersonal(Command, frozen=True, kw_only=True, tag="personal.disclose"):
    """Put on record that the personal data of an item is shown now, and what for."""

    subject: str
    purpose: Purpose

    @property
    def item(self) -> str:
        """Whose it is."""
        return self.subject


def decide(command: DisclosePersonal, context: Context) -> Decision:
    """Show it to who has the item in reach; of what was erased nothing is shown, and nothing recorded."""
    place = place_of(command.subject, context)
    personal = context.personal(command.subject)
    if personal is None or personal.erased_at is None:
        yield On(
            stream_of(command.subject),
            PersonalDisclosed(
                at=context.now,
                subject=command.subject,
                place=place,
                by=context.person,
                purpose=command.purpose,
            ),
        )
