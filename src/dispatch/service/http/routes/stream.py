"""The live stream: the log's events as server-sent events, resuming by `Last-Event-ID`."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import monotonic
from typing import Annotated, Final

from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter, Query
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse

from dispatch.domain import codes
from dispatch.domain.accounts import Account, Role
from dispatch.domain.refusal import Refusal
from dispatch.service.http.answers import READS
from dispatch.service.http.reader import LARGEST, AtReader, Reader, position
from dispatch.service.http.routes import API
from dispatch.service.http.strict import StrictRoute
from dispatch.service.inbox_feed import InboxFollower
from dispatch.service.live import Message
from dispatch.service.recipients import home_of
from dispatch.service.rights import HAPPENINGS, Extent
from projections.engine.generations import NotReady
from projections.figures.behind import KEPT
from projections.questions.asked import Reach, When

router = APIRouter(prefix=API, tags=["stream"], responses=READS, route_class=StrictRoute)

HEARTBEAT: Final = 15.0
"""Seconds between signs of life, and between looks at whether the account may still listen."""


def may_see(message: Message, account: Account, grids: frozenset[str]) -> bool:
    """Tell whether an account may see an event, as the table of rights says of its kind.

    A worker sees what happens in his grids and what is addressed to him, wherever that is. The mode of a
    county concerns its towns too.
    """
    extent = HAPPENINGS.get(message.kind, {}).get(account.role)
    if extent is None:
        return False
    if not codes.covers(account.scope, message.scope):
        return message.kind == "mode" and codes.covers(message.scope, account.scope)
    if extent is Extent.ITSELF:
        return message.key == account.account
    if extent is Extent.OWN and message.scope not in grids:
        return account.member is not None and account.member in message.persons
    return True


async def _frames(reader: Reader, position: int) -> AsyncIterator[bytes]:
    with reader.runtime.feed.listening():
        async for frame in _following(reader, position):
            yield frame


async def _gone(
    reader: Reader, messages: Iterable[Message], until: int, grids: frozenset[str]
) -> set[tuple[str, str]]:
    """Return which items of what happened until he listened a worker may see no more, by kind and key."""
    keys: dict[str, set[str]] = {}
    if reader.account.role is Role.WORKER:
        for message in messages:
            if message.kind in KEPT and message.position <= until:
                keys.setdefault(message.kind, set()).add(message.key)
    runtime = reader.runtime
    when, reach = When(now=runtime.clock()), Reach(grids, reader.account.member)
    return {
        (kind, key)
        for kind, ids in keys.items()
        for key in await asyncio.to_thread(runtime.questions.gone, when, kind, ids, reach)
    }


async def _following(reader: Reader, position: int) -> AsyncIterator[bytes]:
    feed, looked = reader.runtime.feed, monotonic()
    began = feed.head
    inbox = InboxFollower(reader.runtime.inbox_feed)
    grids, town = await reader.grids(), await home_of(reader.runtime.handler, reader.account)
    yield b"retry: 2000\nid: %d\n\n" % position
    while not feed.ending:
        try:
            messages = await feed.after(position)
            changed = any(message.kind in ("town", "account") for message in messages)
            if changed or monotonic() - looked >= HEARTBEAT:
                await reader.still_welcome()
                grids, looked = await reader.grids(), monotonic()
                town = await home_of(reader.runtime.handler, reader.account)
            gone = await _gone(reader, messages, began, grids)
        except Refusal:
            return
        except (PersistenceError, SQLAlchemyError, NotReady):
            # The listener stays; until the database is back there is nothing to tell.
            messages, gone = [], set()
        account = reader.account
        for message in messages:
            if message.kind == "inbox" and message.key == account.account:
                inbox.read(message.position)
        if told := await inbox.news(account, town):
            yield told
        if messages:
            # What names him, such as a step of the ladder that reached him, was told to him and stays.
            frames = b"".join(
                message.frame
                for message in messages
                if may_see(message, account, grids)
                and (account.member in message.persons or (message.kind, message.key) not in gone)
            )
            position = messages[-1].position
            # An id without data moves the listener's place on, over what he may not see.
            yield frames + b"id: %d\n\n" % position
            continue
        if not await feed.wait(HEARTBEAT):
            yield b": \n\n"


@router.get(
    "/stream",
    summary="Follow the log live (SSE)",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"example": "id: 4711\nevent: task.closed\ndata: {…}\n\n"}}}
    },
)
async def stream(
    reader: AtReader,
    after: Annotated[int | None, Query(ge=0, le=LARGEST, description="Begin after this position")] = None,
) -> StreamingResponse:
    """Each event in the account's scope, in log order, without personal data; `id` is its log position.

    A listener that was cut off sends the last `id` as `Last-Event-ID` and misses nothing. Between them an
    event `inbox`, which has no `id`, tells of one's own inbox: how much is unread, at first and whenever that
    changes, and the new notifications. What came while one was cut off is in `GET /inbox`.
    """
    last = position(reader.request.headers.get("last-event-id", ""))
    begin = after if last is None else last
    head = reader.runtime.feed.head
    if begin is not None and begin > head and begin > await asyncio.to_thread(reader.runtime.log.head):
        begin = None  # of a log that was restored since, or of another
    start = head if begin is None else begin
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_frames(reader, start), media_type="text/event-stream", headers=headers)
