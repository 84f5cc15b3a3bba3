"""Passwords come into force under the id of what is kept of them, which is elsewhere and can be erased."""

import re
from typing import Final

from dispatch.domain.refusal import Unacceptable

ID: Final = re.compile(r"[0-9a-f]{16,64}")


class CredentialMalformed(Unacceptable):
    """What signs in is known by an id of 16 to 64 hex digits."""


def require_id(key: str) -> str:
    """Return the id of a password, a session or a second factor; otherwise `CredentialMalformed`."""
    if ID.fullmatch(key) is None:
        raise CredentialMalformed
    return key
