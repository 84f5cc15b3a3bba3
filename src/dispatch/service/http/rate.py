"""How many requests one sender may make: each token or session, and each network address."""

import hashlib
from collections.abc import Hashable
from http import HTTPStatus
from math import ceil
from time import monotonic
from typing import Final

import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatch.service.http.entrance import COOKIE
from dispatch.service.http.problems import problem

logger: Final = structlog.get_logger(__name__)

MINUTE: Final = 60.0
"""In seconds: so much of its allowance a sender may use at once."""
ROUNDING: Final = 1e-6
"""By how many seconds a sum of times may be off: nobody is to wait for that."""
SENDERS: Final = 20_000
"""Of how many senders each process knows at most how much they have left."""
SAYS_AGAIN: Final = 60.0
"""Seconds between two lines of the service's log about refused requests."""


class Allowance:
    """So many requests a minute for each sender: a bucket that holds a minute's and fills steadily."""

    def __init__(self, per_minute: int) -> None:
        self._each = MINUTE / per_minute
        self._full_at: dict[Hashable, float] = {}

    def wait(self, sender: Hashable, now: float) -> float:
        """Take one request out, and return 0; or take none, and return in how many seconds there is one.

        `now` counts seconds from anywhere.
        """
        full_at = self._full_at.get(sender, now)
        full_at = (max(now, full_at)) + self._each
        if (wait := full_at - now - MINUTE) > ROUNDING:
            return wait
        self._full_at[sender] = full_at
        if len(self._full_at) > SENDERS:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Forget whose bucket is full again; if that leaves too many, all: better than to refuse somebody."""
        kept = {sender: full_at for sender, full_at in self._full_at.items() if full_at > now}
        self._full_at = kept if len(kept) < SENDERS // 2 else {}


class RateLimit:
    """ASGI middleware: 429 with `Retry-After` for a sender who has used up what he may send.

    Who sends is told by what the request bears, before anybody looks whether that is worth something, so that
    a guessed token uses up nobody else's allowance; many guesses use up that of their address. Each process
    counts what it receives itself; 0 a minute means without limit.
    """

    def __init__(self, app: ASGIApp, *, per_sender: int, per_address: int) -> None:
        self._app = app
        self._senders = Allowance(per_sender) if per_sender else None
        self._addresses = Allowance(per_address) if per_address else None
        self._silent_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be sent."""
        if scope["type"] == "http" and (wait := self._wait(scope)):
            refuse = problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests have come from there: wait as long as Retry-After says.",
                headers={"Retry-After": str(ceil(wait))},
            )
            await refuse(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        now, wait, client = monotonic(), 0.0, scope["client"]
        if self._addresses is not None and client is not None:
            wait = self._addresses.wait(client[0], now)
        if not wait and self._senders is not None and (sender := _sender(scope)) is not None:
            wait = self._senders.wait(sender, now)
        if wait and now >= self._silent_until:
            self._silent_until = now + SAYS_AGAIN
            logger.warning("too_many_requests", address=client[0] if client else None, path=scope["path"])
        return wait


def _sender(scope: Scope) -> bytes | None:
    """Return the SHA-256 of the token or of the session's secret that a request bears.

    What signs in is not kept here either, and neither another spelling of it nor another cookie beside it
    makes another sender.
    """
    request = HTTPConnection(scope)
    header = request.headers.get("authorization")
    secret = request.cookies.get(COOKIE) if header is None else header.partition(" ")[2]
    return None if secret is None else hashlib.sha256(secret.encode()).digest()
