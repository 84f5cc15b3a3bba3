"""The contract of the event log: what is appended, what is read, and what may go wrong."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from eventsourcing.persistence import IntegrityError, OperationalError

from dispatch.eventlog.vault.vault import WrappedKey

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST = 2**63 - 1
"""The largest number that either database holds in a column."""


def micros(moment: datetime) -> int:
    """Return an aware time as µs since 1970, UTC: the log's form of a time."""
    return (moment - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    """Return the aware UTC time of µs since 1970."""
    return EPOCH + timedelta(microseconds=micros)


class NewEvent(NamedTuple):
    """An event to append: its place in its stream (1, 2, …), when it happened (µs) and its JSON."""

    stream: str
    version: int
    name: str
    at: int
    state: bytes


class Stored(NamedTuple):
    """An event as the log holds it; `at` and `recorded_at` are µs since 1970, UTC."""

    position: int
    stream: str
    version: int
    name: str
    at: int
    recorded_at: int
    state: bytes


class StoredCommand(NamedTuple):
    """A command as the log holds it: its effect's first and last position, and its answer."""

    command_id: str
    fingerprint: bytes
    first: int
    last: int
    recorded_at: int
    outcome: bytes


def answered_as(fingerprint: bytes, outcome: bytes) -> str:
    """Return what the first event of a command says of the answer that is kept with it: 22 characters.

    Of the request's fingerprint, which is keyed, and the answer's bytes: where one ends is part of it.
    """
    both = len(fingerprint).to_bytes(8, "big") + fingerprint + outcome
    digest = hashlib.blake2b(both, digest_size=16).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Append:
    """One command's events, what its decision read, and the answer to keep with its id.

    `command_id` is unique for ever. `fingerprint` is of the request. `reads` gives for each stream the
    version that the decision saw (0: the stream must not exist); each stream with events is in it, and
    its events continue at that version + 1. `outcome` is the JSON to answer a repeat with.

    `keys` are kept with the events that were sealed under them, `telephones` (digest, subject) with the items
    that are found by them; of the subjects `erased`, both are destroyed.

    Raises `ValueError` when that doesn't hold, before anything reaches the database.
    """

    command_id: str
    fingerprint: bytes
    events: tuple[NewEvent, ...]
    reads: Mapping[str, int]
    outcome: bytes
    keys: tuple[WrappedKey, ...] = ()
    telephones: tuple[tuple[bytes, str], ...] = ()
    erased: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A value that the database refuses would fail the neighbours in the same transaction.
        _require_text(self.command_id)
        expected = dict(self.reads)
        for stream, version in expected.items():
            _require_text(stream)
            if not 0 <= version < LARGEST:
                raise ValueError(f"{stream!r} can't have been read at version {version}")
        for event in self.events:
            _require_text(event.name)
            before = expected.get(event.stream)
            if before is None:
                raise ValueError(f"{event.stream!r} has events but was not read")
            if event.version != before + 1:
                raise ValueError(f"{event.stream!r} goes on at {before + 1}, not at {event.version}")
            if not -LARGEST <= event.at <= LARGEST:
                raise ValueError(f"{event.stream!r} has an event at an impossible time")
            expected[event.stream] = event.version


def _require_text(text: str) -> None:
    if not text or "\0" in text:
        raise ValueError(f"{text!r} is empty or has a NUL character")
    text.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError


class Appended(NamedTuple):
    """What an append gave: its first and last position, both the head before if it had no events.

    `repeated` says that the command id was in the log already, and that this is its first answer.
    """

    first: int
    last: int
    recorded_at: int
    outcome: bytes
    repeated: bool


class StaleRead(IntegrityError):
    """What the decision read has changed meanwhile: load again and decide again."""

    def __init__(self, streams: Sequence[str]) -> None:
        self.streams = tuple(streams)
        super().__init__(f"changed since they were read: {', '.join(self.streams)}")


class CommandIdReused(IntegrityError):
    """The command id was used before, for another request."""

    def __init__(self, command_id: str) -> None:
        self.command_id = command_id
        super().__init__(f"command id {command_id!r} was used before, for another request")


class LogUnavailable(OperationalError):
    """The log's database is away: try again later with the same command id; nothing is known to be lost."""


class LogFull(LogUnavailable):
    """The database's disk is full: nothing was recorded, and it goes on by itself once there is room."""


class EventLog(ABC):
    """An append-only log with positions 1…n, without a gap, in commit order.

    One per process and database, safe to use from all threads. Each method that asks the database
    raises `LogUnavailable` after a few seconds when the database is away, and works again by
    itself when it is back.
    """

    @abstractmethod
    def append(self, append: Append) -> Appended:
        """Append durably, and return when that is done; the calling thread may commit for others too.

        Raises `StaleRead`, `CommandIdReused` or `LogUnavailable`.
        """

    @abstractmethod
    async def append_async(self, append: Append) -> Appended:
        """Append as `append` does; a caller that is cancelled may have appended all the same."""

    @abstractmethod
    def head(self) -> int:
        """Return the last position; 0 when the log is empty."""

    @abstractmethod
    def read(
        self,
        after: int = 0,
        until: int | None = None,
        happened_until: int | None = None,
        limit: int | None = None,
    ) -> list[Stored]:
        """Return the events after a position and up to another, in position order.

        `happened_until` (µs) leaves out what happened later; `limit` is a number of events.
        """

    @abstractmethod
    def read_stream(self, stream: str, after: int = 0) -> list[Stored]:
        """Return a stream's events after a version, in order; an unknown stream has none."""

    @abstractmethod
    def read_kind(self, kind: str) -> list[Stored]:
        """Return the events of all streams of a kind, `command` for `command:…`, in position order."""

    @abstractmethod
    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the version of each of these streams; 0 when it doesn't exist."""

    @abstractmethod
    def outcome(self, command_id: str) -> tuple[bytes, bytes, int] | None:
        """Return fingerprint, outcome and last position of a command that the log knows."""

    @abstractmethod
    def key(self, subject: str) -> WrappedKey | None:
        """Return what a subject's personal data is sealed with; None if it has no key, or no more."""

    @abstractmethod
    def wipe(self) -> bool:
        """Have the bytes of destroyed keys leave the database's files; False if others hindered it."""

    @abstractmethod
    def found_by_telephone(self, digest: bytes, limit: int) -> list[str]:
        """Return the subjects that were kept under the digest of a telephone number, up to `limit`."""

    @abstractmethod
    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before this time (µs); 0 when there is none."""

    @abstractmethod
    def wait(self, after: int, timeout: float) -> int:
        """Return the head as soon as it is above `after`, or as last known after `timeout` seconds."""

    @abstractmethod
    async def wait_async(self, after: int, timeout: float) -> int:  # noqa: ASYNC109 - the contract's form
        """Wait as `wait` does, without a thread."""

    @abstractmethod
    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call back with the head each time it rises; returns what ends that.

        The callback runs in the committing or the watching thread: it must be quick and not raise.
        """

    @abstractmethod
    def close(self) -> None:
        """Close all connections and end all threads; what is being committed is finished first."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
