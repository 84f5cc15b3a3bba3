"""Decide an appeal: the case stands again as before its ending, or it stays ended."""

from commands.cases.command import CaseCommand, found, left_over, require
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases.events import CaseAppealDecided
from dispatch.domain.cases.kinds import CLOCK_RUNS, TURNED_AWAY
from dispatch.domain.refusal import NotAllowed, NotNow


class NoAppeal(NotNow):
    """Nobody has appealed against the ending of this case."""


class OwnAppeal(NotAllowed):
    """An appeal is decided neither by who made it nor by who turned the case away."""


class DecideAppeal(CaseCommand, frozen=True, kw_only=True, tag="case.decide_appeal"):
    """Uphold an appeal or not, with a reason."""

    upheld: bool
    reason: str


def decide(command: DecideAppeal, context: Context) -> Decision:
    """Decide; an appeal that is upheld gives back the time that was left when the case was turned away."""
    case = found(command, context)
    require(case, *TURNED_AWAY)
    if case.appealed_by is None:
        raise NoAppeal
    if context.person in {case.appealed_by, case.closed_by}:
        raise OwnAppeal
    acceptance, handling = left_over(case, case.since, context) if command.upheld else (None, None)
    yield CaseAppealDecided(
        at=context.now,
        by=context.person,
        upheld=command.upheld,
        reason=require_reason(command.reason),
        acceptance=acceptance,
        handling=handling if case.before in CLOCK_RUNS else None,
    )
