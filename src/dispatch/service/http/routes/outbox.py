"""Channels by which notifications leave the service, and what could not be delivered by them."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from commands.recipients.command import ADDRESS, ChannelPlan
from commands.recipients.set_channels import SetChannels
from commands.recipients.set_own_channels import SetOwnChannels
from dispatch.domain import codes
from dispatch.domain.accounts import Account
from dispatch.domain.inboxes import of_account, of_person, place_of
from dispatch.domain.personal import Personal, stream_of
from dispatch.domain.recipients import Quiet
from dispatch.domain.refusal import OutOfScope
from dispatch.service.http.answers import READS, WRITES, ChannelsOfInbox, Deliveries, Done
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import AtReader, Reader, encoder
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body
from dispatch.service.outbox.store import Delivery
from dispatch.service.outbox.tables import State
from dispatch.service.recipients import home_of, recipient_of
from dispatch.service.runtime import Runtime

router = APIRouter(prefix=API, tags=["inbox"], responses=READS, route_class=JsonRoute)

InboxKey = Annotated[
    str, Path(pattern=r"^[a-z]{1,20}:[0-9a-z][0-9a-z:_-]{0,80}$", description="The inbox's address")
]
DeliveryKey = Annotated[
    str,
    Path(
        pattern=r"^[1-9][0-9]{0,17}-[0-9]{1,4}~[a-z0-9][a-z0-9-]{0,39}$",
        description="The delivery's id: the notification's and the channel's",
    ),
]
DayTime = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]


def _one_word(address: str) -> str:
    if ADDRESS.fullmatch(address) is None:
        msg = "must be one word of up to 200 characters"
        raise ValueError(msg)
    return address


class ChannelBody(Body):
    """A channel of the installation, and where it reaches the recipient."""

    channel: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$", examples=["mail"])]
    address: Annotated[
        str, AfterValidator(_one_word), Field(max_length=200, examples=["wang@town.example"])
    ] = ""


class QuietBody(Body):
    """Hours in Shanghai in which only what is urgent is sent."""

    start: DayTime
    until: Annotated[DayTime, Field(examples=["07:00"])]


class Reached(Body):
    """By which channels; none sends nothing."""

    channels: Annotated[tuple[ChannelBody, ...], Field(max_length=10)]
    quiet: QuietBody | None = None

    def fields(self) -> dict[str, Any]:
        """Return the values as the commands take them."""
        plans = tuple(ChannelPlan(channel=one.channel, address=one.address) for one in self.channels)
        quiet = self.quiet
        return {"channels": plans, "quiet": quiet and Quiet(quiet.start, quiet.until)}


async def _checked(body: Reached, runtime: Runtime) -> dict[str, Any]:
    """Return the values as the commands take them; `AddressUnsuitable` for what a channel can't send to."""
    for one in body.channels:
        # The library takes its time when it is loaded.
        await asyncio.to_thread(runtime.outbox.channels.check, one.channel, one.address)
    return body.fields()


async def own_inbox(runtime: Runtime, account: Account) -> str:
    """Return the inbox whose channels an account sets as its own: the member's, else the account's."""
    person = of_person(account, await home_of(runtime.handler, account))
    return of_account(account.account) if person is None else person


def _masked(address: str) -> str:
    shown = len(address) >= 8  # noqa: PLR2004 - of what is shorter, a few characters would be most
    return f"{address[:3]}***{address[-2:]}" if shown else "***" if address else ""


async def _channels(reader: Reader, inbox: str, *, masked: bool) -> Response:
    recipient = await recipient_of(reader.runtime.handler, inbox)
    personal = await reader.runtime.handler.state(stream_of(f"recipient:{inbox}"))
    pairs = [(one, recipient.address(one) or "") for one in recipient.channels] if recipient else []
    there = reader.runtime.outbox.channels
    body = {
        "inbox": inbox,
        "channels": [
            {"channel": channel, "address": _masked(address) if masked else address}
            for channel, address in pairs
        ],
        "quiet": recipient.quiet if recipient else None,
        "erased": isinstance(personal, Personal) and personal.erased_at is not None,
        "configured": there.names,
        "addressed": there.addressed,
    }
    return Response(encoder.encode(body), 200, {"Cache-Control": "no-store"}, "application/json")


