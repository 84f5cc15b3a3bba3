"""The service about itself: whether it is well, and its clock."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from dispatch.domain.refusal import Unknown
from dispatch.service.clock import SimulatedClock
from dispatch.service.http.answers import READS, Clock
from dispatch.service.http.entrance import runtime_of
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import AtReader
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body, Moment
from dispatch.service.runtime import Runtime

router = APIRouter(prefix=API, tags=["service"], responses=READS, route_class=JsonRoute)
probes = APIRouter(tags=["service"])
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
"""Headers by which a proxy says for whom it asks."""


class ClockIsReal(Unknown):
    """The service runs on the system's clock; only DISPATCH_CLOCK=simulated can be set."""


class SetClock(Body):
    """What time it is from now on."""

    now: Moment


async def _clock(runtime: Runtime) -> JSONResponse:
    clock = runtime.clock
    position = await asyncio.to_thread(runtime.log.head)
    body = {
        "now": clock().isoformat(),
        "simulated": isinstance(clock, SimulatedClock),
        "position": position,
    }
    return JSONResponse(body, headers={"Dispatch-Position": str(position)})


@router.get("/clock", response_model=Clock, summary="What time it is for the service")
async def clock(reader: AtReader) -> Response:
    """The system's time, or the simulated one."""
    return await _clock(reader.runtime)


@router.put("/clock", response_model=Clock, summary="Set the simulated clock forward")
async def set_clock(body: SetClock, reader: AtReader) -> Response:
    """For the demonstration and tests: what is due on the way happens before this is answered."""
    clock = reader.runtime.clock
    if not isinstance(clock, SimulatedClock):
        raise ClockIsReal
    await reader.runtime.timers.pass_until(body.now)
    return await _clock(reader.runtime)


@probes.get("/healthz", summary="Whether the process lives")
async def healthz() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "alive"}


@probes.get(
    "/readyz",
    summary="Whether the service does its work",
    responses={503: {"description": "It does not; the answer says which part stands still"}},
)
async def readyz(request: Request) -> Response:
    """503 while the database is away or full, a projection stands still or a timer is long past due.

    What went wrong, positions and deliveries are told to this machine only.
    """
    state = await runtime_of(request).readiness()
    status = HTTPStatus.OK if state["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
    headers = {} if state["ready"] else {"Retry-After": "5"}
    return JSONResponse(state if _near(request) else _for_everybody(state), status, headers)


def _near(request: Request) -> bool:
    """Tell whether this machine itself asks, and not somebody through a proxy on it."""
    host = request.client.host if request.client else None
    return host in LOOPBACK and not FORWARDED & set(request.headers)


def _for_everybody(state: dict[str, Any]) -> dict[str, Any]:
    """Leave out what tells of the machine and of what goes on: paths, errors, positions, deliveries."""
    return {name: state[name] for name in ("ready", "database", "timers")} | {
        part: {"state": state[part]["state"]} for part in ("read_models", "checkpoints")
    }
