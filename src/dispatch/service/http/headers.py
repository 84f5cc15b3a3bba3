"""The security headers of every answer; an answer that brings one of them itself keeps its own."""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

# Source: OWASP ASVS 5.0, V3.4. What the API answers is data: no browser is to run, frame or keep it.
DATA: Final[Sequence[Header]] = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What is sent with every answer, unless the answer says something else under the same name."""
SECURE: Final[Sequence[Header]] = (*DATA, (b"strict-transport-security", b"max-age=31536000"))
"""The same over HTTPS: browsers then come back over HTTPS only, for a year."""
NAMES: Final = frozenset(name for name, _ in SECURE)


class SecurityHeaders:
    """ASGI middleware: adds to each answer the headers of `DATA` that it doesn't bring itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with its headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = SECURE if scope["scheme"] == "https" else DATA

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message["headers"], added)
            await send(message)

        await self._app(scope, receive, completed)


def _completed(given: Sequence[Header], added: Sequence[Header]) -> list[Header]:
    for name, _ in given:
        if name in NAMES:
            there = {name for name, _ in given}
            return [*given, *(header for header in added if header[0] not in there)]
    return [*given, *added]
