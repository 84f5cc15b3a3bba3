"""Lists of tasks and cases, one item, and what happened to it: of now or of any past moment."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dispatch.domain.cases.kinds import Severity, Source
from dispatch.domain.cases.kinds import Status as CaseStatus
from dispatch.domain.ladder import Level
from dispatch.domain.tasks import Status as TaskStatus
from dispatch.service.http.answers import READS, described
from dispatch.service.http.reader import Asking, Day
from dispatch.service.http.routes import API
from dispatch.service.http.strict import StrictRoute
from dispatch.service.http.text import Id, ItemKey, MemberKey, Note, Scope, Slug
from projections.campaign_progress import Campaign
from projections.cases.listing import CaseFilter, CaseItem, Cases
from projections.deadlines import Explained
from projections.questions.asked import Page
from projections.tasks.listing import TaskFilter, TaskItem, Tasks
from projections.timeline import Timeline

router = APIRouter(prefix=API, responses=READS, route_class=StrictRoute)

Text = Annotated[Note, Field(min_length=1, max_length=100)]


class Listed(BaseModel):
    """What every list takes: a scope, an order and a page."""

    model_config = ConfigDict(extra="ignore")

    scope: Scope | None = Field(None, description="A code prefix within the account's scope")
    exact: bool = Field(
        False, description="What stands under that very code (a town's own, of no grid), not what lies in it"
    )
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=400, description="`next` of the page before")
    open: bool | None = None
    overdue: bool | None = None
    acceptance_overdue: bool | None = None
    escalated: bool | None = Field(None, description="A step of its ladder has fired, and it is still open")
    escalation_level: list[Level] = Field([], description="The highest level that it has reached")
    extension_requested: bool | None = None
    category: Slug | None = None
    assignee: MemberKey | None = Field(None, description="A member's id")
    text: Text | None = Field(None, description="Stands in the title")
    due_from: Day | None = None
    due_before: Day | None = None

    def chosen(self) -> dict[str, Any]:
        """Return what the projections' filter takes."""
        beside = {"scope", "limit", "cursor", "sort"}
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in beside}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


class TaskQuery(Listed):
    """Which tasks, in which order."""

    status: list[TaskStatus] = []
    unassigned: bool | None = None
    campaign: Id | None = None
    plan: Id | None = None
    issued_from: Day | None = None
    issued_before: Day | None = None
    sort: str = Field("-issued", max_length=20, description="issued, due, since …; a minus sorts downwards")


class CaseQuery(Listed):
    """Which cases, in which order."""

    status: list[CaseStatus] = []
    appealed: bool | None = None
    unassigned: bool | None = Field(None, description="With no person and no department")
    permits: bool | None = Field(None, description="Permits to publish only, or without them")
    source: Source | None = None
    severity: list[Severity] = []
    department: MemberKey | None = None
    checker: MemberKey | None = Field(None, description="Who is to check it, or passed it")
    check_passed: bool | None = None
    reference: Text | None = Field(None, description="Its id in the ledger it was imported from")
    number: Text | None = Field(None, description="Its number in the ledger of disputes, or the permit's")
    merged_into: Id | None = None
    reported_from: Day | None = None
    reported_before: Day | None = None
    sort: str = Field(
        "-reported", max_length=20, description="reported, due, since …; a minus sorts downwards"
    )


@router.get("/tasks", tags=["tasks"], summary="A list of tasks", responses=described(Tasks))
async def tasks(question: Asking, query: Annotated[TaskQuery, Query()]) -> Response:
    """In scope, or for a grid worker in his grids and his own; `total` is the whole list's length."""
    reader = question.reader
    chosen = TaskFilter(**query.chosen(), reach=await reader.reach())
    page = Page(query.limit, query.cursor)
    ask = reader.runtime.questions.tasks
    return await question.answer(ask, reader.within(query.scope), chosen, sort=query.sort, page=page)


@router.get("/tasks/{id}", tags=["tasks"], summary="One task", responses=described(TaskItem))
async def task(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """With its light, and how late it is or was."""
    return await question.answer(question.reader.runtime.questions.task, id, seen=question.reader.may_see)


@router.get(
    "/tasks/{id}/timeline", tags=["tasks"], summary="What happened to a task", responses=described(Timeline)
)
async def task_timeline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Event by event, from the log."""
    await task(id, question)
    return await question.answer(question.reader.runtime.questions.timeline, f"task:{id}")


@router.get(
    "/tasks/{id}/deadline",
    tags=["tasks"],
    summary="Its deadline, explained",
    responses=described(Explained),
)
async def task_deadline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Rule, calendar, and the stretches of time that add up to it, with pauses, extensions and steps."""
    await task(id, question)
    return await question.answer(question.reader.runtime.questions.deadline, f"task:{id}")


@router.get("/campaigns/{id}", tags=["tasks"], summary="One campaign", responses=described(Campaign))
async def campaign(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """With its tasks and how far they are."""
    return await question.answer(question.reader.runtime.questions.campaign, id, seen=question.reader.may_see)


@router.get("/cases", tags=["cases"], summary="A list of cases", responses=described(Cases))
async def cases(question: Asking, query: Annotated[CaseQuery, Query()]) -> Response:
    """In scope, or for a grid worker in his grids and his own; `total` is the whole list's length."""
    reader = question.reader
    chosen = CaseFilter(**query.chosen(), reach=await reader.reach())
    page = Page(query.limit, query.cursor)
    ask = reader.runtime.questions.cases
    return await question.answer(ask, reader.within(query.scope), chosen, sort=query.sort, page=page)


@router.get("/cases/{id}", tags=["cases"], summary="One case", responses=described(CaseItem))
async def case(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """With its light, and how late it is or was; personal data is left out."""
    return await question.answer(question.reader.runtime.questions.case, id, seen=question.reader.may_see)


@router.get(
    "/cases/{id}/timeline", tags=["cases"], summary="What happened to a case", responses=described(Timeline)
)
async def case_timeline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Event by event, from the log; personal data is left out."""
    await case(id, question)
    return await question.answer(question.reader.runtime.questions.timeline, f"case:{id}")


@router.get(
    "/cases/{id}/deadline",
    tags=["cases"],
    summary="Its deadline, explained",
    responses=described(Explained),
)
async def case_deadline(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Rule, calendar, and the stretches of time that add up to it, with pauses, extensions and steps."""
    await case(id, question)
    return await question.answer(question.reader.runtime.questions.deadline, f"case:{id}")
