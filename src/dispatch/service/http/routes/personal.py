"""Personal data: what is kept, shown to who needs it, found by telephone, and erased; each time on record."""

import asyncio
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from commands.context import CaseUnknown, HouseholdUnknown
from commands.personal.disclose import DisclosePersonal
from commands.personal.erase import ErasePersonal
from commands.personal.search import SearchPersonal
from dispatch.domain import codes
from dispatch.domain.cases import Case
from dispatch.domain.households import Household
from dispatch.domain.personal import Ground, Purpose
from dispatch.service.http.answers import READS, WRITES, Done, described
from dispatch.service.http.desk import AtDesk, Desk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import After, AtReader, Reader
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body
from dispatch.service.personal import PersonalData, personal_data

router = APIRouter(prefix=f"{API}/personal", tags=["personal data"], route_class=JsonRoute)

SUBJECT: Final = r"^(case|household):[0-9a-f]{32}$"
INBOX: Final = r"^recipient:[a-z]{1,20}:[0-9a-z][0-9a-z:_-]{0,80}$"
MOST: Final = 100
encoder: Final = msgspec.json.Encoder(order="deterministic")

Subject = Annotated[
    str,
    StringConstraints(pattern=SUBJECT),
    Field(description="case:ID or household:ID", examples=["case:0185c2f0a7b07e3c9d1f2a4b6c8e0d12"]),
]
Erasable = Annotated[
    str,
    StringConstraints(pattern=f"{SUBJECT}|{INBOX}"),
    Field(
        description="case:ID or household:ID; recipient:INBOX is where somebody's notifications go",
        examples=["case:0185c2f0a7b07e3c9d1f2a4b6c8e0d12"],
    ),
]
Telephone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[0-9０-９+＋()（）. -]{5,30}$"),
    Field(examples=["138 0000 1234"]),
]


class Disclose(Body):
    """Whose personal data is to be shown, and what for."""

    subject: Subject
    purpose: Purpose


class Search(Body):
    """Which number, and what for."""

    telephone: Telephone
    purpose: Purpose


class Erase(Body):
    """Whose personal data is to be erased, and on what ground."""

    subjects: Annotated[tuple[Erasable, ...], Field(min_length=1, max_length=MOST)]
    ground: Ground


class FoundCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a number stands in."""

    subject: str
    title: str
    status: str
    grid: str


class FoundByTelephone(msgspec.Struct, frozen=True, kw_only=True):
    """The cases within the account's scope that a number stands in, up to 100."""

    items: list[FoundCase]


async def _about(body: Disclose, request: Request) -> None:
    """Keep in mind whose data is asked for: if it is refused, whatever for, that is on record."""
    request.state.about = (body.subject,)


async def _item(reader: Reader, subject: str) -> Case | Household:
    """Return the item that a subject is, which must be within the reader's reach."""
    item: Any = await reader.runtime.handler.state(subject)
    if isinstance(item, Case | Household):
        reader.may_see(item, await reader.reach())
        return item
    kind, _, key = subject.partition(":")
    raise CaseUnknown(case=key) if kind == "case" else HouseholdUnknown(household=key)


async def _recorded(reader: Reader, command: DisclosePersonal | SearchPersonal) -> dict[str, str]:
    """Record what is about to be shown; never under a key, since a repeat shows it once more."""
    desk = Desk(reader.request, reader.runtime, reader.entered)
    outcome = await desk.outcome(command, keyed=False)
    return {"Dispatch-Position": str(outcome.position)}


@router.get(
    "/{subject}",
    summary="What is kept of an item's people",
    responses={**READS, **described(PersonalData)},
)
async def kept(
    subject: Annotated[str, Path(pattern=SUBJECT, description="case:ID or household:ID")],
    reader: AtReader,
    after: After = None,
) -> Response:
    """Which personal texts, without what they say; whether they were erased, and how often shown."""
    await reader.caught_up(after)
    await _item(reader, subject)
    runtime = reader.runtime
    found = await personal_data(runtime.log, runtime.handler, subject, shown=False)
    return Response(encoder.encode(found), 200, None, "application/json")


@router.post(
    "/disclose",
    summary="Show an item's personal data",
    dependencies=[Depends(_about)],
    responses={**WRITES, **described(PersonalData)},
)
async def disclose(body: Disclose, reader: AtReader) -> Response:
    """To who works on it; who looked, when and what for is recorded each time, also under the same key."""
    await _item(reader, body.subject)
    headers = await _recorded(reader, DisclosePersonal(subject=body.subject, purpose=body.purpose))
    runtime = reader.runtime
    found = await personal_data(runtime.log, runtime.handler, body.subject, shown=True)
    return Response(encoder.encode(found), 200, headers, "application/json")


@router.post(
    "/search",
    summary="Find the cases of a telephone number",
    responses={**WRITES, **described(FoundByTelephone)},
)
async def search(body: Search, reader: AtReader) -> Response:
    """Within the account's scope. That it was searched is recorded each time; the number is kept nowhere."""
    runtime = reader.runtime
    subjects = await asyncio.to_thread(runtime.handler.found_by_telephone, body.telephone)
    items: list[FoundCase] = []
    for subject in subjects:
        case = await runtime.handler.state(subject)
        if len(items) < MOST and isinstance(case, Case) and codes.covers(reader.account.scope, case.grid):
            found = FoundCase(subject=subject, title=case.title, status=case.status, grid=case.grid)
            items.append(found)
    found_ids = tuple(one.subject for one in items)
    headers = await _recorded(reader, SearchPersonal(found=found_ids, purpose=body.purpose))
    return Response(encoder.encode(FoundByTelephone(items=items)), 200, headers, "application/json")


@router.post("/erase", response_model=Done, summary="Erase items' personal data", responses=WRITES)
async def erase(body: Erase, desk: AtDesk) -> Response:
    """All of them or none, for ever: their keys are destroyed. The items stay, and go on.

    Whose addresses are erased (`recipient:account:ID`, `recipient:member:TOWN:ID`) is reached by no channel
    any more, and is told so in his inbox; nor can an address be set for him again.
    """
    return await desk.carry_out(ErasePersonal(subjects=body.subjects, ground=body.ground))
