"""What is refused before any route sees it: bodies that are too large and NUL in addresses."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.service.http.problems import problem

LONGEST_ADDRESS: Final = 8_000
TAKEN_IN: Final = 64_000_000
"""Bytes of a refused body that are read all the same, and thrown away."""
TAKEN_IN_FOR: Final = 10.0
"""Seconds that this may last."""


class BodyTooLargeError(Exception):
    """The body grew beyond the limit while it was being received."""


class Guard:
    """ASGI middleware: 413 for a body over `body_limit` bytes, 400 for an address that no route can mean.

    `limits` are those of addresses that take more or less than the others.
    """

    def __init__(self, app: ASGIApp, body_limit: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limit, self._limits = body_limit, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a sound request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = scope["query_string"]
        if "\0" in scope["path"] or b"%00" in query or b"\0" in query or len(query) > LONGEST_ADDRESS:
            refuse = problem(HTTPStatus.BAD_REQUEST, "address-malformed", "The address can't be meant.")
            await refuse(scope, receive, send)
            return
        await self._limited(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, started, exceeded = 0, False, False
        limit = self._limits.get(scope["path"], self._limit)

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    exceeded = True
                    raise BodyTooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            # What the application makes of half a body is not the answer.
            if not exceeded or started:
                started = True
                await send(message)

        try:
            _require_length(scope, limit)
            await self._app(scope, counted, noted)
        except BodyTooLargeError:
            if started:
                raise
            exceeded = True
        if exceeded and not started:
            too_large = problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "body-too-large",
                "The request body is too large.",
                limit=limit,
                headers={"Connection": "close"},
            )
            await _last_word(too_large, scope, receive, send)


async def _last_word(answer: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, but hang up only when the body is through.

    Many clients read no answer before they have sent everything. Who hangs up on unread bytes resets the
    line, and such a client would see that in place of the answer.
    """

    async def unfinished(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(scope, receive, unfinished)
    if not _asks_first(scope):
        with suppress(TimeoutError):
            async with asyncio.timeout(TAKEN_IN_FOR):
                await _take_in(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _take_in(receive: Receive) -> None:
    taken = 0
    while taken < TAKEN_IN:
        message = await receive()
        if not message.get("more_body"):  # which a line that is gone doesn't have either
            return
        taken += len(message.get("body", b""))


def _asks_first(scope: Scope) -> bool:
    """Tell whether the sender waits to be asked for the body, so that there is nothing on its way."""
    return any(name == b"expect" for name, _ in scope["headers"])


def _require_length(scope: Scope, limit: int) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:20]) > limit):
            raise BodyTooLargeError
