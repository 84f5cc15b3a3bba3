"""What is refused before any route sees it: addresses that nobody can mean, and bodies over their limit."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from dispatch.service.http import guard
from dispatch.service.http.guard import LONGEST_ADDRESS, BodyTooLargeError, Guard

LIMIT, PHOTOS = 10, 20


class Told(NamedTuple):
    """What a sender was told, what the application was given, and what was left unread."""

    status: int
    closes: bool
    body: bytes
    given: list[bytes]
    unread: int


def sent(
    *parts: bytes,
    path: str = "/",
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    early: bool = False,
) -> Told:
    """Send a body in parts; with `early` the application answers before it has read anything."""
    messages: list[Message] = [{"type": "http.request", "body": one, "more_body": True} for one in parts[:-1]]
    messages.append({"type": "http.request", "body": parts[-1] if parts else b"", "more_body": False})
    said: list[Message] = []
    given: list[bytes] = []

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if early:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            given.append(await Request(scope, receive).body())
        except (BodyTooLargeError, ClientDisconnect):
            if early:
                raise
            # As frameworks do that make an answer of whatever is raised.
            await PlainTextResponse("half a body", 400)(scope, receive, send)
            return
        await PlainTextResponse("taken")(scope, receive, send)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "query_string": query}
    scope["headers"] = list(headers)
    asyncio.run(Guard(app, LIMIT, {"/photos": PHOTOS})(scope, receive, send))
    starts = [message for message in said if message["type"] == "http.response.start"]
    assert len(starts) == 1, said
    assert said[-1].get("more_body", False) is False
    assert [message["type"] for message in said[1:]] == ["http.response.body"] * (len(said) - 1)
    return Told(
        starts[0]["status"],
        dict(starts[0]["headers"]).get(b"connection") == b"close",
        b"".join(message.get("body", b"") for message in said[1:]),
        given,
        len(messages),
    )


def length(value: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", value)]


@pytest.mark.parametrize("headers", [[], length(b"10")])
def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_not(headers: list[tuple[bytes, bytes]]) -> None:
    assert sent(b"12345", b"67890", headers=headers).given == [b"1234567890"]
    told = sent(b"12345", b"67890", b"1", headers=headers)
    assert (told.status, told.closes, told.given) == (413, True, [])
    assert b"body-too-large" in told.body
    assert b"half a body" not in told.body


@pytest.mark.parametrize("said", [b"11", b"-1", b"1x", b"", b"1" * 5_000, "１".encode()])
def test_a_length_over_the_limit_or_that_is_none_is_refused_unread(said: bytes) -> None:
    told = sent(b"1", headers=length(said))
    assert (told.status, told.given) == (413, [])


def test_each_address_has_its_own_limit() -> None:
    assert sent(bytes(PHOTOS), path="/photos", headers=length(b"20")).status == 200
    assert sent(bytes(PHOTOS + 1), path="/photos").status == 413
    for path in ("/", "/photos/", "/photos/1"):
        assert sent(bytes(PHOTOS), path=path).status == 413


@pytest.mark.parametrize(
    ("path", "query"),
    [("/a\0", b""), ("/", b"a=%00"), ("/", b"a=\0"), ("/", b"a" * (LONGEST_ADDRESS + 1))],
)
def test_an_address_that_nobody_can_mean_is_refused(path: str, query: bytes) -> None:
    told = sent(path=path, query=query)
    assert (told.status, told.given) == (400, [])
    assert b"address-malformed" in told.body


def test_a_long_address_is_taken() -> None:
    assert sent(query=b"a" * LONGEST_ADDRESS).status == 200


def test_what_was_begun_to_be_answered_is_not_answered_twice() -> None:
    with pytest.raises(BodyTooLargeError):
        sent(bytes(LIMIT + 1), early=True)


def test_who_is_refused_is_heard_out_so_far_and_not_if_he_waits_to_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = [bytes(LIMIT + 1)] * 10
    assert sent(*parts).unread == 0
    assert sent(*parts, headers=[(b"expect", b"100-continue")]).unread == 9
    monkeypatch.setattr(guard, "TAKEN_IN", 3 * (LIMIT + 1))
    assert sent(*parts).unread == 6


def test_who_is_refused_and_sends_no_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "TAKEN_IN_FOR", 0.05)
    said: list[Message] = []

    async def receive() -> Message:
        return await asyncio.Future()

    async def send(message: Message) -> None:
        said.append(message)

    async def refused() -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
        async with asyncio.timeout(30):
            await Guard(PlainTextResponse("taken"), LIMIT, {})(
                {**scope, "headers": length(b"11")}, receive, send
            )

    asyncio.run(refused())
    assert said[0]["status"] == 413
