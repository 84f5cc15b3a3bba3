"""Which clock of a case runs: that of acceptance, then of handling; a permit has one for reporting it."""

from datetime import datetime

from dispatch.domain.cases.case import Case
from dispatch.domain.cases.kinds import CLOCK_RUNS, Status
from dispatch.domain.escalation import next_step
from dispatch.domain.working_time import Deadline


def running(case: Case) -> Deadline | None:
    """Return the deadline of the clock that runs now, or None if none does."""
    if case.permit is not None:
        return case.permit.reporting if case.status is Status.DUE else None
    if case.status is Status.REPORTED:
        return case.acceptance
    return case.handling if case.status in CLOCK_RUNS and case.clock_stopped_at is None else None


def due_at(case: Case) -> datetime | None:
    """Return when time brings something about next: a suspension's end, or a step; None for never."""
    if case.status is Status.SUSPENDED:
        return case.suspended_until
    deadline = running(case)
    return None if deadline is None else next_step(deadline, case.escalation)
