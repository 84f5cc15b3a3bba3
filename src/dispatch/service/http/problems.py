"""Refusals and faults as RFC 9457 problem documents; the only place that knows HTTP status codes."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from eventsourcing.persistence import PersistenceError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from commands.context import CommandUnauthenticated
from dispatch.domain.refusal import NotAllowed, NotNow, Refusal, StaleVersion, TooBusy, Unacceptable, Unknown
from dispatch.eventlog.mapper import UnreadableEvent
from dispatch.eventlog.room import lacks_room
from dispatch.service.http.entrance import address_of, request_id_of, runtime_of, shows_proof
from dispatch.service.http.reader import ReadModelBehind
from dispatch.service.http.routes import API
from dispatch.service.photos.pictures import PhotoTooLarge
from dispatch.service.photos.store import PhotoDamaged
from dispatch.service.refusals import Kind, Tried
from dispatch.service.sign_in.guessing import TooManyGuesses
from dispatch.service.sign_in.oidc import ProviderAnswerRefused, ProviderAway
from dispatch.service.sign_in.reception import (
    ProviderFactorNeeded,
    SecondFactorNeeded,
    SecondFactorWrong,
    SignInRefused,
)
from dispatch.service.tokens import Unauthenticated
from projections.engine.generations import NotReady

logger: Final = structlog.get_logger(__name__)
encoder: Final = msgspec.json.Encoder(enc_hook=str)

MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[tuple[tuple[type[Refusal], HTTPStatus], ...]] = (
    (CommandUnauthenticated, HTTPStatus.UNAUTHORIZED),
    (StaleVersion, HTTPStatus.PRECONDITION_FAILED),
    (TooBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (ReadModelBehind, HTTPStatus.SERVICE_UNAVAILABLE),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (SignInRefused, HTTPStatus.UNAUTHORIZED),
    (SecondFactorNeeded, HTTPStatus.UNAUTHORIZED),
    (SecondFactorWrong, HTTPStatus.UNAUTHORIZED),
    (ProviderFactorNeeded, HTTPStatus.UNAUTHORIZED),
    (ProviderAnswerRefused, HTTPStatus.UNAUTHORIZED),
    (ProviderAway, HTTPStatus.SERVICE_UNAVAILABLE),
    (TooManyGuesses, HTTPStatus.TOO_MANY_REQUESTS),
    (PhotoTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Unknown, HTTPStatus.NOT_FOUND),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotNow, HTTPStatus.CONFLICT),
    (Unacceptable, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""The first class that fits gives the status."""

ON_RECORD: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""What is refused for rights, and recorded; an item's state or a malformed request is nobody's fault."""
ITEM: Final = re.compile(r"[0-9a-f]{32}")
COLLECTIONS: Final = {
    "campaigns": "campaign",
    "cases": "case",
    "disputes": "case",
    "households": "household",
    "permits": "case",
    "plans": "plan",
    "tasks": "task",
}
"""Under which address the items of which kind of stream lie."""
NAMED: Final = re.compile(rf"/({'|'.join(COLLECTIONS)})/({ITEM.pattern})(?=/|$)")
SUBJECT: Final = re.compile(rf"/personal/([a-z]+:{ITEM.pattern})$")

RETRY_AFTER: Final = {"Retry-After": "2"}


def problem(
    status: HTTPStatus,
    code: str,
    title: str,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return a problem document: `type`, `status`, `code`, `title` and what else helps to mend it."""
    body = {"type": f"/problems/{code}", "status": status.value, "code": code, "title": title, **members}
    return Response(encoder.encode(body), status.value, headers, MEDIA_TYPE)


def status_of(refusal: Refusal) -> HTTPStatus:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(refusal, kind)), HTTPStatus.BAD_REQUEST)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    status = status_of(refusal)
    note(request, refusal)
    headers: dict[str, str] = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers |= RETRY_AFTER
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(refusal.details["retry_after"])
    return problem(status, refusal.code, refusal.message, headers=headers, details=refusal.details)


