"""Reasons: what has to be said when something is turned down, taken back or put off."""

from dispatch.domain.refusal import Unacceptable


class ReasonMissing(Unacceptable):
    """This needs a reason that the others can act on."""


def require_reason(reason: str) -> str:
    """Return `reason`, which must say something; otherwise `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing
    return reason
