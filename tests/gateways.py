"""Real gateways for tests: a webhook and a mail server on this machine, which do as they are told."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

HEADER = "Dispatch-Notification"


class Webhook:
    """A webhook: answers with `status`, or not at all while it `hangs`; keeps what it `takes`, by its key."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.released = Event()
        self.got: list[tuple[str, Any]] = []
        self.takes: Callable[[str], bool] = lambda _: True
        self.port = 0

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.got]

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{{address}}"

    def take(self, key: str, body: Any) -> None:
        if self.takes(key):
            self.got.append((key, body))
        if self.hangs:
            self.released.wait(30)


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Run a webhook on a free port."""
    hook = Webhook()

    class Handling(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hook.take(self.headers[HEADER], body)
            try:
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                self.close_connection = True

        @override
        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        @override
        def handle_error(self, request: Any, client_address: Any) -> None:
            return

    server = Server(("127.0.0.1", 0), Handling)
    hook.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """What a mail server got, and the addresses of the envelopes."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=dispatch@town.example&to={{address}}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((list(envelope.rcpt_tos), message))
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server on a free port."""
    box = Mailbox()

    class OnAnyPort(Controller):
        @override
        def _trigger_server(self) -> None:
            # It connects to the port that it was given, which is none in particular.
            assert isinstance(self.server, asyncio.Server)
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()  # type: ignore[no-untyped-call] # aiosmtpd has types for some only

    controller = OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
