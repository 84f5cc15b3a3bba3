"""Fail: the mediation at this level came to nothing; it can be tried at a higher one."""

from commands.cases.command import CaseCommand, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeFailed


class FailDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.fail"):
    """Record that the mediation failed, and why."""

    reason: str


def decide(command: FailDispute, context: Context) -> Decision:
    """Record it with the level; the handling clock goes on."""
    case, dispute, before = numbered(command, context)
    require(case, Status.MEDIATING)
    reason = require_reason(command.reason)
    level, at = dispute.level or "", context.at(case.since)
    yield from then(before, DisputeFailed(at=at, by=context.person, level=level, reason=reason))
