"""Reading an address strictly: a parameter that no route there declares is refused, as a body's field is."""

from collections.abc import Callable, Collection, Coroutine, Iterator
from difflib import get_close_matches
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response
from typing_extensions import override

MOST_TOLD: Final = 20
"""How many parameters of one address are told to be unknown."""


async def _all_sent(request: Request) -> dict[str, str]:
    return dict(request.query_params)


AllSent = Annotated[dict[str, str], Depends(_all_sent)]
"""A route's parameter for all that stands in the address, where somebody else says what that is."""


class StrictRoute(APIRoute):
    """A route that takes no parameter in its address but those that it or what it needs declares."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        needed = list(_needed(self.dependant))
        if any(one.call is _all_sent for one in needed):
            return handle
        declared = Dependant(query_params=[field for one in needed for field in one.query_params])
        known = {field.alias for field in get_flat_params(declared)}

        async def known_only(request: Request) -> Response:
            if request.scope["query_string"]:
                _require_known(request.query_params.keys(), known)
            return await handle(request)

        return known_only


def _needed(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from _needed(one)


def _require_known(sent: Collection[str], known: set[str]) -> None:
    unknown = [name for name in dict.fromkeys(sent) if name not in known][:MOST_TOLD]
    if unknown:
        raise RequestValidationError(
            [{"loc": ("query", name), "msg": _wrong(name, known), "type": "unknown"} for name in unknown]
        )


def _wrong(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"There is no such parameter; {near[0]} is one" if near else "There is no such parameter"
