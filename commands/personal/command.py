"""The subjects of personal data: items whose reporters, holders or residents have a say in what is kept.

So do those whom notifications reach; what is kept of them they see themselves, and nobody else is shown it.
"""

from commands.context import Context
from dispatch.domain.recipients import Recipient
from dispatch.domain.refusal import Unacceptable, Unknown
from dispatch.domain.streams import kind_of


class SubjectUnacceptable(Unacceptable):
    """Personal data is shown of case:ID or household:ID; that of recipient:INBOX is only erased."""


class RecipientUnknown(Unknown):
    """Nobody has said by which channels that inbox's notifications are sent."""


def recipient_in(subject: str, context: Context) -> Recipient | None:
    """Return the recipient that a subject is, which must be within the actor's reach; None for an item."""
    kind, _, inbox = subject.partition(":")
    if kind != "recipient":
        return None
    recipient = context.recipient(inbox)
    if recipient is None:
        raise RecipientUnknown(inbox=inbox[:80])
    context.reach(recipient.scope)
    return recipient


def place_of(subject: str, context: Context) -> str:
    """Return where an item lies, which must be within the actor's reach."""
    key = subject.partition(":")[2]
    match kind_of(subject):
        case "case":
            return context.case(key).grid
        case "household":
            return context.household(key).grid
        case _:
            raise SubjectUnacceptable(subject=subject[:80])
