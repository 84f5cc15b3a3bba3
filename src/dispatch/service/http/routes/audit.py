"""The log for auditors, event by event, and every read model as it stood at any position of it."""

import asyncio
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from dispatch.domain import codes
from dispatch.domain.accounts import Role
from dispatch.domain.publications import FiguresPublished
from dispatch.domain.refusal import OutOfScope, Unacceptable, Unknown
from dispatch.eventlog.log import Stored, micros
from dispatch.eventlog.mapper import decode_whole
from dispatch.eventlog.registry import domain_events
from dispatch.eventlog.upcasters import UPCASTERS
from dispatch.service.http import compression
from dispatch.service.http.answers import READS, described
from dispatch.service.http.cloud_events import MEDIA_TYPE, cloud_event
from dispatch.service.http.reader import LARGEST, At, AtReader, Day, Reader, encoder
from dispatch.service.http.routes import API
from dispatch.service.http.strict import StrictRoute
from dispatch.service.http.text import AccountKey, Scope
from projections.audit.events import Audited, Issuers, Sought, audited, find, may_leave
from projections.audit.people import People
from projections.audit.replay import Difference, Effects, Stood, difference, effects, stood
from projections.audit.restating import Restatement, restate
from projections.audit.trail import told
from projections.publications import Publishers, row_of

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=READS, route_class=StrictRoute)

NDJSON = "application/x-ndjson"
Text = Annotated[str, Query(min_length=1, max_length=400)]
Line = Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[\x21-\x7e]+$")]
Position = Annotated[int, Query(ge=0, le=LARGEST)]
PathPosition = Annotated[int, Path(ge=1, le=LARGEST)]
NEIGHBOURS: Final = 500
"""Positions on either side in which the events of the same command are looked for: a campaign fits in."""


class NotInLogYet(Unacceptable):
    """The log does not hold that position or time yet."""


class EventNameUnknown(Unacceptable):
    """No event has that name: such as `task.issued`, or `task.` for every one that begins so."""


class RangeReversed(Unacceptable):
    """A difference leads from a position to a later one."""


class PublicationUnknown(Unknown):
    """Nothing was published under this id."""


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What an event's leaf covers beside its state; times are µs since 1970, UTC."""

    position: int
    version: int
    at: int
    recorded_at: int
    stream: str
    name: str


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its sentence, and the columns and bytes (base64) that its leaf covers.

    `shared` are the positions of the other events that the same command recorded.
    """

    event: Audited
    zh: str
    en: str
    person: str
    columns: Columns
    state: str | None
    shared: list[int]


def _stored_at(reader: Reader, position: int) -> Audited:
    """Return an event of the account's scope; `NotInLogYet`, `OutOfScope`."""
    for stored in reader.runtime.log.read(after=position - 1, until=position):
        event = audited(decode_whole(stored), Issuers(reader.runtime.log, decode_whole))
        if not codes.covers(reader.account.scope, event.scope):
            raise OutOfScope(place=event.scope)
        return event
    raise NotInLogYet(position=position, head=reader.runtime.log.head())


def _command_of(stored: Stored) -> str | None:
    metadata = decode_whole(stored).metadata
    return metadata.command_id if metadata else None


def _whole(reader: Reader, position: int) -> Whole:
    log, found = reader.runtime.log, _stored_at(reader, position)
    people = People(log, decode_whole)
    name, step = people.name(found.actor, position=position), told(found, people)
    around = log.read(after=max(position - NEIGHBOURS, 0), until=position + NEIGHBOURS)
    [stored] = [one for one in around if one.position == position]
    return Whole(
        event=found,
        zh=step.zh,
        en=step.en,
        person=name,
        columns=Columns(
            position=stored.position,
            version=stored.version,
            at=stored.at,
            recorded_at=stored.recorded_at,
            stream=stored.stream,
            name=stored.name,
        ),
        state=b64encode(stored.state).decode() if may_leave(decode_whole(stored)) else None,
        shared=[
            one.position
            for one in around
            if one.recorded_at == stored.recorded_at
            and one.position != position
            and _command_of(one) == found.command_id
        ],
    )


def _held(reader: Reader, at: int | datetime | None) -> int:
    """Return the last position of a moment: a position itself, or what was recorded by a time."""
    log = reader.runtime.log
    head = log.head()
    if at is None:
        return head
    if isinstance(at, datetime):
        if at > reader.runtime.clock():
            raise NotInLogYet(time=at.isoformat())
        return log.position_at(micros(at))
    if not 0 <= at <= head:
        raise NotInLogYet(position=at, head=head)
    return at


