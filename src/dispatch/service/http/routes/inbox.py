"""The inbox: what a person is told, and what of it he has read."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from commands.inboxes.read import ReadInbox
from dispatch.domain import codes
from dispatch.domain.accounts import Account
from dispatch.domain.inboxes import SHARED, kind_of, own, place_of
from dispatch.domain.refusal import OutOfScope
from dispatch.domain.towns import Town
from dispatch.service.http.answers import READS, WRITES, Done, described
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import Asking, PositionNotInLog
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body
from dispatch.service.recipients import home_of
from dispatch.service.rights import SHARED_INBOXES
from projections.inbox.listing import Notices
from projections.questions.asked import Page

router = APIRouter(prefix=f"{API}/inbox", tags=["inbox"], responses=READS, route_class=JsonRoute)

Shared = Annotated[
    str,
    Field(
        pattern=r"^((centre|department):[0-9]{9}(:[a-z0-9][a-z0-9-]{0,63})?|district:[0-9]{6})$",
        examples=["department:500115101:emergency"],
    ),
]
"""The address of an inbox that several people read."""
NoticeId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}-[0-9]{1,4}$", examples=["4711-0"])]


class InboxQuery(BaseModel):
    """Which notifications."""

    model_config = ConfigDict(extra="ignore")

    unread: bool | None = Field(None, description="Only what the reader has not read, or only what he has")
    address: Shared | None = Field(
        None, description="An inbox that several people read, instead of one's own: for the centre's people"
    )
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=400, description="`next` of the page before")


class Seen(Body):
    """What has been read: everything up to a log position, or some notifications, or both."""

    through: Annotated[int, Field(strict=True, ge=0, le=2**62, examples=[4711])] | None = None
    ids: Annotated[tuple[NoticeId, ...], Field(max_length=500)] = ()


def inboxes(account: Account, town: Town | None, address: str | None) -> tuple[str, ...]:
    """Return the inboxes that are asked for: one's own, or a shared one; `OutOfScope` if it isn't his."""
    mine = own(account, town)
    if address is None or address in mine:
        return mine if address is None else (address,)
    assert kind_of(address) in SHARED
    if account.role not in SHARED_INBOXES or not codes.covers(account.scope, place_of(address) or ""):
        raise OutOfScope(address=address)
    return (address,)


@router.get("", summary="What I am told", responses=described(Notices))
async def inbox(question: Asking, query: Annotated[InboxQuery, Query()]) -> Response:
    """The newest first. `unread` counts all that I have not read.

    A member's own, if he has no post outside the account's scope, and his account's; for an operator the
    centre's too, for a county's people the district's.
    """
    account = question.reader.account
    town = await home_of(question.reader.runtime.handler, account)
    owners = inboxes(account, town, query.address)
    page = Page(query.limit, query.cursor)
    ask = question.reader.runtime.questions.inbox
    return await question.answer(ask, account.account, owners, unread_only=query.unread, page=page)


@router.post("/read", response_model=Done, summary="Say what I have read", responses=WRITES)
async def read(body: Seen, desk: AtDesk) -> Response:
    """`through` is a log position: that of the newest notification shown, say. Read again, it is a no-op."""
    if body.through is not None and body.through > await asyncio.to_thread(desk.runtime.log.head):
        raise PositionNotInLog(after=body.through)
    return await desk.carry_out(ReadInbox(account=desk.account.account, **body.fields()))
