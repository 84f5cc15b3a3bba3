"""How many requests a sender may make: a minute's at once, then as they come in again."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from dispatch.service.http.rate import SENDERS, Allowance, RateLimit


def test_a_minutes_requests_may_come_at_once_and_no_more() -> None:
    allowance = Allowance(60)
    assert [allowance.wait("a", 1_000.0) for _ in range(60)] == [0.0] * 60
    assert allowance.wait("a", 1_000.0) == 1.0
    assert allowance.wait("b", 1_000.0) == 0.0


@given(per_minute=st.integers(1, 100), now=st.floats(0, 1e7))
def test_a_minutes_requests_may_come_at_once_at_any_time(per_minute: int, now: float) -> None:
    allowance = Allowance(per_minute)
    assert [allowance.wait("a", now) for _ in range(per_minute)] == [0.0] * per_minute
    assert allowance.wait("a", now) > 0.0


def test_who_waits_as_long_as_he_is_told_may_go_on_once() -> None:
    allowance = Allowance(60)
    for _ in range(60):
        allowance.wait("a", 0.0)
    wait = allowance.wait("a", 0.5)
    assert wait == 0.5
    assert allowance.wait("a", 0.5 + wait) == 0.0
    assert allowance.wait("a", 0.5 + wait) == 1.0


def test_being_refused_costs_nothing() -> None:
    allowance = Allowance(60)
    for _ in range(1_000):
        allowance.wait("a", 0.0)
    assert allowance.wait("a", 1.0) == 0.0


def test_only_so_many_senders_are_known_and_who_waits_is_not_forgotten_for_those_who_do_not() -> None:
    allowance = Allowance(60)
    for _ in range(60):
        allowance.wait("a", 0.0)
    for number in range(2 * SENDERS):
        assert allowance.wait(number, number / 1_000) == 0.0
    assert len(allowance._full_at) <= SENDERS
    assert allowance._full_at["a"] == 60.0


@given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=300),
)
def test_no_minute_lets_more_through_than_two_minutes_worth(per_minute: int, pauses: list[float]) -> None:
    allowance, now, passed = Allowance(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        if not allowance.wait("a", now):
            passed.append(now)
    for begin in passed:
        # What was left of the minute before, and what comes in during this one.
        assert sum(begin <= at < begin + 60 for at in passed) <= 2 * per_minute + 1


def answers(limit: RateLimit, *requests: dict[bytes, bytes]) -> list[int]:
    """The status of the answer to each request with these headers, in the order that they are sent in."""
    found: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    async def send_all() -> None:
        for headers in requests:
            scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "client": ("::1", 1)}
            await limit({**scope, "headers": list(headers.items())}, receive, send)

    asyncio.run(send_all())
    return found


def limited(per_sender: int) -> RateLimit:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("")(scope, receive, send)

    return RateLimit(app, per_sender=per_sender, per_address=0)


def test_nothing_else_beside_a_proof_makes_another_sender_of_it() -> None:
    assert answers(limited(1), {b"authorization": b"Bearer a.b"}, {b"authorization": b"bEARER a.b"}) == [
        200,
        429,
    ]
    assert answers(limited(1), {b"authorization": b"Bearer a.b"}, {b"authorization": b"Bearer a.c"}) == [
        200,
        200,
    ]
    one, more = b"dispatch_session=a.b", b"x=1; dispatch_session=a.b; y=2"
    assert answers(limited(1), {b"cookie": one}, {b"cookie": more}) == [200, 429]
    assert answers(limited(1), {b"cookie": b"x=1"}, {b"cookie": b"x=1"}, {}) == [200, 200, 200]


def test_no_proof_is_kept_in_memory() -> None:
    limit = limited(9)
    assert answers(limit, {b"authorization": b"Bearer a.canary"}, {b"cookie": b"dispatch_session=b.canary"})
    assert limit._senders is not None
    assert len(limit._senders._full_at) == 2
    assert "canary" not in repr(limit._senders._full_at)
