"""The log for auditors: each event with who did it, in which role, from where and for which request."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from dispatch.domain import codes
from dispatch.domain.accounts import SignedIn, SignedOut, TokenIssued, TokenRevoked
from dispatch.domain.event import Event, Recorded, name_of
from dispatch.domain.personal import STREAM as PERSONAL
from dispatch.domain.refusals import RequestsRefused
from dispatch.domain.unchanged import CommandHadNoEffect, CommandRefused
from dispatch.eventlog.log import EventLog, Stored
from dispatch.eventlog.vault.vault import SEALED

WITHHELD: Final = frozenset({"type", "at", "digest"})
"""Fields that say nothing new, and the digests of tokens and sessions.

Nobody is shown these by the service; `dispatch export`, on the server, writes the log as it is, with them.
"""
IN_VAIN: Final = frozenset({name_of(CommandRefused), name_of(CommandHadNoEffect), name_of(RequestsRefused)})
"""What was tried with items in vain; its stream is the command's own, or of what an account was refused."""
ISSUED: Final = name_of(TokenIssued)
SCANNED: Final = 2_000
"""Events read at a time."""
CAUSES: Final = (
    "actor",
    "role",
    "source",
    "session",
    "token",
    "address",
    "request_id",
    "command_id",
    "correlation_id",
)
"""Fields of an event's metadata that events are sought by."""
FURTHEST: Final = 100_000
"""Events looked through for one page, so that a filter that nothing fits ends nevertheless."""


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """An event and how it came to be; `data` is without personal fields, whose names `withheld` gives.

    `at` is when it happened, `recorded_at` when the log took it. `scope` is the place that it concerns.
    `token` is the bearer token that it was sent with, and `token_issuer` the account that had issued that.
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
    token: str | None
    token_issuer: str | None
    data: dict[str, Any]
    withheld: list[str]


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a scope, stream, item, name, and how they came to be; None is all of them.

    `item` is an item's id, with its kind or without; what was shown of its personal data is its, too, and
    so is what was tried with it in vain, or refused for rights.
    To an `actor` belongs what he was refused, which the service itself has noted.
    To a `session` or a `token` its beginning and its end belong, too, which another proof may have made, and
    what was refused to it; to an `address` and a `request_id` what was refused so.
    A `name` that ends with a full stop, such as `task.`, means every event that begins with it.
    """

    scope: str = ""
    stream: str | None = None
    item: str | None = None
    name: str | None = None
    actor: str | None = None
    role: str | None = None
    source: str | None = None
    session: str | None = None
    token: str | None = None
    address: str | None = None
    request_id: str | None = None
    command_id: str | None = None
    correlation_id: str | None = None

    def may_fit(self, stored: Stored) -> bool:
        """Tell from the columns alone whether an event can be meant; its metadata decides the rest."""
        return (
            (self.stream is None or stored.stream == self.stream)
            and (self.item is None or self._concerned_by(stored.stream) or stored.name in IN_VAIN)
            and (self.name is None or stored.name == self.name or self._begins(stored.name))
        )

    def _concerned_by(self, stream: str) -> bool:
        # Who was shown its personal data is part of what happened to an item.
        subject = stream.removeprefix(PERSONAL)
        return self.item in {stream, subject, subject.partition(":")[2]}

    def _begins(self, name: str) -> bool:
        return self.name is not None and self.name.endswith(".") and name.startswith(self.name)

    def fits(self, recorded: Recorded) -> bool:
        """Tell whether an event that may fit lies in the scope and came to be as it is asked for."""
        event, metadata = recorded.event, recorded.metadata
        return (
            metadata is not None
            and codes.covers(self.scope, metadata.scope)
            and all(
                asked is None or asked == getattr(metadata, field) or asked in _meant_by(event, field)
                for field, asked in ((field, getattr(self, field)) for field in CAUSES)
            )
            and (
                self.item is None
                or any(map(self._concerned_by, (recorded.originator_id, *tried_with(event))))
            )
        )


def tried_with(event: Event) -> tuple[str, ...]:
    """Return the streams of the items that something was tried with in vain, as far as they are on record."""
    match event:
        case CommandRefused(item=item) | CommandHadNoEffect(item=item):
            return (item,)
        case RequestsRefused(refused=lines):
            return tuple(item for line in lines for item in line.items)
        case _:
            return ()


