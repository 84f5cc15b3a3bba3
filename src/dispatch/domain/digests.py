"""Digests: a day of the log on one page, told to the auditors, so that it is known outside the log too."""

from base64 import b64encode
from datetime import date

import msgspec

from dispatch.domain.event import Event


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded on a day of Asia/Shanghai, at the positions from `first` to `last`, if any.

    `events` counts them by name, `actors` the accounts that they came from. `sha256` and `sm3` (hex) are the
    tree's roots over the first `last` events. `checkpoint` is the note of the first checkpoint that covers
    the day, None while there is none: whoever has this page holds the log to both for ever.
    """

    day: date
    first: int
    last: int
    events: dict[str, int]
    actors: int
    sha256: str
    sm3: str
    checkpoint: str | None

    @property
    def place(self) -> str:
        """The whole log: it tells nothing of any place."""
        return ""

    @property
    def status(self) -> str:
        """A digest has no lifecycle."""
        return "issued"


def in_base64(root: str) -> str:
    """Return a root as checkpoints say it, so that the two are compared by eye; digests hold it in hex."""
    return b64encode(bytes.fromhex(root)).decode()


class DigestIssued(Event, frozen=True, kw_only=True, tag="digest.issued"):
    """The auditors were told a day's digest; the fields are those of `Digest`."""

    day: date
    first: int
    last: int
    events: dict[str, int]
    actors: int
    sha256: str
    sm3: str
    checkpoint: str | None


def evolve(_digest: Digest | None, event: DigestIssued) -> Digest:
    """Return the digest after `event`; it never changes."""
    return Digest(**{name: getattr(event, name) for name in Digest.__struct_fields__})
