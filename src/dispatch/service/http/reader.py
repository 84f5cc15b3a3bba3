"""Where a request becomes a question: who asks, of which moment, and from which position on."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, Discriminator, Field, Tag
from starlette.responses import Response
from starlette.routing import BaseRoute

from dispatch.domain import codes
from dispatch.domain.accounts import Account, Role
from dispatch.domain.refusal import OutOfScope, Refusal, RoleNotAllowed, Unacceptable
from dispatch.domain.rhythm import SHANGHAI
from dispatch.domain.towns import Town
from dispatch.service.http import compression
from dispatch.service.http.entrance import Entered, enter, runtime_of
from dispatch.service.http.routes import API
from dispatch.service.http.text import Moment
from dispatch.service.rights import QUERIES, Extent
from dispatch.service.runtime import Runtime
from projections.questions.asked import Reach, When

T = TypeVar("T")
LARGEST: Final = 2**63 - 1
ABOUT_ONESELF: Final = "GET /me"
"""The one question that may be asked before the sign-in is complete."""
encoder: Final = msgspec.json.Encoder(order="deterministic")


class PositionNotInLog(Unacceptable):
    """The log does not hold that position yet: `after` takes one that a write has answered with."""


class ReadModelBehind(Refusal):
    """The read model has not got there yet: try again."""


def day_or_moment(value: Any) -> Any:
    """Take a day for its first moment in Asia/Shanghai, and leave everything else as it is."""
    if isinstance(value, str) and len(value) == len("2023-01-01"):
        try:
            return datetime.combine(date.fromisoformat(value), time.min, SHANGHAI)
        except ValueError:
            return value
    return value


def position_or_moment(value: Any) -> Any:
    """Take digits for a log position, a day for its first moment, and leave everything else as it is."""
    said = position(value) if isinstance(value, str) else None
    return day_or_moment(value) if said is None else said


def position(text: str) -> int | None:
    """Return the log position that digits mean; None for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) else None


Day = Annotated[Moment, BeforeValidator(day_or_moment)]
"""A time with its zone, or a day: its first moment in Asia/Shanghai."""
AsOf = Annotated[
    Day | None,
    Query(
        description="What had happened by then, that very moment included; now by default",
        examples=["2023-07-01"],
    ),
]


def _which(value: Any) -> str:
    return "position" if isinstance(value, int) else "time"


At = Annotated[
    Annotated[Annotated[int, Field(ge=0)], Tag("position")] | Annotated[Day, Tag("time")],
    # What is no number is said to be no time, and not to be neither.
    Discriminator(_which),
    BeforeValidator(position_or_moment),
]
"""A log position, a time with its zone, or a day."""
KnownAt = Annotated[
    At | None,
    Query(description="What the log held by then: a position or a time; all that it holds by default"),
]
After = Annotated[
    int | None, Query(ge=0, le=LARGEST, description="Wait until the answer knows this log position")
]


class Reader:
    """One request's reader: the account, how far it sees, and the moment that it asks about."""

    def __init__(self, request: Request, runtime: Runtime, entered: Entered, extent: Extent) -> None:
        self.request = request
        self.runtime = runtime
        self.entered = entered
        self.extent = extent

    @property
    def account(self) -> Account:
        """Who asks."""
        return self.entered.account

    async def grids(self) -> frozenset[str]:
        """Return the grids of a worker's posts; empty for every other role."""
        account = self.account
        if account.role is not Role.WORKER or account.member is None:
            return frozenset()
        town = await self.runtime.handler.state(f"town:{codes.town_of(account.scope)}")
        return town.grids_of(account.member) if isinstance(town, Town) else frozenset()

    async def reach(self) -> Reach | None:
        """Return what an account sees of its own; None for those who see all of their scope."""
        if self.extent is not Extent.OWN:
            return None
        return Reach(await self.grids(), self.account.member)

    def within(self, scope: str | None) -> str:
        """Return the scope that is asked about, the account's own by default; `OutOfScope` beyond it."""
        if scope is None:
            return self.account.scope
        if not codes.covers(self.account.scope, scope):
            raise OutOfScope(scope=scope)
        return scope

    async def overseen(self, scope: str | None) -> str:
        """Return the scope whose figures are asked for; a grid worker sees those of one of his grids.

        Source: DOMAIN.md, People and rights.
        """
        scope = self.within(scope)
        if self.extent is Extent.OWN and scope not in await self.grids():
            raise OutOfScope(scope=scope)
        return scope

    def may_see(self, item: Any, reach: Reach | None) -> None:
        """Refuse with `OutOfScope` what lies outside the account's scope or a worker's reach."""
        place = item.town if hasattr(item, "tasks") else item.grid
        if not codes.covers(self.account.scope, place):
            raise OutOfScope(place=place)
        if reach is None or place in reach.grids:
            return
        if reach.member is None or getattr(item, "assignee", None) != reach.member:
            raise OutOfScope(place=place)

    async def still_welcome(self) -> None:
        """Look again whether the token or session is worth something; `Unauthenticated` if not."""
        self.entered = await enter(self.request, self.runtime, fresh=True, use=False)

    async def caught_up(self, after: int | None, read_models: frozenset[str] | None = None) -> None:
        """Return when the read models (default: all) know position `after`; refuse if that takes too long."""
        if after is None or self.runtime.read_models.progress.reached(after, read_models):
            return
        if after > await asyncio.to_thread(self.runtime.log.head):
            raise PositionNotInLog(after=after)
        limit = self.runtime.settings.wait_limit
        if not await self.runtime.read_models.wait_until(after, limit, read_models):
            raise ReadModelBehind(after=after, position=self.runtime.read_models.status.position)


