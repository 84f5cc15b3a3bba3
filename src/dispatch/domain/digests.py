"""Digests: a day of the log on one page, told to the auditors, so that it is known outside the log too."""

from datetime import date

import msgspec

from dispatch.domain.event import Event


class DigestIssued(Event, frozen=True, kw_only=True, tag="digest.issued"):
    """What was recorded on a day of Asia/Shanghai, at the positions from `first` to `last`.

    `events` counts them by name, `actors` the accounts that they came from. `sha256` and `sm3` (hex) are the
    tree's roots over the first `last` events; `checkpoint` is the first signed note that covers the day, None
    while none could be signed.
    """

    day: date
    first: int
    last: int
    events: dict[str, int]
    actors: int
    sha256: str
    sm3: str
    checkpoint: str | None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """A day's digest; it never changes."""

    day: date

    @property
    def place(self) -> str:
        """The whole log: it tells nothing of any place."""
        return ""

    @property
    def status(self) -> str:
        """A digest has no lifecycle."""
        return "issued"


def evolve(_digest: Digest | None, event: DigestIssued) -> Digest:
    """Return the digest after `event`."""
    return Digest(day=event.day)
