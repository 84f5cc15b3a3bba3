"""The server process: binds its address, says it, serves, and lets go gracefully when asked to stop."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from threading import Thread
from time import sleep
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from dispatch.domain.refusal import NotNow
from dispatch.service import logging
from dispatch.service.certificates import certificate_for
from dispatch.service.clock import system_clock
from dispatch.service.http.app import create_app
from dispatch.service.settings import Settings

GRACE: Final = 10
"""Seconds that requests, and streams, have to end when the service stops."""
PATIENCE: Final = 60
"""Seconds after which a worker process that says nothing is replaced; a busy machine starts one slowly."""
LOOK_AGAIN: Final = 0.05


APPLICATION: Final = "dispatch.service.server:application"
OPTIONS: Final[dict[str, Any]] = {
    "factory": True,
    "http": "dispatch.service.http.connection:Connection",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": GRACE,
    "timeout_worker_healthcheck": PATIENCE,
    "lifespan": "on",
}


class AddressNotFree(NotNow):
    """The service can't listen at that address: another program does, or it isn't this machine's."""


def _proxies(settings: Settings) -> dict[str, Any]:
    """Return how a request's address is told: nobody is believed about it but the proxies that are set."""
    trusted = settings.trusted_proxies
    return {"proxy_headers": bool(trusted.strip(" ,")), "forwarded_allow_ips": trusted}


def application() -> FastAPI:
    """Return the application of one process; its settings come from the environment."""
    settings = Settings()
    logging.configure(settings.log_level)
    return create_app(settings)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address, `AddressNotFree` if that can't be; port 0 is any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise AddressNotFree(address=f"{host}:{port}", error=error.strerror or str(error)) from None
    bound.set_inheritable(True)
    return bound


class _Server(uvicorn.Server):
    """A server that tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(settings: Settings, ready: Callable[[str], None]) -> bool:
    """Serve until SIGTERM or SIGINT; `ready` is told the address. Returns whether it ever started."""
    # The worker processes make their settings anew, from the environment.
    for name in ("database", "log_level", "environment", "clock"):
        os.environ[f"DISPATCH_{name.upper()}"] = str(getattr(settings, name))
    secure = certificate_for(settings, now=system_clock())
    options = {**OPTIONS, **_proxies(settings)}
    if secure is not None:
        options |= {"ssl_certfile": str(secure.chain), "ssl_keyfile": str(secure.key)}
    bound = bind(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    port = bound.getsockname()[1]
    address = f"{'http' if secure is None else 'https'}://{host}:{port}"
    with bound:
        if settings.workers == 1:
            # uvicorn raises the signal that ended it once more, when all is done: then nothing went wrong.
            for ending in (signal.SIGTERM, signal.SIGINT):
                signal.signal(ending, lambda *_: sys.exit())
            single = _Server(uvicorn.Config(APPLICATION, workers=1, **options), lambda: ready(address))
            single.run(sockets=[bound])
            return single.started
    # uvicorn binds it once more and hands it to its processes; that it can be bound is known by now.
    logging.configure(settings.log_level)
    Thread(target=_when_answering, args=(settings.host, port, lambda: ready(address)), daemon=True).start()
    uvicorn.run(APPLICATION, host=settings.host, port=port, workers=settings.workers, **options)
    return True


def _when_answering(host: str, port: int, ready: Callable[[], None]) -> None:
    """Tell when the first process listens."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            sleep(LOOK_AGAIN)
        else:
            ready()
            return
