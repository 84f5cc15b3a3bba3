"""The log for auditors, event by event, and every read model as it stood at any position of it."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from starlette.responses import Response

from dispatch.domain.refusal import Unacceptable
from dispatch.eventlog.log import micros
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.http.answers import READS, described
from dispatch.service.http.cloud_events import MEDIA_TYPE, cloud_event
from dispatch.service.http.reader import LARGEST, AtReader, Day, Reader, encoder, position_or_moment
from dispatch.service.http.routes import API
from dispatch.service.http.text import AccountKey, Scope
from projections.audit.events import Sought, find
from projections.audit.replay import Difference, Stood, difference, stood

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=READS)

NDJSON = "application/x-ndjson"
Line = Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[\x21-\x7e]+$")]
At = Annotated[int | Day, BeforeValidator(position_or_moment)]
Position = Annotated[int, Query(ge=0, le=LARGEST)]


class NotInLogYet(Unacceptable):
    """The log does not hold that position or time yet."""


class RangeReversed(Unacceptable):
    """A difference leads from a position to a later one."""


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
    item: Annotated[Line | None, Query(description="Of the item with this id, whatever its kind")] = None,
    actor: Annotated[AccountKey | None, Query(description="Done by this account")] = None,
    name: Annotated[Line | None, Query(description="Of this name, such as `task.issued`")] = None,
    scope: Annotated[Scope | None, Query(description="A code prefix within the account's scope")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 1_000,
    form: Annotated[
        Literal["plain", "cloudevents"] | None, Query(description="Or say so in `Accept`")
    ] = None,
) -> Response:
    """Who did what, in which role, from where and when, in log order, without personal data.

    A page is NDJSON, so that pages put together are NDJSON again. While there is more, `Dispatch-Next` says
    after which position to go on (`?after=`), also where no event of the page fitted; without it the end was
    reached.
    With `Accept: application/cloudevents+json` or `form=cloudevents` each line is a CloudEvent 1.0.
    """
    sought = Sought(scope=reader.within(scope), stream=stream, item=item, actor=actor, name=name)
    log = reader.runtime.log
    begin, end = await asyncio.to_thread(_range, reader, after, through, from_, until)
    found = await asyncio.to_thread(find, log, decode_whole, sought, after=begin, until=end, limit=limit)
    lines: list[Any] = list(found.events)
    if form == "cloudevents" or (form is None and MEDIA_TYPE in reader.request.headers.get("accept", "")):
        lines = [cloud_event(event, reader.runtime.settings.log_origin) for event in found.events]
    headers = {"Dispatch-Position": str(found.position), "Cache-Control": "no-store"}
    if found.next is not None:
        headers["Dispatch-Next"] = str(found.next)
    content = b"".join(encoder.encode(line) + b"\n" for line in lines)
    return Response(content, 200, headers, NDJSON)


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
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The log folded anew up to there: the very rows that the service answered from at that moment."""
    within, moments = reader.within(scope), reader.runtime.moments

    def answer() -> Stood | Difference:
        end = _held(reader, until)
        if from_ is None:
            return stood(moments, table, end, within, limit=limit, cursor=cursor)
        begin = _held(reader, from_)
        if begin > end:
            raise RangeReversed(start=begin, until=end)
        return difference(moments, table, begin, end, within, limit=limit, cursor=cursor)

    found = await asyncio.to_thread(answer)
    headers = {"Dispatch-Position": str(found.position)}
    return Response(msgspec.json.encode(found), 200, headers, "application/json")
