"""Refuse: the service puts on record that it signs the log no more, and so tells it to the auditors."""

from msgspec.structs import asdict

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.checkpoints import STREAM, CheckpointRefused, Discrepancy


class RefuseCheckpoint(Command, frozen=True, kw_only=True, tag="checkpoint.refuse"):
    """Put on record from which checkpoint the log doesn't go on."""

    discrepancy: Discrepancy

    @property
    def stream(self) -> str:
        """The log's own."""
        return STREAM


def decide(command: RefuseCheckpoint, context: Context) -> Decision:
    """Record it once for each such checkpoint, however often it is tried again and grows meanwhile."""
    found = command.discrepancy
    signing = context.signing()
    if signing is None or signing.refused != (found.size, found.sha256):
        yield CheckpointRefused(at=context.now, **asdict(found))
