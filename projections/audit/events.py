"""The log for auditors: each event with who did it, in which role, from where and for which request."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from dispatch.domain import codes
from dispatch.domain.event import Recorded
from dispatch.eventlog.log import EventLog, Stored

WITHHELD: Final = frozenset({"type", "at", "digest"})
"""Fields that say nothing new, and the digests of tokens, which leave the log for nobody."""
SCANNED: Final = 2_000
"""Events read at a time."""
FURTHEST: Final = 100_000
"""Events looked through for one page, so that a filter that nothing fits ends nevertheless."""


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """An event and how it came to be; `data` is without personal fields, whose names `withheld` gives.

    `at` is when it happened, `recorded_at` when the log took it. `scope` is the place that it concerns.
    """

    position: int
    stream: str
    version: int
    name: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    scope: str
    command_id: str
    correlation_id: str
    causation_id: str | None
    source: str
    device_at: datetime | None
    address: str | None
    request_id: str | None
    session: str | None
    data: dict[str, Any]
    withheld: list[str]


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a scope, one stream, item, account or name; None is all of them."""

    scope: str = ""
    stream: str | None = None
    item: str | None = None
    actor: str | None = None
    name: str | None = None

    def may_fit(self, stored: Stored) -> bool:
        """Tell from the columns alone whether an event can be meant; its metadata decides the rest."""
        return (
            (self.stream is None or stored.stream == self.stream)
            and (self.item is None or stored.stream.partition(":")[2] == self.item)
            and (self.name is None or stored.name == self.name)
        )

    def fits(self, event: Audited) -> bool:
        """Tell whether an event lies in the scope and was done by the account."""
        return codes.covers(self.scope, event.scope) and self.actor in {None, event.actor}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events; `next` is the position to go on after, None when the last one was looked at."""

    events: list[Audited]
    next: int | None
    position: int


def audited(recorded: Recorded) -> Audited:
    """Return an event as an auditor reads it."""
    event, metadata = recorded.event, recorded.metadata
    assert metadata is not None
    fields = msgspec.to_builtins(event)
    hidden = WITHHELD | set(event.personal)
    return Audited(
        position=recorded.position,
        stream=recorded.originator_id,
        version=recorded.originator_version,
        name=fields["type"],
        at=event.at,
        recorded_at=recorded.recorded_at,
        actor=metadata.actor,
        role=metadata.role,
        scope=metadata.scope,
        command_id=metadata.command_id,
        correlation_id=metadata.correlation_id,
        causation_id=metadata.causation_id,
        source=metadata.source,
        device_at=metadata.device_at,
        address=metadata.address,
        request_id=metadata.request_id,
        session=metadata.session,
        data={name: value for name, value in fields.items() if name not in hidden},
        withheld=sorted(name for name in event.personal if fields.get(name) not in (None, "")),
    )


def find(
    event_log: EventLog,
    decode_whole: Callable[[Stored], Recorded],
    sought: Sought,
    *,
    after: int,
    until: int,
    limit: int,
) -> Found:
    """Return up to `limit` events with positions above `after` and up to `until`, in log order."""
    found: list[Audited] = []
    last = until if sought.stream is not None else min(until, after + FURTHEST)
    for stored in _candidates(event_log, sought.stream, after, last):
        if not sought.may_fit(stored):
            continue
        event = audited(decode_whole(stored))
        if sought.fits(event):
            found.append(event)
            if len(found) == limit:
                last = stored.position
                break
    return Found(events=found, next=last if last < until else None, position=until)


def _candidates(event_log: EventLog, stream: str | None, after: int, until: int) -> Iterator[Stored]:
    if stream is not None:
        yield from (one for one in event_log.read_stream(stream) if after < one.position <= until)
        return
    while after < until and (stored := event_log.read(after=after, until=until, limit=SCANNED)):
        yield from stored
        after = stored[-1].position
