"""No client holds a line open, or the memory behind it, by a request that it doesn't end."""

import json
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dispatch.service.http.connection import LONGEST_HEAD, Connection

PATIENCE = 30.0
HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"


class Hasty(Connection):
    HEAD_WITHIN = 0.3
    BODY_WITHIN = 0.3


async def counts(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with how many bytes the body had."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def serving(protocol: type[HttpToolsProtocol]) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(
            uvicorn.Config(counts, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=1)
        )
        thread = Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            yield bound.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    yield from serving(Hasty)


@pytest.fixture(scope="module")
def without() -> Iterator[tuple[str, int]]:
    """Give the address of a server whose protocol is uvicorn's own."""
    yield from serving(HttpToolsProtocol)


def heard(line: socket.socket) -> bytes:
    """Return all that comes until the server hangs up."""
    found = b""
    try:
        while data := line.recv(65_536):
            found += data
    except ConnectionResetError:
        pass
    return found


def sent(address: tuple[str, int], *parts: bytes) -> bytes:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        for part in parts:
            line.sendall(part)
        return heard(line)


def problem_in(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"x-request-id: " in head
    found: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % found["status"])
    return found


def test_a_sound_request_is_answered_and_its_line_kept_for_the_next(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        for _ in range(3):
            line.sendall(HEAD + b"Content-Length: 2\r\n\r\nab")
            assert line.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_requests_behind_each_other_are_all_answered(address: tuple[str, int]) -> None:
    one = HEAD + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000
    found = sent(address, one * 3 + HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
    assert found.count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize(
    "rubbish",
    [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"x" * 99],
)
def test_what_is_not_http_is_told_so_by_a_problem(address: tuple[str, int], rubbish: bytes) -> None:
    assert problem_in(sent(address, rubbish))["code"] == "not-http"


@pytest.mark.parametrize("length", [0, 2])
def test_what_is_left_of_a_body_takes_nothing_from_the_answer(address: tuple[str, int], length: int) -> None:
    answer = sent(address, HEAD + b"Content-Length: %d\r\n\r\n" % length + b"ab, and more")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n%d" % length)


def test_a_body_in_broken_chunks_is_told_so(address: tuple[str, int]) -> None:
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    assert problem_in(sent(address, chunked + b"2\r\nab\r\nrubbish\r\n"))["code"] == "not-http"


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"X: " + b"y" * LONGEST_HEAD + b"\r\n\r\n",
        HEAD + b"X: " + b"y" * LONGEST_HEAD,
        HEAD + b"X: y\r\n" * 10_000,
        b"GET /" + b"y" * LONGEST_HEAD + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["one header", "one that has not ended", "many headers", "the address"],
)
def test_headers_beyond_their_limit_are_refused(address: tuple[str, int], request_: bytes) -> None:
    assert problem_in(sent(address, request_))["code"] == "headers-too-large"


def test_a_header_that_never_ends_is_not_taken_in(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        line.sendall(HEAD + b"X: ")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            line.sendall(b"y" * 64_000_000)


def test_the_largest_headers_are_taken(address: tuple[str, int]) -> None:
    room = LONGEST_HEAD - len(b"/xHostxConnectioncloseX")
    answer = sent(address, HEAD + b"Connection: close\r\nX: " + b"y" * room + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("begun", [b"P", HEAD, HEAD + b"X: y"])
def test_headers_that_do_not_end_are_waited_for_no_longer(address: tuple[str, int], begun: bytes) -> None:
    assert problem_in(sent(address, begun))["code"] == "request-too-slow"


@pytest.mark.parametrize(
    "begun",
    [b"", b"\r\n", HEAD + b"Content-Length: 9\r\n\r\nabc"],
    ids=["nothing", "an empty line", "a body"],
)
def test_a_line_on_which_nothing_comes_is_closed(address: tuple[str, int], begun: bytes) -> None:
    assert sent(address, *[begun] if begun else []) == b""


def test_an_empty_line_after_an_answer_does_not_hold_the_line(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=PATIENCE) as line:
        line.sendall(HEAD + b"Content-Length: 0\r\n\r\n")
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")
        line.sendall(b"\r\n")
        assert heard(line) == b""


@pytest.mark.parametrize("begun", [HEAD, b""], ids=["a head", "nothing"])
def test_without_it_such_a_line_stays_open(without: tuple[str, int], begun: bytes) -> None:
    with socket.create_connection(without, timeout=3 * Hasty.HEAD_WITHIN) as line:
        line.sendall(begun)
        with pytest.raises(TimeoutError):
            line.recv(1)