def note(request: Request, refusal: Refusal) -> None:
    """Keep a refusal for rights in mind; who shows nothing to be let in by only has to sign in first."""
    if status_of(refusal) not in ON_RECORD:
        return
    account = getattr(request.state, "account", None)
    if account is None and isinstance(refusal, Unauthenticated) and not shows_proof(request):
        return
    kind = Kind(refusal.code, f"{request.method} {_route_of(request)}")
    tried = Tried(
        items=(*_named_in(request.scope["path"]), *getattr(request.state, "about", ())),
        session=getattr(request.state, "session", None),
        token=getattr(request.state, "token", None),
        request_id=request_id_of(request),
    )
    runtime_of(request).refusals.note(account, kind, address_of(request), tried)


def _named_in(path: str) -> list[str]:
    """Return the streams of the items that an address names."""
    items = [f"{COLLECTIONS[collection]}:{key}" for collection, key in NAMED.findall(path)]
    return [*items, *SUBJECT.findall(path)]


def _route_of(request: Request) -> str:
    """Return the route's own address, in which no item and nothing of the sender's choice is named."""
    route = request.scope.get("route")
    path: str = route.path if route is not None else ITEM.sub("{id}", request.scope["path"])
    return path.removeprefix(API)


async def _malformed(_request: Request, error: Exception) -> Response:
    """Say what is wrong where, without giving the input back: it may be hostile, or personal."""
    assert isinstance(error, RequestValidationError)
    errors = [{"at": _place(e["loc"]), "wrong": _wrong(e)} for e in error.errors()[:50]]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "request-malformed", "The request is not well formed.", errors=errors
    )


def _place(loc: Iterable[str | int]) -> str:
    # Where a value goes through functions of ours, their names stand there too, in brackets.
    return "/".join(str(part) for part in loc if "[" not in str(part))[:200]


def _wrong(error: Mapping[str, Any]) -> str:
    said: str = error["msg"].removeprefix("Value error, ").replace(" after validation", "")
    return said.replace("Tuple should", "The list should")[:300]


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-").replace("'", "")
    return problem(status, code, str(error.detail), headers=dict(error.headers or {}))


async def _away(_request: Request, error: Exception) -> Response:
    # SQLAlchemy keeps the database's own error within its own.
    if lacks_room(getattr(error, "orig", None) or error):
        logger.error("disk_full", error=str(error)[:300])
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "disk-full",
            "The database's disk is full, and nothing was recorded. Make room on it: the service goes on by "
            "itself. Then try again with the same Idempotency-Key.",
            headers=RETRY_AFTER,
        )
    logger.warning("database_away", error=str(error)[:300])
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database-away",
        "The database can't be reached just now. Try again with the same Idempotency-Key.",
        headers=RETRY_AFTER,
    )


async def _building(_request: Request, _error: Exception) -> Response:
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "read-models-building",
        "The read models are being built from the log; writes work. Try again soon.",
        headers=RETRY_AFTER,
    )


async def _unreadable(request: Request, error: Exception) -> Response:
    """Name the position to who looks at a log that was changed, or that another version has written."""
    assert isinstance(error, UnreadableEvent)
    logger.error("event_unreadable", path=request.url.path, position=error.position, name=error.name)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "event-unreadable",
        "An event in the log can't be read: it was changed, or is of another version. Run dispatch verify.",
        details={"position": error.position},
    )


async def _damaged(request: Request, error: Exception) -> Response:
    assert isinstance(error, PhotoDamaged)
    logger.error("photo_damaged", path=request.url.path, digest=error.digest)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "photo-damaged",
        "The photo is not the one that was sent: its bytes were changed. Run dispatch verify.",
        details={"digest": error.digest},
    )


async def _fault(request: Request, error: Exception) -> Response:
    logger.error("fault", path=request.url.path, method=request.method, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "fault",
        "The service made a mistake; it was logged and is to be mended.",
    )


def install(app: FastAPI, database_errors: tuple[type[Exception], ...]) -> None:
    """Make `app` answer every refusal and fault with a problem document."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(PersistenceError, _away)
    app.add_exception_handler(NotReady, _building)
    app.add_exception_handler(UnreadableEvent, _unreadable)
    app.add_exception_handler(PhotoDamaged, _damaged)
    for kind in database_errors:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _fault)
