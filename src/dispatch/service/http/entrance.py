"""Who a request comes from: the account whose token it bears, or whose session its cookie holds."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.requests import Request

from dispatch.domain.accounts import Account
from dispatch.domain.refusal import NotAllowed
from dispatch.service.http.request_ids import KEPT
from dispatch.service.runtime import Runtime
from dispatch.service.tokens import Unauthenticated, authenticate

COOKIE: Final = "dispatch_session"
UNATTENDED: Final = "dispatch-unattended"
"""The header of what a page asks by itself, with nobody at it: that keeps no session alive."""
CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteRequest(NotAllowed):
    """What is sent by the session's cookie must come from this service's own pages."""


class PasswordMustBeChanged(NotAllowed):
    """This is a first password: change it with `PUT /api/v1/session/password`."""


class SecondFactorMustBeSet(NotAllowed):
    """This role needs a second factor: set one with `POST /api/v1/session/second-factor`."""


class Entered(NamedTuple):
    """An account that a request comes from; `proof` is the id of the token or session that says so."""

    account: Account
    proof: str | None = None
    by_session: bool = False


def runtime_of(request: Request) -> Runtime:
    """Return the process's runtime."""
    runtime = request.app.state.runtime
    assert isinstance(runtime, Runtime)
    return runtime


def address_of(request: Request) -> str | None:
    """Return the network address that a request comes from."""
    return request.client.host if request.client else None


def request_id_of(request: Request) -> str | None:
    """Return the id that the request was given at the door."""
    found: str | None = request.scope.get(KEPT)
    return found


def shows_proof(request: Request) -> bool:
    """Tell whether a request bears a token or a session's cookie, whatever they are worth."""
    return "authorization" in request.headers or COOKIE in request.cookies


async def enter(
    request: Request, runtime: Runtime, *, fresh: bool, use: bool = True, incomplete: bool = False
) -> Entered:
    """Return who a request comes from; `Unauthenticated` if nobody that is known.

    With a first password, or without a second factor where the role needs one, nothing may be done but what
    completes the sign-in, which `incomplete` says. `use` and `fresh` as for `Reception.enter`.
    """
    header = request.headers.get("authorization")
    if header is not None:
        account, token = await authenticate(header, runtime.handler, now=runtime.clock(), fresh=fresh)
        request.state.account, request.state.token = account.account, token
        return Entered(account, token)
    secret = request.cookies.get(COOKIE)
    if secret is None:
        raise Unauthenticated
    used = use and UNATTENDED not in request.headers
    account, session = await runtime.reception.enter(secret, fresh=fresh, use=used)
    request.state.account, request.state.session = account.account, session
    if request.method not in CHANGES_NOTHING:
        require_same_origin(request, told=True)
    if not incomplete:
        if must_change_password(Entered(account, session, by_session=True)):
            raise PasswordMustBeChanged
        if must_set_second_factor(account, session, runtime):
            raise SecondFactorMustBeSet
    return Entered(account, session, by_session=True)


def must_change_password(entered: Entered) -> bool:
    """Tell whether somebody got in with a first password, which only serves to set the own one."""
    account, proof = entered.account, entered.proof
    return account.must_change_password and (
        not entered.by_session or (proof is not None and account.sessions[proof].by_password)
    )


def must_set_second_factor(account: Account, session: str, runtime: Runtime) -> bool:
    """Tell whether a session was begun by a password alone in a role that needs more."""
    needing = account.role in runtime.settings.needing_second_factor
    return needing and account.factor is None and account.sessions[session].by_password_alone


def require_same_origin(request: Request, *, told: bool) -> None:
    """Refuse with `CrossSiteRequest` what another site's page sends; `told`: or what doesn't say.

    A browser says it of itself in `Sec-Fetch-Site`, an older one at least in `Origin`.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site == "same-origin"
    elif origin is not None:
        same = urlsplit(origin).netloc == request.headers.get("host")
    else:
        same = not told
    if not same:
        raise CrossSiteRequest
