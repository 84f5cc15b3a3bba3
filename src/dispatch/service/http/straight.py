"""The straight way for what begins items and for their steps, which are most of what comes in.

The framework looks through its routes one by one and prepares each request anew, which costs several times
what the command does. A step that is plainly well formed is carried out here, with the same body model, desk
and problems; whatever is in doubt is handed on untouched and gets its answer there.
"""

import json
import re
from http import HTTPStatus
from typing import Final, NamedTuple

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commands.command import Command
from dispatch.service.http.desk import at_desk
from dispatch.service.http.json_bodies import read
from dispatch.service.http.text import Body

ADDRESS: Final = re.compile(r"/api/v1/([a-z]+)(?:/([0-9a-f]{32})/([a-z-]+))?")
LARGEST: Final = 16_384
"""Bytes of a body; what is larger takes the framework's way."""


class Step(NamedTuple):
    """What a route does: which command, in which of its fields the item's id goes, and which body.

    What begins an item has no id yet, and answers with another status.
    """

    command: type[Command]
    item: str | None
    body: type[Body] | None
    status: int = HTTPStatus.OK


STEPS: Final[dict[tuple[str, str | None], Step]] = {}
"""By collection and name, such as `("tasks", "accept")`; None is what begins one."""


class StraightWay:
    """ASGI middleware: carries a well-formed step out, and hands everything else on."""

    def __init__(self, app: ASGIApp, service: FastAPI) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the straight way if the request is plainly well formed."""
        found = _step(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        step, item = found
        first = await receive()
        body = None if step.body is None else _body(step.body, first)
        if first.get("more_body") or (body is None and step.body is not None):
            await self._app(scope, _beginning(first, receive), send)
            return
        response = await self._carried_out(Request(scope, receive), step, item, body)
        await response(scope, receive, send)

    async def _carried_out(
        self, request: Request, step: Step, item: str | None, body: Body | None
    ) -> Response:
        try:
            fields = {} if body is None else body.fields()
            if step.item is not None:
                fields[step.item] = item
            return await (await at_desk(request)).carry_out(step.command(**fields), status=step.status)
        except Exception as error:
            for kind in type(error).__mro__:
                handler = self._service.exception_handlers.get(kind)
                if handler is not None:
                    answer: Response = await handler(request, error)  # type: ignore[misc] # ours are all async
                    return answer
            raise


def _step(scope: Scope) -> tuple[Step, str | None] | None:
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
        return None
    address = ADDRESS.fullmatch(scope["path"])
    if address is None:
        return None
    collection, item, name = address.groups()
    step = STEPS.get((collection, name))
    if step is None or not _plain(scope, told=step.body is not None):
        return None
    return step, item


def _plain(scope: Scope, *, told: bool) -> bool:
    """Tell whether the body is of a known small length, and JSON where one is expected."""
    small = json_said = not told
    for name, value in scope["headers"]:
        if name == b"content-length":
            small = len(value) <= len(str(LARGEST)) and value.isdigit() and int(value) <= LARGEST
        elif name == b"content-type":
            json_said = value == b"application/json"
        elif name == b"transfer-encoding":
            return False
    return small and (json_said or not told)


def _body(kind: type[Body], first: Message) -> Body | None:
    """Return the body, or None for one that the framework is to refuse; an empty one says nothing."""
    text = first.get("body", b"")
    try:
        return kind.model_validate(read(text) if text else {})
    except (json.JSONDecodeError, ValidationError):
        return None


def _beginning(first: Message, receive: Receive) -> Receive:
    """Return a `receive` that gives the first message once more."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return first

    return again
