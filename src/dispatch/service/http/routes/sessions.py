"""The own sessions: where one is signed in, and how to end that."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse, Response

from commands.accounts.sign_out import SignOut
from dispatch.domain.accounts import Account, SignedIn
from dispatch.eventlog import EventLog, moment
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.http.answers import READS, WRITES, Done, Sessions
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import AtReader
from dispatch.service.http.routes import API
from dispatch.service.http.routes.session import set_cookie
from dispatch.service.runtime import Runtime

router = APIRouter(prefix=f"{API}/sessions", tags=["session"], responses=READS, route_class=JsonRoute)

SessionKey = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="The session's id: 16 hex digits")]


def _addresses(log: EventLog, account: str) -> dict[str, str | None]:
    """Return where each session of an account was begun from."""
    recorded = map(decode_whole, log.read_stream(f"account:{account}"))
    return {
        one.event.session: one.metadata.address
        for one in recorded
        if isinstance(one.event, SignedIn) and one.metadata is not None
    }


def _tokens(account: Account, now: datetime) -> list[dict[str, Any]]:
    """Return an account's live bearer tokens, the newest first."""
    good = (
        (key, one) for key, one in account.tokens.items() if one.expires_at is None or now < one.expires_at
    )
    return [
        {
            "token": key,
            "since": one.since.isoformat(),
            "expires_at": one.expires_at and one.expires_at.isoformat(),
            "own": one.own,
        }
        for key, one in sorted(good, key=lambda item: item[1].since, reverse=True)
    ]


async def _sessions(account: Account, runtime: Runtime, current: str | None) -> list[dict[str, Any]]:
    """Return an account's live sessions, the newest first."""
    seen = await runtime.reception.live(account)
    addresses = await asyncio.to_thread(_addresses, runtime.log, account.account)
    return [
        {
            "session": key,
            "since": one.since.isoformat(),
            "last_seen_at": moment(seen[key]).isoformat(),
            "expires_at": one.expires_at.isoformat(),
            "method": one.method,
            "address": addresses.get(key),
            "current": key == current,
        }
        for key, one in sorted(account.sessions.items(), key=lambda item: item[1].since, reverse=True)
        if key in seen
    ]


@router.get("", response_model=Sessions, summary="Where I am signed in")
async def sessions(reader: AtReader) -> Response:
    """The live sessions and bearer tokens of the own account, the newest first."""
    current = reader.entered.proof if reader.entered.by_session else None
    found = await _sessions(reader.account, reader.runtime, current)
    return JSONResponse({"items": found, "tokens": _tokens(reader.account, reader.runtime.clock())})


@router.delete("/{session}", response_model=Done, responses=WRITES, summary="End one of my sessions")
async def end(session: SessionKey, desk: AtDesk) -> Response:
    """It is worth nothing from the next request on, in every process; its live stream ends too."""
    return await desk.carry_out(SignOut(account=desk.account.account, session=session))


@router.delete("", response_model=Done, responses=WRITES, summary="Sign out everywhere")
async def end_all(desk: AtDesk) -> Response:
    """Every session of the own account ends, this one too; bearer tokens stay good."""
    response = await desk.carry_out(SignOut(account=desk.account.account, why="signed out everywhere"))
    if desk.entered.by_session:
        set_cookie(response, desk.request, None)
    return response
