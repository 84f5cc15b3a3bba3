"""Signing in at a provider (OpenID Connect): a browser leaves for it, and comes back with a session."""

from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from dispatch.domain.refusal import Refusal
from dispatch.service.http.answers import READS, described
from dispatch.service.http.entrance import runtime_of
from dispatch.service.http.problems import note
from dispatch.service.http.routes import API
from dispatch.service.http.routes.session import begin_session, note_whose, session_before, set_cookie
from dispatch.service.http.strict import AllSent, StrictRoute
from dispatch.service.sign_in.oidc import ON_THE_WAY

HERE: Final = f"{API}/session/oidc"
COOKIE: Final = "dispatch_oidc"
CONSOLE: Final = "/ui/console"
"""Where a browser ends that did not say where it wants to."""
OPEN: Final[dict[str, Any]] = {"security": []}
router = APIRouter(prefix=HERE, tags=["session"], responses=READS, route_class=StrictRoute)

Landing = Annotated[
    str,
    Query(
        pattern=r"^/(ui|m)(/[A-Za-z0-9_-]{1,40}){0,3}/?(\?[A-Za-z0-9%&=+.,:@/~_-]{0,2000})?$",
        description="The own page to end at, with what stands behind its ?",
    ),
]
"""Always a page of ours, whatever it is asked: the address begins with its path."""


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """How one may sign in beside with a password: `provider` is what the provider is called; null: none."""

    provider: str | None


encoder: Final = msgspec.json.Encoder()


def _callback(request: Request) -> str:
    # What the Host header says is anybody's word, though the provider takes no address but those it knows.
    origin = runtime_of(request).settings.public_url or str(request.base_url).rstrip("/")
    return f"{origin}{HERE}/callback"


def _keep(response: Response, request: Request, secret: str | None) -> None:
    """Give the browser the cookie that it has to come back with, or take it away.

    The provider sends it back from another site, so this one is not as strict as a session's.
    """
    response.set_cookie(
        COOKIE,
        secret or "",
        max_age=int(ON_THE_WAY.total_seconds()) if secret else 0,
        path=HERE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _told_on_page(request: Request, refusal: Refusal, landing: str) -> Response:
    """Send a browser to the page where one signs in, which says why; whoever else asks gets the problem."""
    if "text/html" not in request.headers.get("accept", ""):
        raise refusal
    note(request, refusal)
    joint = "&" if "?" in landing else "?"
    return RedirectResponse(f"{landing}{joint}refused={refusal.code}", 303, {"Cache-Control": "no-store"})


@router.get(
    "/provider", summary="Which provider one may sign in at", openapi_extra=OPEN, responses=described(Ways)
)
async def ways(request: Request) -> Response:
    """What the page must know before anybody has signed in: its name, and nothing of how it is asked."""
    settings = runtime_of(request).settings
    issuer = settings.oidc_issuer
    name = None if issuer is None else settings.oidc_name or urlsplit(issuer).hostname
    return Response(
        encoder.encode(Ways(provider=name)), 200, {"Cache-Control": "no-store"}, "application/json"
    )


@router.get("", status_code=303, summary="Sign in at the provider", openapi_extra=OPEN)
async def depart(request: Request, to: Landing = CONSOLE) -> Response:
    """Sends the browser there. The accounts are ours: the provider says who somebody is, and makes none.

    If that can't be, a browser is sent to the page instead, with the refusal's code as `?refused=`.
    """
    try:
        before = await session_before(request)
        departure = await runtime_of(request).reception.oidc.depart(_callback(request), to, before)
    except Refusal as refusal:
        return _told_on_page(request, refusal, to)
    response = RedirectResponse(departure.url, 303, {"Cache-Control": "no-store"})
    _keep(response, request, departure.browser)
    return response


@router.get("/callback", status_code=303, summary="Come back from the provider", openapi_extra=OPEN)
async def arrive(request: Request, answer: AllSent) -> Response:
    """Sets the cookie `dispatch_session` and sends the browser to the page that it asked for.

    If nobody is signed in, the page gets the refusal's code as `?refused=`. Whatever else a provider adds is
    left alone. Source: RFC 6749, 4.1.2.
    """
    reception = runtime_of(request).reception
    cookie = request.cookies.get(COOKIE)
    landing = await reception.oidc.landing(cookie, answer) or CONSOLE
    response: Response
    try:
        arrival = await reception.oidc.arrive(_callback(request), cookie, answer)
        await note_whose(request, arrival.account)
        proved = await reception.recognise(arrival)
        made, _ = await begin_session(request, proved, identity=arrival.identity, before=arrival.before)
    except Refusal as refusal:
        response = _told_on_page(request, refusal, landing)
    else:
        response = RedirectResponse(landing, 303, {"Cache-Control": "no-store"})
        set_cookie(response, request, made)
    _keep(response, request, None)
    return response
