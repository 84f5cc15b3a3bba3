"""Escalate a case (督办): record what time has brought about, be it a step or the end of a suspension."""

from collections.abc import Iterator

from commands.cases.command import CaseCommand, awake
from commands.command import Decision
from commands.context import Context
from commands.escalation import Climber, climb
from dispatch.domain.cases import ENDED, Case, Status, evolve
from dispatch.domain.cases.running import running
from dispatch.domain.escalation import (
    NONE,
    CaseEscalated,
    CaseEscalationSkipped,
    Escalated,
    EscalationSkipped,
)
from dispatch.domain.working_time import Deadline


class EscalateCase(CaseCommand, frozen=True, kw_only=True, tag="case.escalate"):
    """Look at a case's clock; sent by the service itself."""


def decide(command: EscalateCase, context: Context) -> Decision:
    """Fire each step that is due by now once; whoever comes second finds nothing to do."""
    case = context.case(command.case)
    if case.status in ENDED:
        return
    if woken := awake(case, context.now):
        yield woken
        case = evolve(case, woken)
    if deadline := running(case):
        yield from climb(_climber(case), deadline, case.escalation, context)


def _climber(case: Case) -> Climber:
    waits = case.status is Status.REPORTED
    return Climber(
        case.grid, case.assignee, case.department, CaseEscalated, CaseEscalationSkipped, in_centre=waits
    )


def alarm(place: str, acceptance: Deadline, context: Context) -> Iterator[Escalated | EscalationSkipped]:
    """Give the events with which a Ⅰ or Ⅱ case goes straight to the commander as it is reported."""
    climber = Climber(place, None, None, CaseEscalated, CaseEscalationSkipped, in_centre=True)
    return climb(climber, acceptance, NONE, context)
