"""An event, and what the log knows about how it came to be."""

from datetime import datetime
from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Something that happened; a record that never changes.

    `at` is when it happened, aware and in UTC. A subclass names itself for ever by its tag,
    `class TaskSubmitted(Event, frozen=True, kw_only=True, tag="task.submitted")`.
    """

    at: datetime

    personal: ClassVar[tuple[str, ...]] = ()
    """The fields that hold personal data, so that they can be encrypted and erased."""

    said: ClassVar[tuple[str, ...]] = ("reason", "note", "title")
    """The fields that hold what people write, where an event has them: whoever writes may name somebody."""

    telephones: ClassVar[tuple[str, ...]] = ()
    """Those of the personal texts, such as `reporter.telephone`, by which the item is to be found again."""


def name_of(event: Event | type[Event]) -> str:
    """Return the permanent name of an event or an event's class, such as `task.submitted`."""
    tag = event.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who caused an event, in which role, from where and for which request.

    `session` or `token` is the id of what proved who it is: a session of a page, else a bearer token.
    `scope` is the code of the place that the event concerns (a grid, else a town, else ""):
    rights and the live stream are cut by it without looking anything up. `photos` are those digests that the
    request named as evidence of which its sender had sent the photo: all others are of papers.
    `answered` stands with a command's first event, and is of the answer kept for a repeat (`answered_as`).
    """

    actor: str
    role: str
    scope: str
    command_id: str
    correlation_id: str
    causation_id: str | None = None
    source: str = "http"
    device_at: datetime | None = None
    address: str | None = None
    request_id: str | None = None
    session: str | None = None
    token: str | None = None
    photos: tuple[str, ...] = ()
    answered: str | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event as the log holds it.

    `originator_id` is its stream (`task:0198…`), `originator_version` its place in the stream
    (1, 2, …), `position` its place in the whole log (1, 2, … without a gap) and `recorded_at`
    when the log took it (UTC, never before that of the position before).
    """

    originator_id: str
    originator_version: int
    position: int
    recorded_at: datetime
    event: Event
    metadata: Metadata | None = None
