"""Resume: the service puts on record that the log is signed again, which it was refused before."""

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.checkpoints import STREAM, CheckpointResumed


class ResumeCheckpoints(Command, frozen=True, kw_only=True, tag="checkpoint.resume"):
    """Say that a checkpoint of `size` events with the root `sha256` (base64) was signed."""

    size: int
    sha256: str

    @property
    def stream(self) -> str:
        """The log's own."""
        return STREAM


def decide(command: ResumeCheckpoints, context: Context) -> Decision:
    """Record it where it was refused before; of a log that is well there is nothing to say."""
    signing = context.signing()
    if signing is not None and signing.refused is not None:
        yield CheckpointResumed(at=context.now, size=command.size, sha256=command.sha256)