async def _reader(request: Request) -> Reader:
    """Open the query door: to whom the table of rights lets in, as far as it says, at this very moment."""
    runtime = runtime_of(request)
    name = name_of(request.method, request.scope["route"])
    entered = await enter(request, runtime, fresh=True, incomplete=name == ABOUT_ONESELF)
    extent = QUERIES[name].get(entered.account.role)
    if extent is None:
        raise RoleNotAllowed(role=entered.account.role, query=name)
    return Reader(request, runtime, entered, extent)


def name_of(method: str, route: APIRoute) -> str:
    """Return what a route is called in the table of rights, such as `GET /tasks/{id}`."""
    return f"{method} {route.path.removeprefix(API)}"


def asked_through(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Return the names of those routes that go through the query door."""
    for route in routes:
        if isinstance(route, APIRoute) and _passes(route.dependant):
            yield from (name_of(method, route) for method in route.methods or ())


def _passes(dependant: Dependant) -> bool:
    return dependant.call is _reader or any(_passes(one) for one in dependant.dependencies)


AtReader = Annotated[Reader, Depends(_reader)]
"""A route's parameter for whatever asks a question."""


class Question:
    """A reader who asks about one moment."""

    def __init__(self, reader: Reader, when: When) -> None:
        self.reader = reader
        self.when = when

    async def answer(
        self,
        ask: Callable[..., Any],
        *asked: Any,
        seen: Callable[[Any, Reach | None], None] | None = None,
        **more: Any,
    ) -> Response:
        """Put a question of `projections.questions`, which takes a `When` first, and answer in JSON.

        `seen` refuses what lies outside the reader's reach once it is known where that is, and of a past
        moment, too, what does so now: a right is looked up at the moment of the act.
        """
        if self.when.as_of is None and self.when.known_at is None:
            found = await self._found(self.when, seen, ask, *asked, **more)
        else:
            async with self.reader.runtime.past.take(self.reader.account.account):
                if seen is not None:
                    present = When(now=self.when.now, of=self.when.of)
                    await self._found(present, seen, ask, *asked, **more)
                found = await self._found(self.when, seen, ask, *asked, **more)
        headers = {"Dispatch-Position": str(found.position)} if hasattr(found, "as_of") else {}
        return await compression.found(
            self.reader.request, encoder.encode(found), headers, "application/json"
        )

    async def _found(
        self,
        when: When,
        seen: Callable[[Any, Reach | None], None] | None,
        ask: Callable[..., Any],
        *asked: Any,
        **more: Any,
    ) -> Any:
        found = await asyncio.to_thread(ask, when, *asked, **more)
        if seen is not None:
            seen(found, await self.reader.reach())
        return found


class _Ask:
    """Makes the question of one request, about the read models that are named, or about all of them."""

    def __init__(self, *read_models: str) -> None:
        self._read_models = frozenset(read_models) or None

    async def __call__(
        self, reader: AtReader, as_of: AsOf = None, known_at: KnownAt = None, after: After = None
    ) -> Question:
        await reader.caught_up(after, self._read_models)
        if isinstance(known_at, datetime):
            known_at = known_at.astimezone(UTC)
        now = reader.runtime.clock()
        return Question(reader, When(now=now, as_of=as_of, known_at=known_at, of=self._read_models))


Asking = Annotated[Question, Depends(_Ask())]
"""A route's parameter for a question about any moment."""
AskingRoutine = Annotated[Question, Depends(_Ask("routine"))]
"""The same for what rests on the plans and households alone, and so has to wait for nothing else."""