def _meant_by(event: Event, field: str) -> tuple[str | None, ...]:
    """Return which actor, sessions, tokens and so on an event is about, whatever it was sent with."""
    match field, event:
        case "actor", RequestsRefused(account=account):
            return (account,)
        case "session", SignedIn(session=session) | SignedOut(session=session):
            return (session,)
        case "token", TokenIssued(token=token) | TokenRevoked(token=token):
            return (token,)
        case "session" | "token", RequestsRefused(refused=lines):
            return tuple(one for line in lines for one in getattr(line, f"{field}s"))
        case "address" | "request_id", RequestsRefused(refused=lines):
            return tuple(getattr(line, field) for line in lines)
        case _:
            return ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events; `next` is where to go on, None when the last one was looked at.

    Where the oldest come first that is the position to go on *after*, else the one to go on *through*.
    """

    events: list[Audited]
    next: int | None
    position: int


class Issuers:
    """Who issued the bearer tokens that events were sent with, looked up once for each."""

    def __init__(self, event_log: EventLog, decode_whole: Callable[[Stored], Recorded]) -> None:
        self._log, self._decode = event_log, decode_whole
        self._known: dict[tuple[str, str], str | None] = {}

    def of(self, account: str, token: str | None) -> str | None:
        """Return the account that issued a token of an account; None without one."""
        if token is None:
            return None
        if (account, token) not in self._known:
            self._known |= {(account, issued): by for issued, by in self._issued(account)}
        return self._known.setdefault((account, token))

    def _issued(self, account: str) -> Iterator[tuple[str, str]]:
        for stored in self._log.read_stream(f"account:{account}"):
            if stored.name == ISSUED:
                recorded = self._decode(stored)
                assert isinstance(recorded.event, TokenIssued)
                assert recorded.metadata is not None
                yield recorded.event.token, recorded.metadata.actor


def audited(recorded: Recorded, issuers: Issuers) -> Audited:
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
        token=metadata.token,
        token_issuer=issuers.of(metadata.actor, metadata.token),
        data={name: value for name, value in fields.items() if name not in hidden},
        withheld=sorted(name for name in event.personal if fields.get(name) not in (None, "")),
    )


def may_leave(recorded: Recorded) -> bool:
    """Tell whether an event may be shown as it is stored: nothing personal in clear, no secret's digest."""
    fields = msgspec.to_builtins(recorded.event)
    return "digest" not in fields and not any(_in_clear(fields.get(name)) for name in recorded.event.personal)


def _in_clear(value: Any) -> bool:
    if isinstance(value, str):
        return value != "" and not value.startswith(SEALED)
    if isinstance(value, dict):
        return any(map(_in_clear, value.values()))
    return isinstance(value, list | tuple) and any(map(_in_clear, value))


def find(
    event_log: EventLog,
    decode_whole: Callable[[Stored], Recorded],
    sought: Sought,
    *,
    after: int,
    until: int,
    limit: int,
    newest: bool = False,
) -> Found:
    """Return up to `limit` events with positions above `after` and up to `until`, in log order.

    With `newest` they come the other way round, from `until` down.
    """
    found: list[Audited] = []
    begin, end = after, until
    if sought.stream is None:
        begin, end = (
            (max(after, until - FURTHEST), until) if newest else (after, min(until, after + FURTHEST))
        )
    looked = begin if newest else end
    issuers = Issuers(event_log, decode_whole)
    for stored in _candidates(event_log, sought.stream, begin, end, newest=newest):
        if not sought.may_fit(stored):
            continue
        recorded = decode_whole(stored)
        if sought.fits(recorded):
            found.append(audited(recorded, issuers))
            if len(found) == limit:
                looked = stored.position - newest
                break
    more = looked > after if newest else looked < until
    return Found(events=found, next=looked if more else None, position=until)


def _candidates(
    event_log: EventLog, stream: str | None, after: int, until: int, *, newest: bool
) -> Iterator[Stored]:
    step = -1 if newest else 1
    if stream is not None:
        yield from (one for one in event_log.read_stream(stream)[::step] if after < one.position <= until)
        return
    # Positions have no gap, so a stretch of them is a page, from either end.
    stretches = range(after, until, SCANNED)[::step]
    for begin in stretches:
        yield from event_log.read(after=begin, until=min(begin + SCANNED, until))[::step]
