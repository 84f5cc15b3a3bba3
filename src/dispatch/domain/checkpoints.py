"""Checkpoints on record: that the log got none, since it parts from what was signed, and gets them again."""

from enum import StrEnum

import msgspec

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


STREAM = "checkpoint:log"
"""There is one log."""


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the log is signed: `refused` is from which checkpoint it doesn't go on, None where it is."""

    refused: tuple[int, str] | None

    @property
    def place(self) -> str:
        """The whole log: it tells nothing of any place."""
        return ""

    @property
    def status(self) -> str:
        """Whether the log gets checkpoints."""
        return "resumed" if self.refused is None else "refused"


def evolve(_signing: Signing | None, event: CheckpointRefused | CheckpointResumed) -> Signing:
    """Return how it stands after `event`."""
    return Signing(refused=(event.size, event.sha256) if isinstance(event, CheckpointRefused) else None)
