"""What an append must be, before any database sees it."""

import pytest

from dispatch.eventlog.log import Append, NewEvent, answered_as
from tests.unit.eventlog.making import event


def an_append(*events: NewEvent, reads: dict[str, int], command_id: str = "1") -> Append:
    return Append(command_id, b"", events, reads, b"null")


def test_events_go_on_from_the_version_that_was_read() -> None:
    an_append(event("a", 4), event("b", 1), event("a", 5), reads={"a": 3, "b": 0, "only-read": 7})


@pytest.mark.parametrize("version", [3, 5, 0])
def test_a_version_that_does_not_follow_what_was_read_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="goes on at 4"):
        an_append(event("a", version), reads={"a": 3})


def test_a_stream_that_was_not_read_gets_no_events() -> None:
    with pytest.raises(ValueError, match="was not read"):
        an_append(event("a", 1), reads={"b": 0})


@pytest.mark.parametrize("text", ["", "nul\0", "half a \ud83d pair"])
def test_text_that_no_database_takes_is_refused_before_it_reaches_the_neighbours(text: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        an_append(reads={}, command_id=text)
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        an_append(reads={text: 0})
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        an_append(event("a", 1)._replace(name=text), reads={"a": 0})


@pytest.mark.parametrize("version", [-1, 2**63])
def test_a_version_that_can_not_be_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="can't have been read"):
        an_append(reads={"a": version})


def test_a_time_that_can_not_be_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible time"):
        an_append(event("a", 1, at=2**63), reads={"a": 0})


def test_what_is_said_of_an_answer_tells_where_the_requests_fingerprint_ends() -> None:
    assert answered_as(b"0123456789abcde ", b"{}") != answered_as(b"0123456789abcde", b" {}")
