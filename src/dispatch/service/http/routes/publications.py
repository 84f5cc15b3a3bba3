"""Published figures: putting them on record, and what was published."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from commands.figures.publish import PublishFigures
from dispatch.domain.cases.kinds import Source
from dispatch.service.http.answers import WRITES, Done, described
from dispatch.service.http.desk import Desk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import LARGEST, Asking, AtReader, Day
from dispatch.service.http.routes import API
from dispatch.service.http.routes.figures import AtScope, questions
from dispatch.service.http.text import Body, Scope, Slug, Title
from projections.publications import Publications, numbers_of
from projections.questions.asked import Asked, Page, When
from projections.spans import Window

router = APIRouter(prefix=f"{API}/figures", tags=["figures"], responses=WRITES, route_class=JsonRoute)


class Publish(Body):
    """Which figures, and of when; without `figures` all of them."""

    scope: Scope
    title: Annotated[Title, Field(examples=["万顺镇2023年5月工作通报"])]
    from_: Annotated[Day | None, Field(alias="from", examples=["2023-05-01"])] = None
    until: Annotated[Day | None, Field(examples=["2023-06-01"])] = None
    category: Slug | None = None
    source: Source | None = None
    as_of: Annotated[Day | None, Field(description="What had happened by then; now by default")] = None
    known_at: Annotated[
        int | None,
        Field(
            ge=1,
            le=LARGEST,
            description="The log position at which they were looked at; the last by default",
            examples=[20000],
        ),
    ] = None
    figures: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}(\.[a-z0-9_]{1,40})?$")], ...],
        Field(max_length=200, examples=[["closure_rate", "cases.reported"]]),
    ] = ()


@router.post("/publish", status_code=201, response_model=Done, summary="Record figures as published")
async def publish(body: Publish, reader: AtReader) -> Response:
    """The service computes them and records who published which, as of when and known at which position.

    A correction is a publication of its own; what was published never changes.
    """
    runtime, scope = reader.runtime, await reader.overseen(body.scope)
    head = await asyncio.to_thread(runtime.log.head)
    await reader.caught_up(head)
    when = When(now=runtime.clock(), as_of=body.as_of, known_at=body.known_at)
    asked = Asked(scope=scope, category=body.category, source=body.source)
    window = Window(body.from_, body.until)
    board = await asyncio.to_thread(runtime.questions.figures, when, asked, window, by=())
    command = PublishFigures(
        scope=scope,
        title=body.title,
        since=body.from_,
        until=body.until,
        category=body.category,
        source=body.source,
        as_of=board.as_of,
        known_at=board.position,
        **numbers_of(board, body.figures)._asdict(),
    )
    return await Desk(reader.request, runtime, reader.entered).carry_out(command, status=201)


@router.get("/published", summary="What was published", responses=described(Publications))
async def published(
    question: Asking,
    scope: AtScope = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The newest first, each with the numbers as they were told."""
    within = question.reader.within(scope)
    return await question.answer(questions(question).publications, within, page=Page(limit, cursor))
