"""An endpoint has taken a checkpoint when it says so: not by leading elsewhere, nor by talking on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dispatch.service import checkpoints as module
from dispatch.service.checkpoints import post
from tests.e2e.http.checkpoint_endpoint import Endpoint, endpoint

NOW = datetime(2024, 3, 4, 9, tzinfo=UTC)


@pytest.fixture
def outside() -> Iterator[Endpoint]:
    with endpoint() as there:
        yield there


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308, 404])
def test_what_is_no_success_is_a_failure(outside: Endpoint, status: int) -> None:
    outside.answers = status
    with pytest.raises(OSError, match=f"it answered {status}"):
        post(outside.url, "a note")
    assert outside.came == [(status, "a note")]
    assert outside.led == 0


def test_the_whole_exchange_has_a_deadline(outside: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POST_SECONDS", 0.5)
    outside.dripping = True
    with pytest.raises(OSError, match=r"no answer within 0\.5 seconds"):
        post(outside.url, "a note")


def test_nobody_there_is_a_failure(outside: Endpoint) -> None:
    with pytest.raises(OSError, match="no connection: Connection refused"):
        post("http://127.0.0.1:1/checkpoints", "a note")
    assert outside.came == []
