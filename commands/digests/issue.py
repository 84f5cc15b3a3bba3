"""Issue: the service puts a day's digest on record, once, and so tells it to the auditors."""

from datetime import date

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.digests import DigestIssued
from dispatch.domain.refusal import Unacceptable


class NothingDigested(Unacceptable):
    """A digest is of a day on which something was recorded."""


class IssueDigest(Command, frozen=True, kw_only=True, tag="digest.issue"):
    """Put a day's digest on record; the fields are those of the event."""

    day: date
    first: int
    last: int
    events: dict[str, int]
    actors: int
    sha256: str
    sm3: str
    checkpoint: str | None

    @property
    def stream(self) -> str:
        """The day's own."""
        return f"digest:{self.day.isoformat()}"


def decide(command: IssueDigest, context: Context) -> Decision:
    """Record it, unless the day's is on record already."""
    if not 1 <= command.first <= command.last:
        raise NothingDigested(first=command.first, last=command.last)
    if context.digest(command.day) is not None:
        return
    yield DigestIssued(
        at=context.now,
        day=command.day,
        first=command.first,
        last=command.last,
        events=command.events,
        actors=command.actors,
        sha256=command.sha256,
        sm3=command.sm3,
        checkpoint=command.checkpoint,
    )
