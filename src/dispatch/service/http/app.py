"""The ASGI application: routes, problems, guard and the life of the runtime."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Final

import psycopg
import sqlalchemy.exc
from fastapi import FastAPI

from dispatch.service.http import document, problems
from dispatch.service.http.guard import Guard
from dispatch.service.http.headers import SecurityHeaders
from dispatch.service.http.pages import Pages
from dispatch.service.http.rate import RateLimit
from dispatch.service.http.reader import asked_through
from dispatch.service.http.request_ids import RequestIds
from dispatch.service.http.routes import (
    accounts,
    audit,
    bundle,
    cases,
    disputes,
    escalation,
    figures,
    households,
    inbox,
    items,
    mode,
    oidc,
    outbox,
    permits,
    personal,
    photos,
    plans,
    policies,
    proofs,
    publications,
    second_factor,
    session,
    sessions,
    stream,
    system,
    tasks,
    towns,
)
from dispatch.service.http.straight import StraightWay
from dispatch.service.rights import require_declared
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings

assert escalation.SUMMARY  # its steps join those of tasks and cases when it is imported
KINDS: Final = (
    tasks,
    cases,
    disputes,
    permits,
    towns,
    policies,
    accounts,
    households,
    personal,
    plans,
    mode,
    session,
    second_factor,
    sessions,
    oidc,
    figures,
    publications,
    inbox,
    outbox,
    items,
    photos,
    stream,
    audit,
    proofs,
    bundle,
    system,
)
ROUTERS: Final = (*(module.router for module in KINDS), system.probes)


def _when_asked_to_stop(act: Callable[[], object]) -> None:
    """Act on SIGTERM and SIGINT before the server does, which waits for streams to end by themselves."""
    if current_thread() is not main_thread():
        return
    loop = asyncio.get_running_loop()

    servers = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        if callable(then := servers[signal.Signals(number)]):
            then(number, frame)

    for ending in servers:
        signal.signal(ending, stop)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; it opens the log when it starts and lets go of it when it stops."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        runtime = open_runtime(chosen)
        app.state.runtime = runtime
        await runtime.start()
        _when_asked_to_stop(runtime.feed.end)
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPI(lifespan=life, redirect_slashes=False, **document.ABOUT)
    for router in ROUTERS:
        # Not `include_router`: routers within routers are searched anew for each request.
        app.router.routes.extend(router.routes)
    app.router.routes.extend(Pages(chosen.webroot).routes())
    require_declared(asked_through(app.routes))
    problems.install(
        app, (psycopg.OperationalError, sqlite3.OperationalError, sqlalchemy.exc.OperationalError)
    )
    document.complete(app)
    limits = {photos.SENT_TO: chosen.photo_limit + photos.AROUND}
    app.add_middleware(Guard, body_limit=chosen.body_limit, limits=limits)
    # Outside of the framework's own layers, each of which costs a step as much as its command's rule does.
    straight = StraightWay(app.build_middleware_stack(), service=app)
    limited = RateLimit(
        straight,
        per_sender=chosen.requests_per_minute,
        per_address=chosen.requests_per_minute_per_address,
    )
    app.middleware_stack = RequestIds(SecurityHeaders(limited))
    return app
