"""Classify a dispute: what it is about, and whether it is a major one."""

from commands.cases.command import CaseCommand, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeClassified, DisputeKind


class ClassifyDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.classify"):
    """Say what kind of dispute it is."""

    kind: DisputeKind
    major: bool = False


def decide(command: ClassifyDispute, context: Context) -> Decision:
    """Classify; a later classification mends the earlier, and the same again is a no-op."""
    case, dispute, before = numbered(command, context)
    same = (dispute.kind, dispute.major) == (command.kind, command.major)
    if same and case.status is not Status.REGISTERED:
        return
    event = DisputeClassified(at=context.now, by=context.person, kind=command.kind, major=command.major)
    yield from then(before, event)
