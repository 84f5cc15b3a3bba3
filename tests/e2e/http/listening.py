"""A listener of the live stream: reads server-sent events as they come, over a connection of its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from types import TracebackType
from typing import Any, Self

from tests.e2e.http.client import Client


@dataclass
class Frame:
    """One server-sent event: its id, name and data; what is only a comment or an id has no name."""

    id: int | None = None
    name: str = ""
    data: Any = None
    raw: list[str] = field(default_factory=list)


class Listener:
    """Listens while in the `with` block; `last` is the id to go on from.

    He bears the client's token, or a session's `cookie`. What the stream tells of his inbox is left
    out, unless that is what he listens to.
    """

    def __init__(
        self,
        client: Client,
        *,
        after: int | None = None,
        last: int | None = None,
        inbox: bool = False,
        cookie: str | None = None,
    ) -> None:
        self._client, self._after, self.last = client, after, last
        self._inbox = inbox
        self._proof = {"Authorization": f"Bearer {client.token}"} if cookie is None else {"Cookie": cookie}
        self._connection: HTTPConnection | None = None
        self._response: HTTPResponse | None = None
        self.ended = False

    def __enter__(self) -> Self:
        path = "/api/v1/stream" + (f"?after={self._after}" if self._after is not None else "")
        # As a browser asks: what comes bit by bit must not be kept back to be compressed.
        headers = {**self._proof, "Accept-Encoding": "gzip, deflate, br"}
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        self._connection = self._client.connect()
        self._connection.request("GET", path, headers=headers)
        self._response = self._connection.getresponse()
        assert self._response.status == 200, self._response.read()
        assert self._response.headers["Content-Type"].startswith("text/event-stream")
        assert self._response.headers["Content-Encoding"] is None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._connection is not None
        assert self._response is not None
        self._response.close()
        self._connection.close()

    def frames(self) -> Iterator[Frame]:
        """Give each frame as it comes, until the service ends the stream."""
        assert self._response is not None
        frame = Frame()
        with suppress(ConnectionResetError):
            while line := self._response.readline():
                text = line.decode().rstrip()
                if text:
                    frame.raw.append(text)
                    name, _, value = text.partition(": ")
                    if name == "id":
                        frame.id = self.last = int(value)
                    elif name == "event":
                        frame.name = value
                    elif name == "data":
                        frame.data = json.loads(value)
                    continue
                if frame.raw and (frame.name != "inbox" or self._inbox):
                    yield frame
                frame = Frame()
        self.ended = True

    def events(self, until: Callable[[Frame], bool]) -> list[Frame]:
        """Return the events that come, up to the first frame for which `until` holds."""
        found = []
        for frame in self.frames():
            if frame.name:
                found.append(frame)
            if until(frame):
                return found
        return found

    def up_to(self, position: int) -> list[Frame]:
        """Return the events that come, up to a log position."""
        if self.last is not None and self.last >= position and self._after is None:
            return []
        return self.events(lambda frame: frame.id is not None and frame.id >= position)
