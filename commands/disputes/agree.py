"""Agree: the parties came to an agreement, so the dispute is resolved (化解) and the clock stops."""

from commands.cases.command import CaseCommand, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from commands.disputes.mediate import MediationLevelUnknown
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeAgreed


class AgreeDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.agree"):
    """Record the agreement; `jointly_with` are other levels that took part, as in major ones."""

    terms: str = ""
    jointly_with: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def decide(command: AgreeDispute, context: Context) -> Decision:
    """Record it with the level at which it was reached."""
    case, dispute, before = numbered(command, context)
    require(case, Status.MEDIATING)
    levels = context.policy_for(case.grid).mediation_levels
    unknown = [level for level in command.jointly_with if level not in levels]
    if unknown:
        raise MediationLevelUnknown(level=unknown[0], levels=list(levels))
    event = DisputeAgreed(
        at=context.at(case.since),
        by=context.person,
        level=dispute.level or "",
        jointly_with=tuple(sorted(set(command.jointly_with) - {dispute.level})),
        terms=command.terms,
        evidence=command.evidence,
    )
    yield from then(before, event)
