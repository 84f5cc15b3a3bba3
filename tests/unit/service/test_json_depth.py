"""How deep a body may be: counted before anybody reads it, and never in its texts."""

import json
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st

from dispatch.service.http.app import create_app
from dispatch.service.http.json_bodies import DEEPEST, JsonRoute, JsonTooDeep, require_shallow
from dispatch.service.settings import Settings


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def shallow(text: bytes) -> bool:
    try:
        require_shallow(text)
    except JsonTooDeep:
        return False
    return True


ATOMS = st.none() | st.integers() | st.text() | st.sampled_from(["[" * 40, '"{', "\\", '\\"' + "[" * 40])


@given(
    st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner)),
    st.integers(0, DEEPEST + 2),
    st.booleans(),
)
def test_what_is_refused_is_what_is_deeper(value: Any, around: int, ascii_only: bool) -> None:
    for number in range(around):
        value = [value] if number % 2 else {"a": value}
    text = json.dumps(value, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    assert shallow(text) == (depth(value) <= DEEPEST)


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"a":' * 100_000, b'["' + b"\\" * 99_999 + b'"' + b"[" * 100]
)
def test_what_never_ends_is_looked_at_once(text: bytes) -> None:
    shallow(text)


def test_every_route_that_takes_a_body_reads_it_this_way() -> None:
    app = create_app(Settings(database="sqlite:///:memory:"))
    taking = [route for route in app.routes if isinstance(route, APIRoute) and route.body_field is not None]
    assert len(taking) > 50
    assert [route.path for route in taking if not isinstance(route, JsonRoute)] == []
