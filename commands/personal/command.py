"""The subjects of personal data: items whose reporters, holders or residents have a say in what is kept."""

from commands.context import Context
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.streams import kind_of


class SubjectUnacceptable(Unacceptable):
    """Personal data is kept of a case or a household: case:ID or household:ID."""


def place_of(subject: str, context: Context) -> str:
    """Return where a subject lies, which must be within the actor's reach."""
    key = subject.partition(":")[2]
    match kind_of(subject):
        case "case":
            return context.case(key).grid
        case "household":
            return context.household(key).grid
        case _:
            raise SubjectUnacceptable(subject=subject[:80])
