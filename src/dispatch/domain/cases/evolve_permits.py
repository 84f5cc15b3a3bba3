"""How the events of a permit to publish change the case that it is."""

from msgspec.structs import replace

from dispatch.domain.cases.case import Case
from dispatch.domain.cases.kinds import PERMIT, Severity, Status
from dispatch.domain.cases.permits import (
    Permit,
    PermitCorrected,
    PermitDue,
    PermitEvent,
    PermitJudged,
    PermitReported,
)


def due(event: PermitDue) -> Case:
    """Return the case that a permit begins as."""
    return Case(
        status=Status.DUE,
        grid=event.grid,
        category=PERMIT,
        title=event.title,
        severity=Severity.GRADE_5,
        since=event.at,
        reported_at=event.at,
        reported_by=event.by,
        reported_in=event.grid,
        permit=Permit(number=event.number, reporting=event.reporting),
    )


def after_permit(case: Case, event: PermitEvent) -> Case:
    """Return the case after `event`."""
    match event:
        case PermitDue():
            return due(event)
        case PermitReported():
            permit = replace(case.permit, reported_by=event.by) if case.permit else None
            return replace(case, status=Status.PUBLISHED, since=event.at, permit=permit)
        case PermitJudged(compliant=True):
            return replace(
                case, status=Status.COMPLIANT, since=event.at, closed_at=event.at, closed_by=event.by
            )
        case PermitJudged():
            return replace(case, status=Status.NOT_COMPLIANT, since=event.at)
        case PermitCorrected():
            return replace(
                case, status=Status.CORRECTED, since=event.at, closed_at=event.at, closed_by=event.by
            )
