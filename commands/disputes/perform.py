"""Perform: the parties did what they had agreed."""

from commands.cases.command import CaseCommand, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputePerformed


class PerformDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.perform"):
    """Record that the agreement was performed."""

    note: str = ""
    evidence: tuple[str, ...] = ()


def decide(command: PerformDispute, context: Context) -> Decision:
    """Record the performance of an agreement."""
    case, _dispute, before = numbered(command, context)
    require(case, Status.AGREED)
    event = DisputePerformed(
        at=context.at(case.since), by=context.person, note=command.note, evidence=command.evidence
    )
    yield from then(before, event)
