"""Sessions of people at the pages: signing in and out, and the own password."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from commands.accounts.change_password import ChangePassword
from commands.accounts.issue_own_token import IssueOwnToken
from commands.accounts.revoke_own_token import RevokeOwnToken
from commands.accounts.sign_in import SignIn
from commands.accounts.sign_out import SessionUnknown, SignOut
from commands.command import Outcome
from commands.context import CommandUnauthenticated
from dispatch.domain.refusal import NotNow
from dispatch.service.http.answers import GUESSED, READS, WRITES, Account, Done, NewToken
from dispatch.service.http.browsers import claimed, give_cookie, know
from dispatch.service.http.desk import AtDesk, Desk, answer
from dispatch.service.http.entrance import (
    COOKIE,
    Entered,
    PasswordMustBeChanged,
    enter,
    must_change_password,
    must_set_second_factor,
    require_same_origin,
    runtime_of,
)
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import ABOUT_ONESELF, AtReader, Reader
from dispatch.service.http.routes import API
from dispatch.service.http.text import AccountKey, Body, Moment
from dispatch.service.recipients import called
from dispatch.service.rights import QUERIES
from dispatch.service.sign_in.guessing import Claim
from dispatch.service.sign_in.oidc import SessionBefore
from dispatch.service.sign_in.passwords import LONGEST
from dispatch.service.sign_in.reception import NewSession, Proved
from dispatch.service.tokens import Unauthenticated, new_token

router = APIRouter(prefix=API, tags=["session"], responses=READS, route_class=JsonRoute)

Password = Annotated[str, Field(min_length=1, max_length=LONGEST, examples=["correct horse battery"])]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z -]{6,64}$", examples=["492039"])]
"""What the generator shows, or a recovery code."""


class NoSession(NotNow):
    """That is for who has signed in with a password; this request bears a token."""


class SignInBody(Body):
    """Who, and what proves it."""

    account: AccountKey
    password: Password
    code: Code | None = None


class PasswordBody(Body):
    """The present password and the next one."""

    old: Password
    new: Password


class OwnTokenBody(Body):
    """What proves once more who it is, and when the token ends, if ever."""

    password: Password
    code: Code | None = None
    expires_at: Moment | None = None


async def _desk(request: Request) -> Desk:
    runtime = runtime_of(request)
    return Desk(request, runtime, await enter(request, runtime, fresh=True, incomplete=True))


async def _present(request: Request) -> Desk:
    runtime = runtime_of(request)
    return Desk(request, runtime, await enter(request, runtime, fresh=True))


async def _own_session(desk: Annotated[Desk, Depends(_desk)]) -> Desk:
    if not desk.entered.by_session:
        raise NoSession
    return desk


OwnSession = Annotated[Desk, Depends(_own_session)]
"""A route's parameter for what is done with the own session, also before the sign-in is complete."""


async def _with_own_password(desk: OwnSession) -> Desk:
    if must_change_password(desk.entered):
        raise PasswordMustBeChanged
    return desk


OwnPassword = Annotated[Desk, Depends(_with_own_password)]
"""The same for what a first password doesn't open."""


async def _about(reader: Reader) -> dict[str, object]:
    """Return who is signed in, and for how long."""
    account, proof = reader.account, reader.entered.proof or ""
    known = account.sessions if reader.entered.by_session else account.tokens
    ends: datetime | None = known[proof].expires_at
    return {
        "account": account.account,
        "name": await called(reader.runtime.handler, account),
        "role": account.role,
        "scope": account.scope,
        "member": account.member,
        "grids": sorted(await reader.grids()),
        "must_change_password": must_change_password(reader.entered),
        "second_factor": account.factor is not None,
        "must_set_second_factor": reader.entered.by_session
        and must_set_second_factor(account, proof, reader.runtime),
        "expires_at": ends.isoformat() if ends else None,
    }


@router.get("/me", response_model=Account, summary="Who am I")
async def me(reader: AtReader, response: Response) -> dict[str, object]:
    """The account behind the token or the session.

    `Dispatch-Position` is where the live stream stands: who follows it from there and asks his questions
    afterwards misses nothing in between.
    """
    response.headers["Dispatch-Position"] = str(reader.runtime.feed.head)
    return await _about(reader)


@router.post(
    "/session",
    response_model=Account,
    responses=GUESSED,
    summary="Sign in with a password",
    openapi_extra={"security": []},
)
async def sign_in(body: SignInBody, request: Request) -> Response:
    """Sets the cookie `dispatch_session`, which stands for the account from then on.

    Where the account has a second factor, `code` is asked for with `second-factor-needed`.
    """
    require_same_origin(request, told=False)
    runtime = runtime_of(request)
    claim = claimed(request, body.account, body.password, body.code)
    await note_whose(request, body.account)
    proved = await runtime.reception.prove(claim)
    made, outcome = await begin_session(request, proved)
    account = proved.account
    opened = await runtime.handler.state(f"account:{account.account}")
    entered = Entered(opened, made.session, by_session=True)
    about = await _about(Reader(request, runtime, entered, QUERIES[ABOUT_ONESELF][opened.role]))
    headers = {"Dispatch-Position": str(outcome.position), "Cache-Control": "no-store"}
    response = JSONResponse(about, headers=headers)
    set_cookie(response, request, made)
    await know(response, request, account.account)
    return response


