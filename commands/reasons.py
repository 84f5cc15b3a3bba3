"""Reasons: what has to be said when something is turned down, taken back or put off."""

from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something


class ReasonMissing(Unacceptable):
    """This needs a reason that the others can act on."""


def require_reason(reason: str) -> str:
    """Return `reason`, which must say something; otherwise `ReasonMissing`."""
    if not says_something(reason):
        raise ReasonMissing
    return reason