def _require_name(name: str) -> None:
    """Refuse with `EventNameUnknown` what no event has for a name: its absence would say nothing."""
    known = domain_events().keys() | UPCASTERS.keys()
    if name not in known and not (name.endswith(".") and any(one.startswith(name) for one in known)):
        raise EventNameUnknown


def _range(
    reader: Reader, after: int, through: int | None, since: datetime | None, before: datetime | None
) -> tuple[int, int]:
    """Return the range of positions that all limits leave; a time is the one of recording."""
    log, last = reader.runtime.log, _held(reader, None)
    if through is not None:
        last = min(last, through)
    if before is not None:
        last = min(last, log.position_at(micros(before) - 1))
    return after if since is None else max(after, log.position_at(micros(since) - 1)), last


@router.get(
    "/events",
    summary="The log, event by event",
    response_class=Response,
    responses={
        200: {
            "description": "One JSON object on each line",
            "content": {
                NDJSON: {
                    "schema": {"type": "string"},
                    "example": '{"position": 4711, "name": "task.issued", "actor": "…"}\n',
                }
            },
        }
    },
)
async def events(  # noqa: PLR0917 - FastAPI passes them by name
    reader: AtReader,
    after: Annotated[Position, Query(description="Begin after this position")] = 0,
    through: Annotated[Position | None, Query(description="End with this position")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="Recorded at this time or later")] = None,
    until: Annotated[Day | None, Query(description="Recorded before this time")] = None,
    stream: Annotated[Line | None, Query(description="Of one stream, such as `task:0198…`")] = None,
    item: Annotated[
        Line | None,
        Query(
            description="Of the item with this id, who looked at its personal data, who tried something with "
            "it in vain under an `Idempotency-Key`, and whose requests for it were refused"
        ),
    ] = None,
    actor: Annotated[AccountKey | None, Query(description="Done by this account, or refused to it")] = None,
    role: Annotated[Role | None, Query(description="Done in this role")] = None,
    name: Annotated[
        Line | None,
        Query(description="Of this name, such as `task.issued`; `task.` is every name that begins so"),
    ] = None,
    source: Annotated[Line | None, Query(description="By this way, such as `http` or `timer`")] = None,
    session: Annotated[
        Line | None,
        Query(description="In this session, with its sign-in, its end and what was refused in it"),
    ] = None,
    token: Annotated[
        Line | None,
        Query(description="With the bearer token of this id, with its issue, its end and what was refused"),
    ] = None,
    address: Annotated[Line | None, Query(description="Sent from this address, or refused there")] = None,
    request: Annotated[Line | None, Query(description="For the request with this `X-Request-Id`")] = None,
    command: Annotated[Text | None, Query(description="By the command with this id")] = None,
    correlation: Annotated[Text | None, Query(description="With this correlation id")] = None,
    scope: Annotated[Scope | None, Query(description="A code prefix within the account's scope")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 1_000,
    order: Annotated[
        Literal["oldest", "newest"], Query(description="Which come first; the oldest by default")
    ] = "oldest",
    form: Annotated[
        Literal["plain", "cloudevents"] | None, Query(description="Or say so in `Accept`")
    ] = None,
) -> Response:
    """Who did what, in which role, from where and when, in log order, without personal data.

    A page is NDJSON, so that pages put together are NDJSON again. While there is more, `Dispatch-Next` says
    after which position to go on (`?after=`), also where no event of the page fitted; without it the end was
    reached. Where the newest come first it says through which position to go on (`?through=`).
    With `Accept: application/cloudevents+json` or `form=cloudevents` each line is a CloudEvent 1.0.
    """
    if name is not None:
        _require_name(name)
    sought = Sought(
        scope=reader.within(scope),
        stream=stream,
        item=item,
        name=name,
        actor=actor,
        role=role,
        source=source,
        session=session,
        token=token,
        address=address,
        request_id=request,
        command_id=command,
        correlation_id=correlation,
    )
    log = reader.runtime.log
    begin, end = await asyncio.to_thread(_range, reader, after, through, from_, until)
    newest = order == "newest"
    found = await asyncio.to_thread(
        find, log, decode_whole, sought, after=begin, until=end, limit=limit, newest=newest
    )
    lines: list[Any] = list(found.events)
    if form == "cloudevents" or (form is None and MEDIA_TYPE in reader.request.headers.get("accept", "")):
        lines = [cloud_event(event, reader.runtime.settings.log_origin) for event in found.events]
    headers = {"Dispatch-Position": str(found.position), "Cache-Control": "no-store"}
    if found.next is not None:
        headers["Dispatch-Next"] = str(found.next)
    content = b"".join(encoder.encode(line) + b"\n" for line in lines)
    return await compression.found(reader.request, content, headers, NDJSON)