async def note_whose(request: Request, account: str) -> None:
    """Let a refusal be on record under the account that somebody means to get in with, if there is one."""
    runtime = runtime_of(request)
    if await runtime.handler.state(f"account:{account}", fresh=False) is not None:
        request.state.account = account


async def begin_session(
    request: Request,
    proved: Proved,
    *,
    identity: str | None = None,
    before: SessionBefore | None = None,
) -> tuple[NewSession, Outcome]:
    """Begin a session of whoever has proved who he is; `identity` is that of a provider that said so.

    The one that the browser had ends; from a provider it brings no cookie of it, so that is said by `before`.
    """
    runtime, account = runtime_of(request), proved.account
    await _end(request, before or await session_before(request))
    made = await runtime.reception.new_session(account)
    command = SignIn(
        account=account.account,
        session=made.session,
        digest=made.digest,
        expires_at=made.expires_at,
        method=proved.method,
        identity=identity,
    )
    return made, await Desk(request, runtime, Entered(account)).outcome(command)


async def session_before(request: Request) -> SessionBefore | None:
    """Return the session that this browser has, if any: its cookie is about to be replaced."""
    secret = request.cookies.get(COOKIE)
    if secret is None:
        return None
    with suppress(Unauthenticated):
        account, session = await runtime_of(request).reception.enter(secret, fresh=True, use=False)
        return SessionBefore(account.account, session)
    return None


async def _end(request: Request, before: SessionBefore | None) -> None:
    """End the session that this browser had, if it hasn't ended by itself."""
    if before is None:
        return
    runtime = runtime_of(request)
    account = await runtime.handler.state(f"account:{before.account}")
    command = SignOut(account=before.account, session=before.session, why="signed in anew")
    with suppress(CommandUnauthenticated, SessionUnknown):
        entered = Entered(account, before.session, by_session=True)
        await Desk(request, runtime, entered).outcome(command, keyed=False)


def claim_of(desk: Desk, password: str, code: str | None = None) -> Claim:
    """Return what who has signed in says to prove it once more."""
    return claimed(desk.request, desk.account.account, password, code)


@router.delete("/session", response_model=Done, responses=WRITES, summary="Sign out")
async def sign_out(desk: OwnSession) -> Response:
    """The session ends at once, in every process."""
    outcome = await desk.outcome(SignOut(account=desk.account.account, session=desk.entered.proof))
    response = answer(outcome)
    set_cookie(response, desk.request, None)
    return response


@router.put("/session/password", response_model=Done, responses=GUESSED, summary="Change the own password")
async def change_password(body: PasswordBody, desk: OwnSession) -> Response:
    """Every other session of the account ends; this one goes on."""
    reception, account = desk.runtime.reception, desk.account
    claim = claim_of(desk, body.old)
    credential = await reception.new_password(account, claim, body.new)
    command = ChangePassword(account=account.account, credential=credential, kept=desk.entered.proof)
    response = await desk.carry_out(command)
    await reception.settled(account.account)
    await reception.unlock(account.account)
    await know(response, desk.request, account.account)
    return response


@router.post(
    "/session/tokens",
    status_code=201,
    response_model=NewToken,
    responses=GUESSED,
    summary="Make a bearer token for the own account",
)
async def issue_token(body: OwnTokenBody, desk: Annotated[Desk, Depends(_present)]) -> Response:
    """For a program that acts in your name and role: the `secret` is shown here and never again.

    The password is asked for once more, and a code where there is a second factor.
    """
    if not desk.entered.by_session:
        raise NoSession
    account = desk.account.account
    await desk.runtime.reception.prove_again(desk.account, claim_of(desk, body.password, body.code))
    made = new_token(account)
    command = IssueOwnToken(account=account, token=made.token, digest=made.digest, expires_at=body.expires_at)
    outcome = await desk.outcome(command, keyed=False)
    headers = {"Dispatch-Position": str(outcome.position), "Cache-Control": "no-store"}
    answer = {"token": made.token, "secret": made.secret, "position": outcome.position}
    return JSONResponse(answer, 201, headers)


@router.delete(
    "/session/tokens/{token}",
    response_model=Done,
    responses=WRITES,
    summary="Revoke a token of the own account",
)
async def revoke_token(
    token: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="The token's id: 16 hex digits")],
    desk: AtDesk,
) -> Response:
    """It is worth nothing from the next request on, in every process. `GET /sessions` lists them."""
    return await desk.carry_out(RevokeOwnToken(account=desk.account.account, token=token))


def set_cookie(response: Response, request: Request, made: NewSession | None) -> None:
    """Give the browser the session's cookie, or take it away.

    It lives as long as the browser does; on a worker's phone, whose system closes it at any time, as long as
    the session may. When the session ends is the service's to say.
    """
    secret, max_age = (made.secret, made.outlives_browser) if made else ("", 0)
    give_cookie(response, request, COOKIE, secret, path="/", max_age=max_age)
