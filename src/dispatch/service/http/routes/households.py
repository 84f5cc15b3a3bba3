"""Households (走访对象): put on record, changed, and listed without anything personal."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from commands.households.change import ChangeHousehold
from commands.households.leave import LeaveHousehold
from commands.households.record import NewHousehold, RecordHouseholds
from dispatch.domain.households import HouseholdClass, HouseholdStatus
from dispatch.service.http.answers import WRITES, Done, described
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import Asking, Day
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, GridCode, Id, ItemKey, Reason, Scope, Title
from projections.household_listing import HouseholdFilter, HouseholdItem, Households
from projections.questions.asked import Page
from projections.timeline import Timeline

router = APIRouter(prefix=f"{API}/households", tags=["visits"], responses=WRITES, route_class=JsonRoute)


class NewBody(Body):
    """A household to put on record; name and address are kept as personal data."""

    grid: GridCode
    household_class: HouseholdClass
    name: Annotated[Title, Field(examples=["张三户"])]
    address: Annotated[Title, Field(examples=["白鹤村一组12号"])]


class RecordBody(Body):
    """Households to record, all or nothing."""

    households: Annotated[list[NewBody], Field(min_length=1, max_length=500)]


class ChangeBody(Body):
    """What is true of the household from now on; what is left out stays."""

    grid: GridCode | None = None
    household_class: HouseholdClass | None = None
    name: Title | None = None
    address: Title | None = None


class HouseholdQuery(BaseModel):
    """Which households, in which order."""

    model_config = ConfigDict(extra="ignore")

    scope: Scope | None = Field(None, description="A code prefix within the account's scope")
    household_class: list[HouseholdClass] = Field([], description="Of one of these classes")
    status: HouseholdStatus | None = Field(None, description="On record, or left")
    visited_before: Day | None = Field(None, description="Last visited before this time, or never")
    overdue: bool | None = Field(None, description="Whether a whole period went by without its visit")
    number: int | None = Field(None, ge=1, le=10_000_000, description="Of that number, one in each grid")
    task: Id | None = Field(None, description="Those that a task names")
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=400, description="`next` of the page before")
    sort: str = Field("grid", max_length=20, description="grid, class, recorded, visited, due; - downwards")


@router.post("", status_code=201, response_model=Done, summary="Put households on record")
async def record(body: RecordBody, desk: AtDesk) -> Response:
    """All of them or none. How often each is to be visited is what the town's policy says of its class."""
    households = tuple(NewHousehold(**one.fields()) for one in body.households)
    return await desk.carry_out(RecordHouseholds(households=households), status=201)


@router.get("", summary="A list of households", responses=described(Households))
async def households(question: Asking, query: Annotated[HouseholdQuery, Query()]) -> Response:
    """In scope, or for a grid worker in his grids; without names and addresses."""
    reader = question.reader
    chosen = HouseholdFilter(
        household_class=tuple(query.household_class),
        status=query.status,
        visited_before=query.visited_before,
        overdue=query.overdue,
        number=query.number,
        task=query.task,
        reach=await reader.reach(),
    )
    page = Page(query.limit, query.cursor)
    ask = reader.runtime.questions.households
    return await question.answer(ask, reader.within(query.scope), chosen, sort=query.sort, page=page)


@router.get("/{id}", summary="One household", responses=described(HouseholdItem))
async def household(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Its class, its grid and its last visit; nothing personal."""
    return await question.answer(
        question.reader.runtime.questions.household, id, seen=question.reader.may_see
    )


@router.get("/{id}/timeline", summary="What happened to a household", responses=described(Timeline))
async def timeline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Event by event, from the log: its visits above all; personal data is left out."""
    await household(id, question)
    return await question.answer(question.reader.runtime.questions.timeline, f"household:{id}")


@router.patch("/{id}", response_model=Done, summary="Change a household")
async def change(id: ItemKey, body: ChangeBody, desk: AtDesk) -> Response:  # noqa: A002 - the path says {id}
    """Its class, its grid within the town, its name or address, from now on."""
    return await desk.carry_out(ChangeHousehold(household=id, **body.fields()))


class Left(Body):
    """Why; only of a household whose personal data was erased nothing is said."""

    reason: Annotated[Reason | None, Field(examples=["迁往县城"])] = None


Steps(router, "household").add(
    "leave", LeaveHousehold, Left, "A household leaves", "It is no longer visited; its past stays as it was."
)
