"""Report undelivered: the service puts on record that no checkpoint gets outside, so that auditors know."""

from datetime import datetime

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain.checkpoints import STREAM, CheckpointUndelivered, Outside, Signing


class ReportUndelivered(Command, frozen=True, kw_only=True, tag="checkpoint.report_undelivered"):
    """Say that nothing is delivered `to` a place, `since` when, and the `error` that was met last."""

    to: Outside
    since: datetime
    error: str

    @property
    def stream(self) -> str:
        """The log's own."""
        return STREAM


def decide(command: ReportUndelivered, context: Context) -> Decision:
    """Record it once until something is delivered there again.

    Of a log that is signed no more it is on record already that it gets no checkpoints, and why.
    """
    signing = context.signing() or Signing()
    if command.to in signing.undelivered or signing.refused is not None:
        return
    yield CheckpointUndelivered(at=context.now, to=command.to, since=command.since, error=command.error)
