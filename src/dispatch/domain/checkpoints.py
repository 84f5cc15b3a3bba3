"""Checkpoints on record: that the log gets none, or that none is delivered outside, and that it is again."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event


class Finding(StrEnum):
    """Why the log doesn't go on from a checkpoint that was signed before."""

    SHORTER = "shorter"
    """The checkpoint knows more events: a backup was restored, or events were taken away."""
    OTHER_EVENTS = "other_events"
    """The log begins with others than those that were signed."""
    OTHER_LOG = "other_log"
    """The checkpoint is of a log of another name."""
    OTHER_KEY = "other_key"
    """The checkpoint was not signed by the key of this installation."""
    UNREADABLE = "unreadable"
    """What lies where the last checkpoint is looked for is none; its `size` is that of the file's name."""


class Discrepancy(msgspec.Struct, frozen=True, kw_only=True):
    """A log of `held` events doesn't go on from a checkpoint of `size` events with a root.

    The root `sha256` is in base64, as in the checkpoint, and empty where that can't be read.
    """

    finding: Finding
    size: int
    sha256: str
    held: int


class CheckpointRefused(Event, frozen=True, kw_only=True, tag="checkpoint.refused"):
    """Nothing is signed from here on; the fields are those of `Discrepancy`."""

    finding: Finding
    size: int
    sha256: str
    held: int


class CheckpointResumed(Event, frozen=True, kw_only=True, tag="checkpoint.resumed"):
    """The log is signed again, first its `size` events with the root `sha256` (base64)."""

    size: int
    sha256: str


class Outside(StrEnum):
    """Where checkpoints go outside the database."""

    DIRECTORY = "directory"
    ENDPOINT = "endpoint"


class CheckpointUndelivered(Event, frozen=True, kw_only=True, tag="checkpoint.undelivered"):
    """No checkpoint is delivered `to` a place outside, `since` when, and what was said of it last."""

    to: Outside
    since: datetime
    error: str


class CheckpointDelivered(Event, frozen=True, kw_only=True, tag="checkpoint.delivered"):
    """Checkpoints are delivered `to` a place again, first that of `size` events."""

    to: Outside
    size: int


STREAM = "checkpoint:log"
"""There is one log."""


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the log is signed: `refused` is from which checkpoint it doesn't go on, None where it is.

    `undelivered` are the places outside that get no checkpoints.
    """

    refused: tuple[int, str] | None = None
    undelivered: tuple[Outside, ...] = ()

    @property
    def place(self) -> str:
        """The whole log: it tells nothing of any place."""
        return ""

    @property
    def status(self) -> str:
        """Whether the log gets checkpoints, and they get outside."""
        if self.refused is not None:
            return "refused"
        return "undelivered" if self.undelivered else "resumed"


def evolve(
    signing: Signing | None,
    event: CheckpointRefused | CheckpointResumed | CheckpointUndelivered | CheckpointDelivered,
) -> Signing:
    """Return how it stands after `event`."""
    before = signing or Signing()
    match event:
        case CheckpointRefused():
            return replace(before, refused=(event.size, event.sha256))
        case CheckpointResumed():
            return replace(before, refused=None)
        case CheckpointUndelivered():
            return replace(before, undelivered=(*before.undelivered, event.to))
        case CheckpointDelivered():
            return replace(before, undelivered=tuple(to for to in before.undelivered if to != event.to))
