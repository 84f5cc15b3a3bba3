"""What the straight way makes of a step's body."""

import pytest

from dispatch.service.http.bodies import Acceptance, Why
from dispatch.service.http.straight import _body


def test_an_empty_body_says_nothing_where_nothing_needs_to_be_said() -> None:
    assert _body(Acceptance, {"type": "http.request", "body": b""}) == Acceptance()
    assert _body(Acceptance, {"type": "http.request"}) == Acceptance()


@pytest.mark.parametrize("text", [b"", b"{}", b"null", b"{"])
def test_what_lacks_something_is_left_to_the_framework(text: bytes) -> None:
    assert _body(Why, {"type": "http.request", "body": text}) is None
