"""A line to a PostgreSQL server that can be cut, frozen, or made to lose one acknowledgement."""

import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

COMMITTED = b"COMMIT\0"
"""How the server's acknowledgement of a commit ends."""


class Proxy:
    """A line to a PostgreSQL server that can be cut, frozen, or made to lose one acknowledgement."""

    def __init__(self, url: str) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="dispatch-line-"))
        parts = urlsplit(url)
        self._server = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self.url = parts._replace(query=f"host={self._directory}").geturl()
        self.flows = Event()
        self.flows.set()
        self._stuck: list[Event] = []
        self.loses_commit = Event()
        self.lost = Event()
        self._ends: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._directory / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break all lines that are open now."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def half_open(self) -> None:
        """Leave all lines that are open now as they are, and carry nothing on them any more."""
        stuck, self.flows = self.flows, Event()
        self._stuck.append(stuck)
        self.flows.set()
        stuck.clear()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for flows in (self.flows, *self._stuck):
            flows.set()
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._ends):
            end.close()
        shutil.rmtree(self._directory)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._ends += [client, server]
            try:
                server.connect(self._server)
            except OSError:  # there is no server just now
                client.shutdown(socket.SHUT_RDWR)
                continue
            flows = self.flows
            for source, target in ((client, server), (server, client)):
                pump = Thread(target=self._pump, args=(source, target, flows, source is server))
                self._threads.append(pump)
                pump.start()

    def _pump(self, source: socket.socket, target: socket.socket, flows: Event, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                flows.wait()
                if answers and self.loses_commit.is_set() and COMMITTED in data:
                    self.loses_commit.clear()
                    self.lost.set()
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
