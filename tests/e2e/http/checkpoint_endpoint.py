"""An endpoint that checkpoints are delivered to: takes them, refuses them, or keeps the sender waiting."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

from typing_extensions import override


class Endpoint:
    """What came, in order, and what it `answers`; nobody is answered while `open` is not set.

    While it is `dripping`, its answer's head comes a byte at a time, without an end. A redirect leads to
    another place here, where somebody may be `led`.
    """

    def __init__(self) -> None:
        self.came: list[tuple[int, str]] = []
        self.answers = 204
        self.dripping = False
        self.led = 0
        self.open = Event()
        self.open.set()
        self.closing = Event()
        self._news = Condition()
        self.url = ""

    def take(self, note: str) -> int:
        """Note what came and return the status to answer with."""
        status = self.answers
        with self._news:
            self.came.append((status, note))
            self._news.notify_all()
        self.open.wait()
        return status

    def until(self, number: int, seconds: float = 60.0) -> list[tuple[int, str]]:
        """Return what came, as soon as there are so many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.came) >= number, seconds), self.came
            return list(self.came)


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Listen on a free port of this machine."""
    there = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            note = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status = there.take(note)
            with suppress(OSError):  # who waited so long has gone
                self.send_response(status)
                self.flush_headers()
                while there.dripping and not there.closing.wait(0.05):
                    self.wfile.write(b"X")
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

        def do_GET(self) -> None:
            there.led += 1
            self.send_response(200)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_port}/checkpoints"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        there.open.set()
        there.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
