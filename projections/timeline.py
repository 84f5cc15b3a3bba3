"""The timeline of one item, straight from the log: what happened, when, who did it and what changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from dispatch.domain import codes
from dispatch.domain.event import Event, Recorded, name_of
from dispatch.eventlog.log import EventLog, Stored
from projections.audit.people import DEPARTMENT, GRID, MEMBER, People, named
from projections.audit.said import CHOSEN
from projections.questions.words import WORDS

HIDDEN: Final = frozenset({"type", "at", "by", "digest"})
"""Fields that say nothing new, and the digests of tokens, which leave the log for nobody."""

NAMING: Final = MEMBER | DEPARTMENT | GRID
"""The events of a town that say what somebody or something is called."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event: `at` is when it happened, `recorded_at` when the log took it (later for what came late).

    `by` is the person or account that acted, `actor` the account that sent it and `person` what that
    account is called; `zh` and `en` say what changed; `changed` holds the event's fields without personal
    data.
    """

    position: int
    version: int
    name: str
    at: datetime
    recorded_at: datetime
    device_at: datetime | None
    actor: str
    person: str
    role: str
    by: str | None
    source: str
    zh: str
    en: str
    changed: dict[str, Any]


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the members, departments and grids are called that entries name, by their ids and codes.

    Those who have left since are among them.
    """

    members: dict[str, str]
    departments: dict[str, str]
    grids: dict[str, str]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The events of one stream in the order of the log."""

    stream: str
    entries: list[Entry]
    names: Names
    as_of: datetime
    position: int


def timeline(
    event_log: EventLog,
    decode_whole: Callable[[Stored], Recorded],
    stream: str,
    *,
    as_of: datetime,
    position: int,
) -> Timeline | None:
    """Return what had happened to a stream by `as_of`, as far as `position` knew; None if it is unknown."""
    found = [decode_whole(stored) for stored in event_log.read_stream(stream) if stored.position <= position]
    happened = [recorded for recorded in found if recorded.event.at <= as_of]
    accounts = {recorded.metadata.actor for recorded in happened if recorded.metadata is not None}
    people = People(event_log, decode_whole)
    names = {account: people.name(account, position=position, as_of=as_of) for account in accounts}
    entries = [_entry(recorded, names) for recorded in happened]
    if not entries:
        return None
    places = {str(entry.changed["grid"]) for entry in entries if "grid" in entry.changed}
    towns = sorted({f"town:{codes.town_of(place)}" for place in places})
    known = [one for town in towns for one in event_log.read_stream(town) if one.position <= position]
    registered = (decode_whole(stored).event for stored in known if stored.name in NAMING)
    return Timeline(
        stream=stream,
        entries=entries,
        names=_named(registered, set(_mentioned(entries)), as_of),
        as_of=as_of,
        position=position,
    )


def _mentioned(entries: Iterable[Entry]) -> Iterator[str]:
    """Give all texts of entries that may be an id or a code."""
    for entry in entries:
        for value in (entry.by, *entry.changed.values()):
            yield from (
                one
                for one in (value if isinstance(value, (list, tuple)) else (value,))
                if isinstance(one, str)
            )


def _named(registered: Iterable[Event], mentioned: set[str], as_of: datetime) -> Names:
    """Return the names that what is mentioned had at `as_of`; the first one of what was named only later."""
    names = Names(members={}, departments={}, grids={})
    kinds = ((MEMBER, names.members), (DEPARTMENT, names.departments), (GRID, names.grids))
    for event in registered:
        of = next(of for kind, of in kinds if name_of(event) in kind)
        key, name = named(event)
        if key in mentioned and (event.at <= as_of or key not in of):
            of[key] = name
    return names


def _entry(recorded: Recorded, names: Mapping[str, str]) -> Entry:
    event, metadata = recorded.event, recorded.metadata
    assert metadata is not None
    fields = msgspec.to_builtins(event)
    name = fields["type"]
    changed = {
        key: value
        for key, value in fields.items()
        if key not in HIDDEN and key not in event.personal and value not in (None, "", [])
    }
    zh, en = WORDS.get(name, (name, name))
    found = next(((key, changed[key]) for key in ("reason", "note", "title") if changed.get(key)), None)
    said = CHOSEN.get(found, (found[1], found[1])) if found else None
    return Entry(
        position=recorded.position,
        version=recorded.originator_version,
        name=name,
        at=event.at,
        recorded_at=recorded.recorded_at,
        device_at=metadata.device_at,
        actor=metadata.actor,
        person=names[metadata.actor],
        role=metadata.role,
        by=fields.get("by"),
        source=metadata.source,
        zh=f"{zh}：{said[0]}" if said else zh,
        en=f"{en}: {said[1]}" if said else en,
        changed=changed,
    )
