"""Mediate a dispute (调解): in the courtyard, then the village, then the town; it moves up only."""

from commands.cases.command import CaseCommand, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeMediationStarted
from dispatch.domain.refusal import NotNow, Unacceptable


class MediationLevelUnknown(Unacceptable):
    """The policy has no such level of mediation."""


class MediationMovesUp(NotNow):
    """A mediation moves up the levels and never down."""


class MediateDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.mediate"):
    """Begin the mediation at `level`, or go on at a higher one."""

    level: str


def decide(command: MediateDispute, context: Context) -> Decision:
    """Begin; the level at which it is being mediated already is a no-op.

    After a failure it may be tried once more at the same level.
    """
    case, dispute, before = numbered(command, context)
    levels = context.policy_for(case.grid).mediation_levels
    if command.level not in levels:
        raise MediationLevelUnknown(level=command.level, levels=list(levels))
    require(case, Status.ASSIGNED, Status.MEDIATING, Status.FAILED)
    if case.status is Status.MEDIATING and command.level == dispute.level:
        return
    # A level that the policy has given up since does not hold the dispute back.
    if dispute.level in levels and levels.index(command.level) < levels.index(dispute.level):
        raise MediationMovesUp(level=dispute.level)
    at = context.at(case.since)
    yield from then(before, DisputeMediationStarted(at=at, by=context.person, level=command.level))
