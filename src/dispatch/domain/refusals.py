"""Refusals: what an account asked for and was not allowed, counted over a while.

One event tells of many, so that who asks again and again can't fill the log.
"""

from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event

NOBODY: Final = "-"
"""Stands for whoever gave a proof that is worth nothing; no account has that id."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of refusal: how often, between when and when, and the last address that it came from.

    `items` are the streams of what was tried, as far as the requests named any; `sessions` and `tokens` the
    ids of what they were sent with. Each stands there once, and no more than a few; so many requests went
    `beyond` the items that had room. `request_id` is the first request's.
    """

    code: str
    route: str
    count: int
    first_at: datetime
    last_at: datetime
    address: str | None = None
    items: tuple[str, ...] = ()
    beyond: int = 0
    sessions: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    request_id: str | None = None


class RequestsRefused(Event, frozen=True, kw_only=True, tag="refusals.noted"):
    """Requests of an account, or of nobody known, were refused; `others` are those not told apart."""

    account: str
    scope: str
    refused: tuple[Refused, ...]
    others: int = 0


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """How often an account was refused in all."""

    account: str
    scope: str
    total: int = 0

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """Refusals have no lifecycle."""
        return "noted"


def evolve(refusals: Refusals | None, event: RequestsRefused) -> Refusals:
    """Return how often an account was refused after `event`."""
    before = refusals or Refusals(account=event.account, scope=event.scope)
    more = event.others + sum(one.count for one in event.refused)
    return replace(before, scope=event.scope, total=before.total + more)