@router.get("/inbox/channels", response_model=ChannelsOfInbox, summary="By which channels I am reached")
async def own_channels(reader: AtReader) -> Response:
    """With the names of those that this installation has."""
    return await _channels(reader, await own_inbox(reader.runtime, reader.account), masked=False)


@router.put(
    "/inbox/channels", response_model=Done, summary="Say by which channels I am reached", responses=WRITES
)
async def set_own_channels(body: Reached, desk: AtDesk) -> Response:
    """Notifications from now on go there; the addresses are personal data and shown to nobody else."""
    inbox = await own_inbox(desk.runtime, desk.account)
    return await desk.carry_out(SetOwnChannels(inbox=inbox, **await _checked(body, desk.runtime)))


@router.get(
    "/channels/{inbox}", response_model=ChannelsOfInbox, summary="By which channels somebody is reached"
)
async def channels(inbox: InboxKey, reader: AtReader) -> Response:
    """For administrators; the addresses are masked."""
    scope = reader.account.scope
    place = place_of(inbox)
    if place is None:
        account = await reader.runtime.handler.state(inbox)
        place = account.scope if isinstance(account, Account) else ""
    if not codes.covers(scope, place):
        raise OutOfScope(inbox=inbox)
    return await _channels(reader, inbox, masked=True)


@router.put(
    "/channels/{inbox}",
    response_model=Done,
    summary="Say by which channels somebody is reached",
    responses=WRITES,
)
async def set_channels(inbox: InboxKey, body: Reached, desk: AtDesk) -> Response:
    """`member:TOWN:ID`, `account:ID`, `department:TOWN:ID`, `centre:TOWN` or `district:COUNTY`."""
    return await desk.carry_out(SetChannels(inbox=inbox, **await _checked(body, desk.runtime)))


@router.get("/outbox", response_model=Deliveries, summary="What is on its way, or could not be delivered")
async def outbox(
    reader: AtReader, state: Annotated[State, Query(description="Which deliveries")] = State.DEAD
) -> Response:
    """For administrators: what concerns their places, without texts and addresses; the oldest first."""
    scope = reader.account.scope
    found = await asyncio.to_thread(reader.runtime.outbox.store.deliveries, state, scope)
    body = {"items": [_shown(delivery) for delivery in found]}
    return Response(encoder.encode(body), 200, {}, "application/json")


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {
        name: getattr(delivery, name)
        for name in Delivery.__struct_fields__
        if name not in {"zh", "en", "due_at", "ended_at"}
    }


async def _decided(decide: Callable[..., None], delivery: str, reader: Reader) -> Response:
    """Have the store decide on a dead delivery in the account's scope, and answer with what is dead then."""
    account, now = reader.account, reader.runtime.outbox.now()
    await asyncio.to_thread(decide, delivery, now, by=account.account, scope=account.scope)
    return await outbox(reader)


@router.post(
    "/outbox/{delivery}/retry",
    response_model=Deliveries,
    responses=WRITES,
    summary="Try a dead delivery again",
)
async def retry(delivery: DeliveryKey, reader: AtReader) -> Response:
    """From its first attempt. Answers with what is dead then."""
    return await _decided(reader.runtime.outbox.store.retry, delivery, reader)


@router.post(
    "/outbox/{delivery}/discard",
    response_model=Deliveries,
    responses=WRITES,
    summary="Give a dead delivery up",
)
async def discard(delivery: DeliveryKey, reader: AtReader) -> Response:
    """What it was to say is forgotten. Answers with what is dead then."""
    return await _decided(reader.runtime.outbox.store.discard, delivery, reader)
