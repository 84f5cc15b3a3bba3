"""What happened to a subject's personal data: who was shown it, and that it was erased.

It stands in a stream of its own, `personal:<subject>`, so that having looked doesn't change the item. Who
searched, or changed the key-encryption key, stands in `personal:account:<account>`; that what signs in was
bound under it, in that of the service. No event here says anything personal itself.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event

STREAM = "personal:"
SUBJECTS = ("case:", "household:", "recipient:")
"""How the streams begin whose personal data can be erased."""


class Purpose(StrEnum):
    """What personal data is shown for."""

    HANDLING = "handling"
    CONTACT = "contact"
    FOLLOW_UP = "follow_up"
    REQUEST = "request"
    """The person asked what is kept of him."""


class Ground(StrEnum):
    """Why personal data is erased. Source: PIPL, article 47."""

    REQUEST = "request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PURPOSE_FULFILLED = "purpose_fulfilled"
    RETENTION_ENDED = "retention_ended"
    UNLAWFUL = "unlawful"


class PersonalDisclosed(Event, frozen=True, kw_only=True, tag="personal.disclosed"):
    """`by` was shown the personal data of `subject`, which lies at `place`."""

    subject: str
    place: str
    by: str
    purpose: Purpose


class PersonalErased(Event, frozen=True, kw_only=True, tag="personal.erased"):
    """The personal data of `subject` can't be read any more by anybody, and none is added."""

    subject: str
    place: str
    by: str
    ground: Ground


class PersonalSearched(Event, frozen=True, kw_only=True, tag="personal.searched"):
    """`by` looked for the items of a telephone number, which isn't said here, and was told which: `found`."""

    place: str
    by: str
    purpose: Purpose
    found: tuple[str, ...]


class PersonalRewrapped(Event, frozen=True, kw_only=True, tag="personal.rewrapped"):
    """Another key-encryption key holds from here on: so many `keys` of subjects were put under it.

    `former` and `present` are the ids of the two in hexadecimal digits, by which what is kept says under
    which it lies. Items are found by `digests` of telephone numbers; `factors` are secrets of second factors,
    `passwords` and `recovery_codes` those that are bound to their accounts.
    """

    place: str
    by: str
    former: str
    present: str
    keys: int
    digests: int
    factors: int
    passwords: int = 0
    recovery_codes: int = 0


class PersonalBound(Event, frozen=True, kw_only=True, tag="personal.bound"):
    """What signs in is bound to its account, under the key-encryption key: none that isn't counts any more.

    So many were kept without it until now, and were bound as they were found: once, and never again.
    """

    place: str
    passwords: int
    factors: int
    recovery_codes: int


PersonalEvent = PersonalDisclosed | PersonalErased | PersonalSearched | PersonalRewrapped | PersonalBound


class PersonalStatus(StrEnum):
    """Whether there is anything to be shown."""

    KEPT = "kept"
    ERASED = "erased"


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened to a subject's personal data so far."""

    place: str
    disclosures: int = 0
    erased_at: datetime | None = None
    bound: bool = False

    @property
    def status(self) -> PersonalStatus:
        """Whether there is anything to be shown."""
        return PersonalStatus.KEPT if self.erased_at is None else PersonalStatus.ERASED


def stream_of(subject: str) -> str:
    """Return the stream that holds what happened to a subject's personal data."""
    return f"{STREAM}{subject}"


def evolve(personal: Personal | None, event: PersonalEvent) -> Personal:
    """Return what has happened after `event`."""
    before = personal or Personal(place=event.place)
    match event:
        case PersonalDisclosed():
            return replace(before, place=event.place, disclosures=before.disclosures + 1)
        case PersonalErased():
            return replace(before, place=event.place, erased_at=event.at)
        case PersonalSearched() | PersonalRewrapped():
            return replace(before, place=event.place)
        case PersonalBound():
            return replace(before, place=event.place, bound=True)
