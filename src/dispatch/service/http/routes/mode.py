"""The mode (平急): which one holds where, and the switch between routine and emergency."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from commands.modes.enter import MOST_CATEGORIES, EnterEmergency
from commands.modes.leave import LeaveEmergency
from dispatch.domain.categories import CATEGORY
from dispatch.domain.modes import Grade
from dispatch.service.http.answers import WRITES, Done, described
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import Asking
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body, Reason, Scope
from projections.mode_listing import PlaceModes

router = APIRouter(prefix=f"{API}/mode", tags=["mode"], responses=WRITES, route_class=JsonRoute)

Categories = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=rf"^({CATEGORY}|\*)$")], ...],
    Field(max_length=MOST_CATEGORIES, examples=[["visit"]]),
]
Place = Annotated[Scope, Field(description="A county (6 digits), town (9), village (12) or grid (15)")]


Further = Annotated[
    tuple[Place, ...],
    Field(max_length=500, description="Further scopes of the same county: all of them or none"),
]


class Entering(Body):
    """Where emergency mode begins, how grave it is, and why."""

    scope: Place
    further: Further = ()
    grade: Annotated[Grade, Field(description="From Ⅳ (blue) to Ⅰ (red)", examples=["II"])]
    reason: Annotated[Reason, Field(examples=["暴雨橙色预警"])]
    pauses: Annotated[
        Categories, Field(description="Plans of these categories issue nothing meanwhile; * is every one")
    ] = ()
    recalculates: Annotated[
        Categories,
        Field(description="Open items of these categories get new deadlines; * is every one"),
    ] = ()


class Leaving(Body):
    """Where emergency mode ends, and why."""

    scope: Annotated[Place, Field(description="The one that it was entered for")]
    further: Further = ()
    reason: Annotated[Reason, Field(examples=["预警解除"])]


@router.get("", summary="Routine or emergency mode (平急)", responses=described(PlaceModes))
async def modes(
    question: Asking,
    scope: Annotated[
        Scope | None, Query(description="A code prefix within the account's scope, which is the default")
    ] = None,
) -> Response:
    """Of the scope itself first, then each emergency that lasts in a part of it."""
    reader = question.reader
    return await question.answer(reader.runtime.questions.modes, reader.within(scope))


@router.post("/enter", response_model=Done, summary="Enter emergency mode (转急)")
async def enter(body: Entering, desk: AtDesk) -> Response:
    """What begins in the scope from now on gets emergency limits, by the clock, day and night.

    What is open keeps its deadlines, unless its category is listed: then each item gets new ones at once, in
    an event of its own. Refused while an emergency lasts there, around it or within it.

    Of several scopes each gets an emergency of its own, which can be left alone; all are entered, or none.
    """
    return await desk.carry_out(EnterEmergency(**body.fields()))


@router.post("/leave", response_model=Done, summary="Leave emergency mode (转平)")
async def leave(body: Leaving, desk: AtDesk) -> Response:
    """What begins from now on has routine limits again; nothing that the emergency has made is rewritten."""
    return await desk.carry_out(LeaveEmergency(**body.fields()))
