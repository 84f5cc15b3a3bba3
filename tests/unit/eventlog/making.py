"""Appends for tests of the log, with as little said as possible."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from dispatch.eventlog.log import Append, NewEvent

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
STATE = b'{"data":{"type":"thing.happened"},"meta":{}}'


class Clock:
    """A clock that stands until it is moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def event(stream: str, version: int, *, at: int = 0, state: bytes = STATE) -> NewEvent:
    return NewEvent(stream, version, "thing.happened", at, state)


def append(
    stream: str,
    *,
    at: int = 0,
    read: int = 0,
    events: int = 1,
    command_id: str = "",
    fingerprint: bytes = b"request",
) -> Append:
    """An append of some events to one stream that was read at some version."""
    versions = range(read + 1, read + events + 1)
    command_id = command_id or uuid4().hex
    return Append(
        command_id=command_id,
        fingerprint=fingerprint,
        events=tuple(event(stream, version, at=at) for version in versions),
        reads={stream: read},
        outcome=f'"{command_id}"'.encode(),
    )
