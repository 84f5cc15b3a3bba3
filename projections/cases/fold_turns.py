"""How the events off a case's straight way change its row: reopened, merged, suspended or extended."""

from datetime import datetime

from dispatch.domain.cases import Status, events
from dispatch.domain.escalation import CaseEscalated, CaseEscalationAnswered, CaseEscalationSkipped
from dispatch.domain.recalculation import CaseDeadlineRecalculated
from dispatch.domain.working_time import Deadline
from projections.cases.fold import NOTHING_ASKED, Changes, after, clock, to_be_accepted
from projections.cases.row import CaseRow
from projections.escalation import NOTHING_ESCALATED, answered, fired, skipped


def again(case: CaseRow, status: Status, at: datetime, handling: Deadline) -> Changes:
    """Return what beginning again changes: a new clock, and nothing is handled or closed any more.

    A case that was closed without having been registered is on the books from now on.
    """
    return {
        "status": status,
        "before": None,
        "registered_at": case.registered_at or at,
        "handled_at": None,
        "checker": None,
        "check_passed": False,
        "closed_at": None,
        "reopenings": case.reopenings + 1,
        "waiting_since": None,
        "department": None,
        "assignee": None,
        "extensions": 0,
        **NOTHING_ESCALATED,
        **NOTHING_ASKED,
        **clock(handling),
    }


@after(CaseDeadlineRecalculated)
def _(_case: CaseRow, event: CaseDeadlineRecalculated) -> Changes:
    return {
        **(to_be_accepted(event.acceptance) if event.acceptance is not None else {}),
        **(clock(event.handling) if event.handling is not None else {}),
    }


@after(events.CaseFollowedUp)
def _(_case: CaseRow, event: events.CaseFollowedUp) -> Changes:
    return {"followed_up_at": event.at, "satisfied": event.satisfied}


@after(events.CaseReopened)
def _(case: CaseRow, event: events.CaseReopened) -> Changes:
    return again(case, Status.REOPENED, event.at, event.handling)


@after(events.CaseMerged)
def _(case: CaseRow, event: events.CaseMerged) -> Changes:
    return {"status": Status.MERGED, "before": case.status, "merged_into": event.into}


@after(events.CaseUnmerged)
def _(case: CaseRow, event: events.CaseUnmerged) -> Changes:
    return {
        "status": case.before or Status.REPORTED,
        "before": None,
        "merged_into": None,
        **to_be_accepted(event.acceptance),
        **(clock(event.handling) if event.handling is not None else {}),
    }


@after(events.CaseAbsorbed)
def _(case: CaseRow, event: events.CaseAbsorbed) -> Changes:
    return {"merged": (*case.merged, event.case)}


@after(events.CaseReleased)
def _(case: CaseRow, event: events.CaseReleased) -> Changes:
    return {"merged": tuple(key for key in case.merged if key != event.case)}


@after(events.CaseOutcomeTold)
def _(_case: CaseRow, _event: events.CaseOutcomeTold) -> Changes:
    return {}


@after(events.CaseAppealed)
def _(_case: CaseRow, event: events.CaseAppealed) -> Changes:
    return {"appealed_at": event.at}


@after(events.CaseAppealDecided)
def _(case: CaseRow, event: events.CaseAppealDecided) -> Changes:
    if not event.upheld:
        return {"appealed_at": None}
    changes: Changes = {"status": case.before or Status.REPORTED, "before": None, "appealed_at": None}
    if event.acceptance is not None:
        changes |= to_be_accepted(event.acceptance)
    if event.handling is not None:
        changes |= {"waiting_since": None, **clock(event.handling)}
    return changes


@after(events.CaseSuspended)
def _(case: CaseRow, event: events.CaseSuspended) -> Changes:
    return {
        "status": Status.SUSPENDED,
        "before": case.status,
        "suspended_until": event.until,
        **clock(event.handling),
    }


@after(events.CaseResumed)
def _(case: CaseRow, event: events.CaseResumed) -> Changes:
    return {
        "status": case.before or Status.HANDLING,
        "before": None,
        "suspended_until": None,
        **clock(event.handling),
    }


@after(events.CaseExtensionRequested)
def _(_case: CaseRow, event: events.CaseExtensionRequested) -> Changes:
    return {"extension_requested_at": event.at}


@after(events.CaseExtensionGranted)
def _(case: CaseRow, event: events.CaseExtensionGranted) -> Changes:
    return {"extensions": case.extensions + 1, **NOTHING_ASKED, **clock(event.handling)}


@after(events.CaseExtensionRefused)
def _(_case: CaseRow, _event: events.CaseExtensionRefused) -> Changes:
    return dict(NOTHING_ASKED)


@after(events.CaseInstructed)
def _(_case: CaseRow, _event: events.CaseInstructed) -> Changes:
    return {}


after(CaseEscalated)(fired)
after(CaseEscalationSkipped)(skipped)
after(CaseEscalationAnswered)(answered)
