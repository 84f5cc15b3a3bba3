"""The lines to the service: HTTP/1.1 connections that stay open, each for one request at a time.

A client library does much more than this needs, and costs as much for each request as the service does: on
two cores the people's devices would take from the service the time that is to be shown.
"""

import asyncio
from typing import Final, NamedTuple

ANSWERS_WITHIN: Final = 60.0
"""Seconds."""
_END: Final = b"\r\n"
_LENGTH: Final = _END + b"content-length:"
_CLOSE: Final = _END + b"connection: close"


class Answer(NamedTuple):
    """What came back: the status and the body."""

    status: int
    body: bytes


class _Line(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def open(self) -> bool:
        """Whether neither side has closed it, as far as is known here."""
        return not (self.reader.at_eof() or self.writer.is_closing())

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and return its answer, after which the line is free again."""
        self.writer.write(request)
        head = (await self.reader.readuntil(2 * _END)).lower()
        begin = head.find(_LENGTH)
        if begin < 0:
            raise ConnectionError("an answer without its length")
        length = int(head[begin + len(_LENGTH) : head.index(_END, begin + len(_END))])
        answer = Answer(int(head.split(None, 2)[1]), await self.reader.readexactly(length))
        if _CLOSE in head:
            self.writer.close()
        return answer


class Lines:
    """Up to `most` lines to one address; a request waits until one is free."""

    def __init__(self, host: str, port: int, *, most: int) -> None:
        self._address = (host, port)
        self._idle: list[_Line] = []
        self._free = asyncio.Semaphore(most)

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and return its answer; `OSError`, `EOFError` or `TimeoutError` if none came."""
        async with self._free, asyncio.timeout(ANSWERS_WITHIN):
            line = await self._take()
            try:
                answer = await line.exchange(request)
            except BaseException:
                line.writer.close()
                raise
            self._idle.append(line)
            return answer

    async def _take(self) -> _Line:
        while self._idle:
            # The one that was used last: the service closes those that were idle for a while.
            line = self._idle.pop()
            if line.open:
                return line
            line.writer.close()
        return _Line(*await asyncio.open_connection(*self._address))

    def close(self) -> None:
        """Close all that are open."""
        while self._idle:
            self._idle.pop().writer.close()
