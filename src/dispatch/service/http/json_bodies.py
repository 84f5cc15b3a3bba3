"""Reading JSON strictly: what two readers could take for two different things is refused."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from typing_extensions import override


class NotJsonError(ValueError):
    """The text is no JSON that everybody reads alike."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "A name stands twice in an object"
        raise NotJsonError(msg)
    return found


def _constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise NotJsonError(msg)


_decoder: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def read(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8 (RFC 8259); JSONDecodeError if it is none.

    Each name stands once in an object, and numbers are numbers: no NaN, no Infinity.
    """
    try:
        return _decoder.decode(text.decode())
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # Half a character, a number of thousands of digits, objects in objects without end, or the above.
        reason = str(error) if isinstance(error, NotJsonError) else type(error).__name__
        raise json.JSONDecodeError(reason, "", 0) from None


class _Strict(Request):
    """A request whose body is read strictly."""

    @override
    async def json(self) -> Any:
        return read(await self.body())


class JsonRoute(APIRoute):
    """A route that reads its body strictly."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_Strict(request.scope, request.receive))

        return strictly
