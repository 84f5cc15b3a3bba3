"""Issue: the service puts a day's digest on record, once, and so tells it to the auditors."""

from msgspec.structs import asdict

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.digests import Digest, DigestIssued
from dispatch.domain.refusal import Unacceptable


class NothingDigested(Unacceptable):
    """A digest is of a day on which something was recorded."""


class IssueDigest(Command, frozen=True, kw_only=True, tag="digest.issue"):
    """Put a day's digest on record."""

    digest: Digest

    @property
    def stream(self) -> str:
        """The day's own."""
        return f"digest:{self.digest.day.isoformat()}"


def decide(command: IssueDigest, context: Context) -> Decision:
    """Record it, unless the day's is on record already."""
    digest = command.digest
    if not 1 <= digest.first <= digest.last:
        raise NothingDigested(first=digest.first, last=digest.last)
    if context.digest(digest.day) is None:
        yield DigestIssued(at=context.now, **asdict(digest))
