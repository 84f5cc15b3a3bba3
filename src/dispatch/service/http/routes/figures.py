"""Figures, the items behind them, the staffing and the grids: of now or of any past moment."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from dispatch.domain.cases.kinds import Source
from dispatch.service.http.answers import READS, described
from dispatch.service.http.reader import Asking, Day, Question
from dispatch.service.http.routes import API
from dispatch.service.http.strict import StrictRoute
from dispatch.service.http.text import Scope, Slug
from projections.figures.behind import Behind
from projections.overview import Overview
from projections.questions.answers import (
    Board,
    Members,
    Place,
    Staffing,
    TownDepartment,
    TownMember,
    TownName,
    Trend,
)
from projections.questions.asked import Asked, Page, Window

router = APIRouter(prefix=API, tags=["figures"], responses=READS, route_class=StrictRoute)

AtScope = Annotated[
    Scope | None, Query(description="A code prefix within the account's scope; all of that by default")
]
By = Annotated[
    tuple[Literal["grid", "village", "town", "category"], ...],
    Query(description="Into which parts to cut the total"),
]
BY_GRID: Final[tuple[Literal["grid"], ...]] = ("grid",)


class About:
    """What the figures are about: scope, category and source of cases, and the window that items fall in."""

    def __init__(  # noqa: PLR0917 - FastAPI passes them by name
        self,
        question: Asking,
        scope: AtScope = None,
        exact: Annotated[
            bool,
            Query(
                description="What stands under that very code (a town's own, of no grid), not what lies in it"
            ),
        ] = False,
        category: Annotated[Slug | None, Query(description="One category only")] = None,
        source: Annotated[Source | None, Query(description="Cases of one source only")] = None,
        from_: Annotated[Day | None, Query(alias="from", description="A day or time; included")] = None,
        until: Annotated[Day | None, Query(description="A day or time; not included")] = None,
    ) -> None:
        self.question = question
        self.scope = scope
        self.exact = exact
        self.category = category
        self.source = source
        self.window = Window(from_, until)

    async def answer(self, ask: Any, *more: Any, **named: Any) -> Response:
        """Put a question about this."""
        scope = await self.question.reader.overseen(self.scope)
        asked = Asked(scope=scope, exact=self.exact, category=self.category, source=self.source)
        return await self.question.answer(ask, *more, asked, self.window, **named)


Subject = Annotated[About, Depends()]


def questions(question: Question) -> Any:
    """Return the process's questions."""
    return question.reader.runtime.questions


@router.get("/figures", summary="Every figure of a scope and window", responses=described(Board))
async def figures(about: Subject, by: By = BY_GRID) -> Response:
    """Each rate is a numerator, a denominator and their share; null where the denominator is 0.

    A figure as of a time, known at a position, never changes again, whatever is recorded later.
    """
    return await about.answer(questions(about.question).figures, by=by)


@router.get("/figures/{figure}/ids", summary="The items behind a number", responses=described(Members))
async def ids(
    about: Subject,
    figure: Annotated[str, Path(max_length=60, examples=["closure_rate"])],
    part: Literal["numerator", "denominator"] = "numerator",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """As many as the number says; `total` is the number itself."""
    page = Page(limit, cursor)
    return await about.answer(questions(about.question).ids, figure, part, page=page)


@router.get(
    "/figures/{figure}/items", summary="The items behind a number, as they stood", responses=described(Behind)
)
async def items(
    about: Subject,
    figure: Annotated[str, Path(max_length=60, examples=["closure_rate"])],
    part: Literal["numerator", "denominator"] = "numerator",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Tasks, cases or households: what `ids` names, page by page in the same order.

    A grid worker gets those that he may see now: `ids` also names what has left his grid since.
    """
    page, reach = Page(limit, cursor), await about.question.reader.reach()
    return await about.answer(questions(about.question).items, figure, part, page=page, reach=reach)


@router.get("/figures/{figure}/trend", summary="A figure by week or by month", responses=described(Trend))
async def trend(
    about: Subject,
    figure: Annotated[str, Path(max_length=60, examples=["closure_rate"])],
    step: Annotated[Literal["week", "month"], Query(description="Weeks from Monday on, or months")] = "month",
) -> Response:
    """Each point is the figure of its own window, as of one moment; this year's by default."""
    return await about.answer(questions(about.question).trend, figure, step=step)


@router.get("/overview", summary="All that the supervisors' board shows", responses=described(Overview))
async def overview(about: Subject) -> Response:
    """Figures, staffing, modes and open escalations of a scope, at one position of the log.

    Of one category or source, or of `exact`-ly one code: figures and escalations only.
    """
    return await about.answer(questions(about.question).overview)


@router.get("/staffing", summary='The "1+3+N" of a scope', responses=described(Staffing))
async def staffing(question: Asking, scope: AtScope = None) -> Response:
    """Who fills which post, which posts are vacant, who is shared between grids, and each person's load."""
    return await question.answer(questions(question).staffing, await question.reader.overseen(scope))


@router.get("/grids", summary="The grids, and their boundaries", responses=described(list[Place]))
async def grids(
    question: Asking,
    scope: AtScope = None,
    boundaries: Annotated[
        bool, Query(description="With the boundaries, for a map: GeoJSON in WGS 84, which may be large")
    ] = False,
) -> Response:
    """Their names, and those of their villages and towns."""
    scope = question.reader.within(scope)
    return await question.answer(questions(question).grids, scope, boundaries=boundaries)


@router.get("/towns", summary="The towns", responses=described(list[TownName]))
async def towns(question: Asking, scope: AtScope = None) -> Response:
    """Those that the scope lies in or holds, by code and name."""
    return await question.answer(questions(question).towns, question.reader.within(scope))


@router.get("/members", summary="The members of a town's staff", responses=described(list[TownMember]))
async def members(question: Asking, scope: AtScope = None) -> Response:
    """For administrators: within a town who holds a post there, of a whole town also who holds none."""
    return await question.answer(questions(question).members, question.reader.within(scope))


@router.get(
    "/departments",
    summary="The departments that cases can be given to",
    responses=described(list[TownDepartment]),
)
async def departments(question: Asking, scope: AtScope = None) -> Response:
    """Those of the towns that the scope lies in or holds."""
    return await question.answer(questions(question).departments, question.reader.within(scope))
