"""Recalculate a case's deadlines (重新计算期限) after a switch to emergency mode."""

from commands.cases.command import CaseCommand, awake
from commands.command import Decision
from commands.context import Context
from commands.recalculation import Recalculation, concerning
from dispatch.domain.cases import ENDED, Case, Status, evolve
from dispatch.domain.cases.running import running
from dispatch.domain.policy import Mode
from dispatch.domain.recalculation import CaseDeadlineRecalculated, Waiting


class RecalculateCase(CaseCommand, frozen=True, kw_only=True, tag="case.recalculate"):
    """Look at a case that was open at the switch; sent by the service itself."""

    emergency: str


def decide(command: RecalculateCase, context: Context) -> Decision:
    """Give it its new deadlines once; whoever comes second, or after the emergency, finds nothing to do."""
    case = context.case(command.case)
    if case.status in ENDED or not concerning(command.emergency, case.grid, case.category, context):
        return
    if woken := awake(case, context.now):
        yield woken
        case = evolve(case, woken)
    if event := recalculated(case, command.emergency, context):
        yield event


def recalculated(case: Case, name: str, context: Context) -> CaseDeadlineRecalculated | None:
    """Return the event of an open case's new deadlines, or None where that emergency changes nothing.

    A permit to publish has no emergency limit.
    """
    emergency = concerning(name, case.grid, case.category, context)
    if emergency is None or case.permit is not None:
        return None
    limits = context.policy_for(case.grid).for_case(case.category, case.severity, Mode.EMERGENCY)
    anew = Recalculation("case", case.grid, case.category, emergency, context)
    acceptance, handling = case.acceptance, case.handling
    if acceptance is not None and case.status is Status.REPORTED:
        acceptance = anew.of("acceptance", acceptance, limits.acceptance)
    waiting = _waiting(case)
    if handling is not None and (waiting is not None or running(case) is not None):
        handling = anew.of("handling", handling, limits.handling, waiting)
    if (acceptance, handling) == (case.acceptance, case.handling):
        return None
    return CaseDeadlineRecalculated(at=context.now, emergency=name, acceptance=acceptance, handling=handling)


def _waiting(case: Case) -> Waiting | None:
    stopped = case.clock_stopped_at
    return None if stopped is None else Waiting(stopped, case.suspended_until or stopped)
