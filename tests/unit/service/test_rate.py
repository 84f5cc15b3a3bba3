"""How many requests a sender may make: a minute's at once, then as they come in again."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from dispatch.service.http.rate import SAYS_AGAIN, SENDERS, Allowance, RateLimit


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


def test_who_is_silent_saves_up_no_more_than_a_minutes_requests() -> None:
    allowance = Allowance(60)
    assert allowance.wait("a", 0.0) == 0.0
    assert [allowance.wait("a", 3_600.0) for _ in range(60)] == [0.0] * 60
    assert allowance.wait("a", 3_600.0) == 1.0


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


def test_where_too_many_send_at_once_all_are_forgotten_and_nobody_is_refused() -> None:
    allowance = Allowance(1)
    assert all(allowance.wait(number, 0.0) == 0.0 for number in range(2 * SENDERS + 2))
    assert len(allowance._full_at) <= SENDERS


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


def started(limit: RateLimit, *requests: tuple[str, dict[bytes, bytes]]) -> list[Message]:
    """How the answer begins to each request from an address with headers, in the order that they are sent."""
    found: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            found.append(message)

    async def send_all() -> None:
        for port, (address, headers) in enumerate(requests):
            scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "client": (address, port)}
            await limit({**scope, "headers": list(headers.items())}, receive, send)

    asyncio.run(send_all())
    return found


def answers(limit: RateLimit, *requests: dict[bytes, bytes]) -> list[int]:
    """The status of the answer to each request with these headers, all from one address."""
    return [one["status"] for one in started(limit, *(("::1", headers) for headers in requests))]


def limited(per_sender: int, per_address: int = 0) -> RateLimit:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("")(scope, receive, send)

    return RateLimit(app, per_sender=per_sender, per_address=per_address)


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
    bearer = {b"authorization": b"Bearer a.b"}
    assert answers(limited(1), bearer, {**bearer, b"cookie": b"dispatch_session=c.d"}) == [200, 429]


def test_what_an_address_is_refused_is_not_taken_from_the_sender() -> None:
    one, other = {b"authorization": b"Bearer a.b"}, {b"authorization": b"Bearer c.d"}
    requests = ("::1", one), ("::1", other), ("::2", other), ("::3", other)
    found = [answer["status"] for answer in started(limited(1, per_address=1), *requests)]
    assert found == [200, 429, 200, 429]


def test_who_is_refused_is_told_to_wait_for_a_second_at_least() -> None:
    for limit in (limited(600), limited(0, per_address=600)):
        requests = [("::1", {b"authorization": b"Bearer a.b"})] * 2_000
        refused = [answer for answer in started(limit, *requests) if answer["status"] == 429]
        assert refused
        assert {dict(answer["headers"])[b"retry-after"] for answer in refused} == {b"1"}


def test_the_services_log_tells_of_refusals_once_for_a_while() -> None:
    limit = limited(1)
    with capture_logs() as said:
        assert answers(limit, *[{b"authorization": b"Bearer a.b"}] * 4) == [200, 429, 429, 429]
        assert [(one["event"], one["address"]) for one in said] == [("too_many_requests", "::1")]
        limit._silent_until -= SAYS_AGAIN
        assert answers(limit, {b"authorization": b"Bearer a.b"}) == [429]
    assert len(said) == 2


def test_no_proof_is_kept_in_memory() -> None:
    limit = limited(9)
    assert answers(limit, {b"authorization": b"Bearer a.canary"}, {b"cookie": b"dispatch_session=b.canary"})
    assert limit._senders is not None
    assert len(limit._senders._full_at) == 2
    assert "canary" not in repr(limit._senders._full_at)
