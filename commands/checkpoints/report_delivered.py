"""Report delivered: the service puts on record that checkpoints get outside, which they didn't before."""

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.checkpoints import STREAM, CheckpointDelivered, Outside


class ReportDelivered(Command, frozen=True, kw_only=True, tag="checkpoint.report_delivered"):
    """Say that the checkpoint of `size` events was delivered `to` a place."""

    to: Outside
    size: int

    @property
    def stream(self) -> str:
        """The log's own."""
        return STREAM


def decide(command: ReportDelivered, context: Context) -> Decision:
    """Record it where the contrary was recorded before; else there is nothing to say."""
    signing = context.signing()
    if signing is not None and command.to in signing.undelivered:
        yield CheckpointDelivered(at=context.now, to=command.to, size=command.size)
