"""Sends prepared requests over a number of connections, as lightly as Python can, and counts the answers."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple, cast

import uvloop


class Load(NamedTuple):
    """What came of it: answers a second, and how many had which status."""

    per_second: float
    statuses: Counter[int]


def request(method: str, path: str, token: str, body: bytes, **headers: str) -> bytes:
    """Return one HTTP/1.1 request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class _Connection(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as it has its answer."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[int], done: asyncio.Future[None]) -> None:
        self._requests, self._statuses, self._done = requests, statuses, done
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = (
            int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
            if at > 0
            else 0
        )
        if len(self._buffer) < end + 4 + length:
            return
        self._statuses[int(self._buffer[9:12])] += 1
        self._buffer = self._buffer[end + 4 + length :]
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the server hung up"))

    def _next(self) -> None:
        assert self._transport is not None
        following = next(self._requests, None)
        if following is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(following)


async def _send(port: int, requests: list[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    shared = iter(requests)
    began = time.perf_counter()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for done in ends:
        await loop.create_connection(partial(_Connection, shared, statuses, done), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return Load(len(requests) / (time.perf_counter() - began), statuses)


def send(port: int, requests: list[bytes], connections: int = 32) -> Load:
    """Send every request once over `connections` connections to this machine and wait for all answers."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_send(port, requests, connections))
