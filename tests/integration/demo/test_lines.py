"""The demonstration's lines to a service, against one that answers, closes or breaks off."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dispatch.demo.lines import Answer, Lines

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


def sent(serve: Serve, requests: int, *, pause: float = 0.0) -> tuple[list[Answer], int]:
    """Send requests one after the other; returns the answers and how many lines that took."""

    async def send() -> tuple[list[Answer], int]:
        lines: list[asyncio.Task[None]] = []

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            lines.append(task)
            await serve(reader, writer, len(lines))
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        client = Lines(*server.sockets[0].getsockname()[:2], most=2)
        answers = []
        try:
            for _ in range(requests):
                answers.append(await client.exchange(REQUEST))
                await asyncio.sleep(pause)
        finally:
            client.close()
            await asyncio.gather(*lines)
            server.close()
            await server.wait_closed()
        return answers, len(lines)

    return asyncio.run(send())


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: int) -> None:
    while not reader.at_eof():
        if await reader.readline() == b"\r\n":
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX: y\r\n\r\n{}")


async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n%d" % line)


async def last(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")


async def breaking_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{")


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n{}")


def test_one_line_serves_one_request_after_the_other() -> None:
    assert sent(answering, 3) == ([Answer(201, b"{}")] * 3, 1)


def test_a_line_that_the_service_has_closed_is_not_used_again() -> None:
    answers, lines = sent(once, 2, pause=0.05)
    assert ([answer.body for answer in answers], lines) == ([b"1", b"2"], 2)


def test_a_line_that_is_to_be_closed_is_not_used_again() -> None:
    assert sent(last, 2) == ([Answer(200, b"")] * 2, 2)


@pytest.mark.parametrize(("serve", "error"), [(breaking_off, EOFError), (endless, ConnectionError)])
def test_an_answer_that_is_not_whole_is_none(serve: Serve, error: type[Exception]) -> None:
    with pytest.raises(error):
        sent(serve, 1)
