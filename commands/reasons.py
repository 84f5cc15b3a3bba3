"""Reasons: what has to be said when something is turned down, taken back or put off."""

from commands.context import Context
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something


class ReasonMissing(Unacceptable):
    """This needs a reason that the others can act on."""


class NoteMissing(Unacceptable):
    """Say what was done."""


def require_note(note: str, stream: str, context: Context) -> str:
    """Return what somebody says of his work; nothing is said where the personal data was erased.

    Otherwise `NoteMissing` if there is nothing. The work on such an item ends without words.
    """
    if not says_something(note) and not context.erased(stream):
        raise NoteMissing
    return note


def require_reason(reason: str) -> str:
    """Return `reason`, which must say something; otherwise `ReasonMissing`."""
    if not says_something(reason):
        raise ReasonMissing
    return reason
