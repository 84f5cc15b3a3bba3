"""Recurring plans (常态联系走访, 巡逻): started, changed, paused, ended; they issue tasks by themselves."""

from datetime import time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from commands.plans.change import ChangePlan
from commands.plans.end import EndPlan
from commands.plans.pause import PausePlan
from commands.plans.resume import ResumePlan
from commands.plans.start import StartPlan
from dispatch.domain import codes
from dispatch.domain.households import HouseholdClass
from dispatch.domain.plans import PlanStatus, PlanTerms, Route, Targets
from dispatch.domain.refusal import OutOfScope
from dispatch.domain.schedule import MOST_TIMES, Days, Schedule
from dispatch.domain.towns import Post
from dispatch.service.http.answers import WRITES, Done, described
from dispatch.service.http.bodies import Why
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import Asking, AskingRoutine, Question
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, GridCode, ItemKey, LimitBody, Moment, Note, Scope, Slug, Title
from projections.plan_listing import Occurrences, PlanItem, Plans
from projections.questions.asked import Page, Reach
from projections.timeline import Timeline

router = APIRouter(prefix=f"{API}/plans", tags=["visits"], responses=WRITES, route_class=JsonRoute)


def _written_out(value: Any) -> Any:
    # pydantic takes 28800 for eight o'clock; nobody who says that means a time of the day.
    if isinstance(value, time | str):
        return value
    msg = "must be a time of the day such as 08:00"
    raise ValueError(msg)


def _of_shanghai(at: time) -> time:
    if at.tzinfo is not None:
        msg = "must be a time of the day in Asia/Shanghai, without a zone"
        raise ValueError(msg)
    return at


Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]
MonthDay = Annotated[int, Field(strict=True, ge=-31, le=31)]
DayTime = Annotated[time, BeforeValidator(_written_out), AfterValidator(_of_shanghai)]


class ScheduleBody(Body):
    """On each day that all of this holds for, at each of `times`; what is left out holds for every day."""

    times: Annotated[
        tuple[DayTime, ...],
        Field(min_length=1, max_length=MOST_TIMES, description="In Asia/Shanghai", examples=[["08:00"]]),
    ]
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7, description="1 is Monday")] = ()
    days: Annotated[
        tuple[MonthDay, ...], Field(max_length=62, description="Of the month; -1 is its last")
    ] = ()
    months: Annotated[tuple[Month, ...], Field(max_length=12)] = ()
    on: Annotated[Days, Field(description="Every day, or only working days or days off")] = Days.EVERY

    def value(self) -> Schedule:
        """Return the domain's schedule; refused if it is not usable."""
        return Schedule(**self.fields())


class RouteBody(Body):
    """A route of a patrol, in one grid."""

    grid: GridCode
    name: Annotated[Title, Field(examples=["沿河步道"])]


class TargetsBody(Body):
    """Households of these classes, or routes, or grids; without `grids`, all open ones in its scope."""

    grids: Annotated[tuple[GridCode, ...], Field(max_length=500)] = ()
    classes: Annotated[tuple[HouseholdClass, ...], Field(max_length=3)] = ()
    households_in_task: Annotated[int, Field(strict=True, ge=1, le=200)] = 50
    routes: Annotated[tuple[RouteBody, ...], Field(max_length=500)] = ()

    def value(self) -> Targets:
        """Return the domain's targets."""
        return Targets(
            grids=self.grids,
            classes=tuple(sorted(set(self.classes))),
            households_in_task=self.households_in_task,
            routes=tuple(Route(route.grid, route.name) for route in self.routes),
        )


class Terms(Body):
    """What a plan says."""

    scope: Annotated[Scope, Field(description="A town, village or grid")]
    title: Annotated[Title, Field(examples=["高风险住户每周走访"])]
    category: Annotated[Slug, Field(examples=["visit"])]
    schedule: ScheduleBody
    targets: TargetsBody = Field(default_factory=TargetsBody)
    instructions: Note = ""
    limit: LimitBody | None = None
    assign_to: Annotated[
        Post | None, Field(description="The post whose holder in the grid gets the task at once")
    ] = None
    starts: Moment | None = None
    ends: Annotated[Moment | None, Field(description="It does not come round after this time")] = None
    pauses_in_emergency: bool = True

    def terms(self) -> PlanTerms:
        """Return the domain's terms; refused where the schedule is not usable."""
        fields: dict[str, Any] = self.fields()
        return PlanTerms(**fields | {"schedule": self.schedule.value(), "targets": self.targets.value()})


class PlanQuery(BaseModel):
    """Which plans, in which order."""

    model_config = ConfigDict(extra="ignore")

    scope: Scope | None = Field(None, description="A code prefix within the account's scope")
    status: PlanStatus | None = Field(None, description="Running, paused or ended")
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=400, description="`next` of the page before")
    sort: str = Field("next", max_length=20, description="next, started, title, scope; a minus downwards")


def _seen(question: Question) -> Any:
    def seen(plan: PlanItem, _reach: Reach | None) -> None:
        if not codes.covers(question.reader.account.scope, plan.scope):
            raise OutOfScope(place=plan.scope)

    return seen


@router.post("", status_code=201, response_model=Done, summary="Start a recurring plan")
async def start(body: Terms, desk: AtDesk) -> Response:
    """It issues tasks by itself, once at each of its times. One that never comes round is refused."""
    return await desk.carry_out(StartPlan(terms=body.terms()), status=201)


@router.get("", summary="A list of recurring plans", responses=described(Plans))
async def plans(question: AskingRoutine, query: Annotated[PlanQuery, Query()]) -> Response:
    """In scope, the next to come round first; not for grid workers."""
    reader = question.reader
    page = Page(query.limit, query.cursor)
    ask = reader.runtime.questions.plans
    return await question.answer(ask, reader.within(query.scope), query.status, sort=query.sort, page=page)


@router.get("/{id}", summary="One recurring plan", responses=described(PlanItem))
async def plan(id: ItemKey, question: AskingRoutine) -> Response:  # noqa: A002 - the path says {id}
    """What it says, when it comes round next, and how often it did."""
    ask = question.reader.runtime.questions.plan
    return await question.answer(ask, id, seen=_seen(question))


@router.get("/{id}/occurrences", summary="The times that it came round", responses=described(Occurrences))
async def occurrences(
    id: ItemKey,  # noqa: A002 - the path says {id}
    question: AskingRoutine,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """The newest first, each with the tasks that it issued or why it issued none."""
    await plan(id, question)
    ask = question.reader.runtime.questions.occurrences
    return await question.answer(ask, id, page=Page(limit, cursor))


@router.get("/{id}/timeline", summary="What happened to a plan", responses=described(Timeline))
async def timeline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Event by event, from the log."""
    await plan(id, question)
    return await question.answer(question.reader.runtime.questions.timeline, f"plan:{id}")


@router.put("/{id}", response_model=Done, summary="Change a recurring plan")
async def change(id: ItemKey, body: Terms, desk: AtDesk) -> Response:  # noqa: A002 - the path says {id}
    """Its whole terms; tasks that it has issued stay as they are."""
    return await desk.carry_out(ChangePlan(plan=id, terms=body.terms()))


steps = Steps(router, "plan")
steps.add("pause", PausePlan, Why, "Pause a plan", "It does not come round until it is resumed.")
steps.add("resume", ResumePlan, None, "Resume a plan", "From its next time on; the pause is not made up for.")
steps.add("end", EndPlan, Why, "End a plan", "For good; the tasks that it has issued go on.")
