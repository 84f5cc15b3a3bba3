"""Reading JSON strictly: what two readers could take for two different things is refused."""

import json
import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final, NoReturn

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from typing_extensions import override

from dispatch.domain.refusal import Unacceptable
from dispatch.service.http.strict import StrictRoute

DEEPEST: Final = 32
"""Arrays and objects within one another; a boundary, the deepest that anybody means, has 10."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")


class NotJsonError(ValueError):
    """The text is no JSON that everybody reads alike."""


class JsonTooDeep(Unacceptable):
    """The body's arrays and objects lie too deep within one another."""


def require_shallow(text: bytes) -> None:
    """Refuse with `JsonTooDeep` a text with more than `DEEPEST` arrays and objects within one another.

    Asked before anything is made of it: whoever reads JSON goes as deep into his stack as the text does.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", text)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise JsonTooDeep(deepest=DEEPEST)


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


class JsonRoute(StrictRoute):
    """A route that reads its body strictly too."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def strictly(request: Request) -> Response:
            strict = _Strict(request.scope, request.receive)
            try:
                require_shallow(await strict.body())
            except ClientDisconnect:
                raise HTTPException(HTTPStatus.BAD_REQUEST, "The body broke off.") from None
            return await handle(strict)

        return strictly
