"""A step of an item's life as a route: `POST /tasks/{id}/accept` sends `AcceptTask`."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from commands.command import Command
from dispatch.service.http.answers import Done
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.straight import STEPS, Step
from dispatch.service.http.text import Body, ItemKey


class Steps:
    """Adds the steps of one kind of item to a router.

    `item` is the command's field for the item's id, `kind` names the operations where that is not enough.
    """

    def __init__(self, router: APIRouter, item: str, kind: str | None = None) -> None:
        self._router = router
        self._item = item
        self._kind = kind or item
        self._collection = router.prefix.rpartition("/")[2]

    def begin(
        self, name: str, command: type[Command], body: type[Body], summary: str, description: str
    ) -> None:
        """Add the route of the collection itself, which sends `command` with the body's fields."""

        async def begun(desk: AtDesk, body: Body) -> Response:
            return await desk.carry_out(command(**body.fields()), status=HTTPStatus.CREATED)

        begun.__annotations__["body"] = body
        STEPS[self._collection, None] = Step(command, None, body, HTTPStatus.CREATED)
        self._router.add_api_route(
            "",
            begun,
            methods=["POST"],
            status_code=HTTPStatus.CREATED,
            response_model=Done,
            summary=summary,
            description=description,
            operation_id=f"{self._kind}_{name}",
        )

    def add(
        self, name: str, command: type[Command], body: type[Body] | None, summary: str, description: str
    ) -> None:
        """Add the route `/{id}/name`, which sends `command` with the item's id and the body's fields."""

        async def bare(id: ItemKey, desk: AtDesk) -> Response:  # noqa: A002 - the path says {id}
            return await desk.carry_out(command(**{self._item: id}))

        needed = body is not None and any(field.is_required() for field in body.model_fields.values())
        nothing = {} if body is None or needed else body().fields()

        async def told(id: ItemKey, desk: AtDesk, body: Body | None) -> Response:  # noqa: A002 - the path says {id}
            fields = nothing if body is None else body.fields()
            return await desk.carry_out(command(**{self._item: id, **fields}))

        STEPS[self._collection, name] = Step(command, self._item, body)
        if body is not None:
            told.__annotations__["body"] = body if needed else body | None
            told.__defaults__ = None if needed else (None,)
        self._router.add_api_route(
            f"/{{id}}/{name}",
            told if body is not None else bare,
            methods=["POST"],
            response_model=Done,
            summary=summary,
            description=description,
            operation_id=f"{self._kind}_{name.replace('-', '_')}",
        )
