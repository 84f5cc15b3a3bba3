"""What is refused before any route sees it: bodies that are too large and NUL in addresses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.service.http.problems import problem

LONGEST_ADDRESS: Final = 8_000


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
            await too_large(scope, receive, send)


def _require_length(scope: Scope, limit: int) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:20]) > limit):
            raise BodyTooLargeError
