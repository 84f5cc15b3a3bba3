"""Sends requests as they are, however malformed, and reads the answers; nothing is made nicer on the way."""

import json
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 30.0
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Answer:
    """What the service answered."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The problem's stable code; checks that it is a whole problem document."""
        assert self.headers["Content-Type"] == PROBLEM, (self.status, self.content[:500])
        problem = self.json
        assert problem["status"] == self.status
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["title"].strip()
        code: str = problem["code"]
        return code

    @property
    def position(self) -> int:
        return int(self.headers["Dispatch-Position"])

    def item(self, kind: str) -> str:
        """The id of the first item of this kind that a command wrote to."""
        assert self.status in {200, 201}, self
        key: str = next(item["id"] for item in self.json["items"] if item["kind"] == kind)
        return key


@dataclass(frozen=True)
class Client:
    """Sends requests to one address, each over a connection of its own, with one token or none."""

    address: str
    token: str | None = None

    def bearing(self, token: str | None) -> "Client":
        return Client(self.address, token)

    def connect(self) -> HTTPConnection:
        parts = urlsplit(self.address)
        assert parts.hostname is not None
        return HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str | bytes] | None = None,
    ) -> Answer:
        """Send one request; `body` goes as JSON, `content` as it is (chunked if it comes in pieces)."""
        given: dict[str, str | bytes] = {}
        if self.token is not None:
            given["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            given["Content-Type"] = "application/json"
        given |= headers or {}
        connection = self.connect()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            whole = content if isinstance(content, bytes) else None
            if whole is not None and "Content-Length" not in given:
                given["Content-Length"] = str(len(whole))
            if content is not None and whole is None:
                given["Transfer-Encoding"] = "chunked"
            for name, value in given.items():
                connection.putheader(name, value)
            with suppress(BrokenPipeError, ConnectionResetError):
                # Who is refused early reads the refusal, though he could not say all he wanted.
                connection.endheaders(content, encode_chunked=whole is None)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and return all that comes back until the service hangs up."""
        parts = urlsplit(self.address)
        assert parts.hostname is not None
        assert parts.port is not None
        found = b""
        with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as line:
            with suppress(OSError):  # it may hang up amid this, and a line that is gone can't be shut either
                line.sendall(request)
                line.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                while data := line.recv(65_536):
                    found += data
        return found

    def head(self) -> int:
        """The log's last position, as readiness tells it to everybody."""
        position: int = self.bearing(None).get("/readyz").json["head"]
        return position
