"""Accounts and their bearer tokens, for administrators."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse, Response

from commands.accounts.add import AddAccount
from commands.accounts.end_sessions import EndSessions
from commands.accounts.issue_token import IssueToken
from commands.accounts.reset_second_factor import ResetSecondFactor
from commands.accounts.revoke import RevokeAccount
from commands.accounts.revoke_token import RevokeToken
from commands.accounts.unlink_identity import UnlinkIdentity
from commands.command import Outcome
from dispatch.domain.accounts import Account, Role
from dispatch.service.http.answers import READS, WRITES, AccountInList, Done, FirstPassword, NewToken
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import After, AtReader
from dispatch.service.http.routes import API
from dispatch.service.http.text import AccountKey, Body, MemberKey, Moment, Reason, Scope, Title
from dispatch.service.recipients import called
from dispatch.service.tokens import new_token
from projections.questions.asked import When

router = APIRouter(prefix=f"{API}/accounts", tags=["accounts"], responses=WRITES, route_class=JsonRoute)


class Add(Body):
    """Who may sign in, in which role and scope."""

    account: Annotated[AccountKey, Field(examples=["operator-1"])]
    name: Annotated[Title, Field(examples=["张敏"])]
    role: Role
    scope: Annotated[Scope, Field(examples=["500115101"])]
    member: MemberKey | None = None


class TokenEnd(Body):
    """When the token ends, if ever."""

    expires_at: Moment | None = None


class Revoke(Body):
    """Why."""

    reason: Reason


def _once(secret: dict[str, str], outcome: Outcome) -> Response:
    """Answer with what is shown this once and kept by nobody on the way."""
    headers = {"Dispatch-Position": str(outcome.position), "Cache-Control": "no-store"}
    return JSONResponse({**secret, "position": outcome.position}, 201, headers)


def _listed(account: Account, name: str, added_at: datetime, now: datetime) -> dict[str, Any]:
    ends = {key: token.expires_at for key, token in account.tokens.items()}
    good = {key: end for key, end in sorted(ends.items()) if end is None or now < end}
    return {
        "account": account.account,
        "name": name,
        "role": account.role,
        "scope": account.scope,
        "member": account.member,
        "added_at": added_at.isoformat(),
        "revoked": account.revoked,
        "password": "none"
        if account.credential is None
        else "first"
        if account.must_change_password
        else "own",
        "second_factor": account.factor is not None,
        "identity": account.identity is not None,
        "sessions": sum(now < one.expires_at for one in account.sessions.values()),
        "tokens": [{"token": key, "expires_at": end and end.isoformat()} for key, end in good.items()],
    }


@router.get("", response_model=list[AccountInList], responses=READS, summary="The accounts")
async def accounts(
    reader: AtReader,
    scope: Annotated[Scope | None, Query(description="Within the own one, which is the default")] = None,
    after: After = None,
) -> Response:
    """Those in the administrator's scope, revoked ones too, in the order of the ids; without any secret.

    An account of a member is called as the member is now.
    """
    await reader.caught_up(after)
    runtime, now = reader.runtime, reader.runtime.clock()
    found = await asyncio.to_thread(runtime.questions.accounts, When(now=now), reader.within(scope))
    states = [(await runtime.handler.state(f"account:{key}"), added) for key, added in found]
    return JSONResponse(
        [_listed(account, await called(runtime.handler, account), added, now) for account, added in states]
    )


@router.post("", status_code=201, response_model=Done, summary="Add an account")
async def add(body: Add, desk: AtDesk) -> Response:
    """Within the administrator's own scope; a grid worker's account names the member behind it.

    It is called as that member is, whatever he is renamed to; `name` is what it is called without one.
    All of that member's posts lie in the administrator's scope, or the town does.
    """
    return await desk.carry_out(AddAccount(**body.fields()), status=201)


@router.post("/{account}/tokens", status_code=201, response_model=NewToken, summary="Make a bearer token")
async def issue_token(account: AccountKey, body: TokenEnd, desk: AtDesk) -> Response:
    """For a grid worker's device, or as the first one of any other account.

    Once somebody signs in with an account that isn't a grid worker's, he makes its tokens himself, at
    `/session/tokens`. The `secret` is shown here and never again: the log holds its SHA-256 only.
    """
    token = new_token(account)
    command = IssueToken(account=account, token=token.token, digest=token.digest, expires_at=body.expires_at)
    outcome = await desk.outcome(command)
    return _once({"token": token.token, "secret": token.secret}, outcome)


@router.post("/{account}/tokens/{token}/revoke", response_model=Done, summary="Revoke a bearer token")
async def revoke_token(
    account: AccountKey, token: Annotated[str, Field(pattern="^[0-9a-f]{16}$")], desk: AtDesk
) -> Response:
    """It is worth nothing from the next request on."""
    return await desk.carry_out(RevokeToken(account=account, token=token))


@router.post(
    "/{account}/password", status_code=201, response_model=FirstPassword, summary="Give a first password"
)
async def reset_password(account: AccountKey, desk: AtDesk) -> Response:
    """It is shown here and never again, ends every session, and only serves to set one's own."""
    made = await desk.runtime.reception.first_password(account, desk.outcome)
    return _once({"password": made.password}, made.outcome)


@router.post("/{account}/sessions/end", response_model=Done, summary="End the sessions of an account")
async def end_sessions(account: AccountKey, desk: AtDesk) -> Response:
    """It is signed out everywhere from the next request on; its bearer tokens stay good."""
    return await desk.carry_out(EndSessions(account=account))


@router.post("/{account}/identity/unlink", response_model=Done, summary="Unlink a provider's identity")
async def unlink_identity(account: AccountKey, desk: AtDesk) -> Response:
    """For who has another one at the provider now: every session ends, and the next one is linked."""
    return await desk.carry_out(UnlinkIdentity(account=account))


@router.post("/{account}/second-factor/reset", response_model=Done, summary="Reset a second factor")
async def reset_second_factor(account: AccountKey, desk: AtDesk) -> Response:
    """For who has lost it: every session ends, and the password alone signs in until there is a new one."""
    response = await desk.carry_out(ResetSecondFactor(account=account))
    await desk.runtime.reception.settled(account)
    return response


@router.post("/{account}/revoke", response_model=Done, summary="Revoke an account")
async def revoke(account: AccountKey, body: Revoke, desk: AtDesk) -> Response:
    """It may do nothing from the next request on. The reason stays in the log in clear: nothing private.

    Where its notifications went (`recipient:account:ID`) is kept until it is erased.
    """
    response = await desk.carry_out(RevokeAccount(account=account, reason=body.reason))
    await desk.runtime.reception.settled(account)
    return response
