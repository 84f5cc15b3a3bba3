"""The id of every request: in its answer, its lines of the service's log and the events that it records."""

import re
import secrets
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

HEADER: Final = b"x-request-id"
KEPT: Final = "dispatch.request_id"
"""Where in its scope a request has its id."""
SOUND: Final = re.compile(rb"[!-~]{1,80}")


class RequestIds:
    """ASGI middleware: gives each request an id, the client's own if that is sound, and answers with it.

    An id that isn't sound is no reason to refuse anything: there is a new one in its place.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id, and the answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _of(scope)
        scope[KEPT] = told = request_id.decode()
        # Never unbound: each request is a task of its own, and the server's last line about it is within.
        bind_contextvars(request_id=told)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER, request_id)]
            await send(message)

        await self._app(scope, receive, named)


def _of(scope: Scope) -> bytes:
    sent: list[bytes] = [value for name, value in scope["headers"] if name == HEADER]
    if len(sent) == 1 and SOUND.fullmatch(sent[0]):
        return sent[0]
    return new_id()


def new_id() -> bytes:
    """Return an id for a request that brings none of its own."""
    return secrets.token_hex(16).encode()