@router.get(
    "/events/{position}", summary="One event, with the bytes that are proved", responses=described(Whole)
)
async def event(reader: AtReader, position: PathPosition) -> Response:
    """The event in words, and what its leaf in the tree covers, so that you can hash it yourself.

    `state` is missing where it holds personal data in clear, or the digest of a token or a session; its
    leaf's hash is in the proof.
    """
    found = await asyncio.to_thread(_whole, reader, position)
    return Response(msgspec.json.encode(found), 200, media_type="application/json")


@router.get(
    "/events/{position}/effects",
    summary="What an event changed",
    responses=described(Effects),
)
async def event_effects(reader: AtReader, position: PathPosition) -> Response:
    """Each row of the read models before and after it, as the folds make them."""

    def answer() -> Effects:
        _stored_at(reader, position)
        return effects(reader.runtime.moments, position, reader.within(None))

    async with reader.runtime.past.take(reader.account.account):
        found = await asyncio.to_thread(answer)
    return await compression.found(reader.request, msgspec.json.encode(found), {}, "application/json")


@router.get(
    "/restate",
    summary="What was published beside what is known now",
    responses=described(Restatement),
)
async def restated(
    reader: AtReader,
    publication: Annotated[str, Query(pattern=r"^[0-9a-f]{32}$", description="Which publication")],
    as_of: Annotated[
        Day | None,
        Query(description="What had happened by then; by default the time that it was published as of"),
    ] = None,
) -> Response:
    """The same figures asked for once more, and for each that is another now the events that explain it."""
    runtime = reader.runtime

    def answer() -> Restatement:
        for stored in runtime.log.read_stream(f"publication:{publication}"):
            recorded = decode_whole(stored)
            assert isinstance(recorded.event, FiguresPublished)
            row = row_of(recorded.event, recorded)
            reader.within(row.scope)
            now, publishers = runtime.clock(), Publishers(runtime.log, decode_whole)
            one = publishers.told(row, as_of=now, position=runtime.log.head())
            return restate(runtime.log, runtime.questions, decode_whole, one, now=now, as_of=as_of)
        raise PublicationUnknown(publication=publication)

    async with reader.runtime.past.take(reader.account.account):
        found = await asyncio.to_thread(answer)
    headers = {"Dispatch-Position": str(found.known_at)}
    return await compression.found(reader.request, msgspec.json.encode(found), headers, "application/json")


@router.get(
    "/replay",
    summary="A read model as it stood",
    responses=described(Stood | Difference),
)
async def replay(  # noqa: PLR0917 - FastAPI passes them by name
    reader: AtReader,
    table: Annotated[str, Query(max_length=60, description="Which read model", examples=["tasks"])],
    until: Annotated[At | None, Query(description="At this log position or time; now by default")] = None,
    from_: Annotated[
        At | None,
        Query(alias="from", description="Instead, what changed after this position or time"),
    ] = None,
    scope: Annotated[Scope | None, Query(description="A code prefix within the account's scope")] = None,
    key: Annotated[
        str, Query(max_length=120, description="Only rows whose key begins so, such as an item's id")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The log folded anew up to there: the very rows that the service answered from at that moment."""
    within, moments = reader.within(scope), reader.runtime.moments

    def answer() -> Stood | Difference:
        end = _held(reader, until)
        if from_ is None:
            return stood(moments, table, end, within, limit=limit, cursor=cursor, key=key)
        begin = _held(reader, from_)
        if begin > end:
            raise RangeReversed(start=begin, until=end)
        return difference(moments, table, begin, end, within, limit=limit, cursor=cursor, key=key)

    async with reader.runtime.past.take(reader.account.account):
        found = await asyncio.to_thread(answer)
    headers = {"Dispatch-Position": str(found.position)}
    return await compression.found(reader.request, msgspec.json.encode(found), headers, "application/json")
