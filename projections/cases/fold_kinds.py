"""How the events of disputes and of permits to publish change the row of the case that each is."""

from dispatch.domain.cases import Severity, Status, disputes, permits
from dispatch.domain.cases.kinds import PERMIT
from dispatch.domain.event import Recorded
from projections.cases.fold import NOTHING_ASKED, Changes, after, case_of, clock
from projections.cases.fold_turns import again
from projections.cases.row import CASES, CaseRow
from projections.engine.rows import Rows
from projections.escalation import first_step


@after(disputes.DisputeRegistered)
def _(case: CaseRow, event: disputes.DisputeRegistered) -> Changes:
    return {
        "status": Status.REGISTERED,
        "registered_at": case.registered_at or event.at,
        "number": event.number,
        **clock(event.handling),
    }


@after(disputes.DisputeClassified)
def _(case: CaseRow, event: disputes.DisputeClassified) -> Changes:
    changes: Changes = {"dispute_kind": str(event.kind), "major": event.major}
    # Only the first classification is a step; a later one mends what was said.
    if case.status is Status.REGISTERED:
        changes["status"] = Status.CLASSIFIED
    return changes


@after(disputes.DisputeAssigned)
def _(case: CaseRow, event: disputes.DisputeAssigned) -> Changes:
    return {
        "status": Status.ASSIGNED,
        "assignee": event.mediator,
        "dispatched_at": case.dispatched_at or event.at,
    }


@after(disputes.DisputeMediationStarted)
def _(case: CaseRow, event: disputes.DisputeMediationStarted) -> Changes:
    return {
        "status": Status.MEDIATING,
        "level": event.level,
        "started_at": case.started_at or event.at,
        "mediated_at": case.mediated_at or event.at,
    }


@after(disputes.DisputeAgreed)
def _(case: CaseRow, event: disputes.DisputeAgreed) -> Changes:
    return {
        "status": Status.AGREED,
        "agreed_level": event.level,
        "joint": bool(event.jointly_with),
        "mediated_at": case.mediated_at or event.at,
        "resolved_at": event.at,
        "handled_at": event.at,
        "first_handled_at": case.first_handled_at or event.at,
        **NOTHING_ASKED,
    }


@after(disputes.DisputeFailed)
def _(_case: CaseRow, _event: disputes.DisputeFailed) -> Changes:
    return {"status": Status.FAILED, "resolved_at": None, "handled_at": None, **NOTHING_ASKED}


@after(disputes.DisputePerformed)
def _(_case: CaseRow, _event: disputes.DisputePerformed) -> Changes:
    return {"status": Status.PERFORMED}


@after(disputes.DisputeFollowedUp)
def _(case: CaseRow, event: disputes.DisputeFollowedUp) -> Changes:
    return {
        "status": Status.FOLLOWED_UP if event.settled else case.status,
        "followed_up_at": event.at,
        "satisfied": event.settled,
    }


@after(disputes.DisputeStruckOff)
def _(_case: CaseRow, event: disputes.DisputeStruckOff) -> Changes:
    return {
        "status": Status.STRUCK_OFF,
        "before": None,
        "struck_off_at": event.at,
        "closed_at": event.at,
    }


@after(disputes.DisputeFlaredUp)
def _(case: CaseRow, event: disputes.DisputeFlaredUp) -> Changes:
    return {
        **again(case, Status.REGISTERED, event.at, event.handling),
        "level": None,
        "agreed_level": None,
        "joint": False,
        "resolved_at": None,
        "struck_off_at": None,
    }


def permit_due(rows: Rows, event: permits.PermitDue, recorded: Recorded) -> None:
    """Begin the row of a permit; who holds it stays in the log."""
    rows.put(
        CASES,
        CaseRow(
            id=case_of(recorded),
            grid=event.grid,
            status=Status.DUE,
            since=event.at,
            title=event.title,
            category=PERMIT,
            source="",
            channel=None,
            severity=Severity.GRADE_5,
            reported_by=event.by,
            reported_in=event.grid,
            reported_at=event.at,
            position=recorded.position,
            version=recorded.originator_version,
            number=event.number,
            lapses_at=event.reporting.due,
            next_step_at=first_step(event.reporting),
            **clock(event.reporting),
        ),
    )


@after(permits.PermitReported)
def _(_case: CaseRow, event: permits.PermitReported) -> Changes:
    return {"status": Status.PUBLISHED, "published_at": event.at}


@after(permits.PermitJudged)
def _(case: CaseRow, event: permits.PermitJudged) -> Changes:
    if event.compliant:
        return {"status": Status.COMPLIANT, "compliant": True, "closed_at": event.at}
    return {
        "status": Status.NOT_COMPLIANT,
        "compliant": False,
        "closed_at": None,
        "faulted_at": case.faulted_at or event.at,
    }


@after(permits.PermitCorrected)
def _(_case: CaseRow, event: permits.PermitCorrected) -> Changes:
    return {"status": Status.CORRECTED, "corrected_at": event.at, "closed_at": event.at}
