"""How the events of a case make its state; there are no rules here, so an old event always loads."""

from functools import singledispatch

from msgspec.structs import replace

from dispatch.domain.cases import events
from dispatch.domain.cases.case import Case, again
from dispatch.domain.cases.disputes import DisputeEvent
from dispatch.domain.cases.evolve_disputes import after_dispute
from dispatch.domain.cases.evolve_permits import after_permit, due
from dispatch.domain.cases.history import CaseEvent
from dispatch.domain.cases.kinds import Status
from dispatch.domain.cases.permits import PermitDue, PermitEvent
from dispatch.domain.escalation import EscalationEvent, after, left
from dispatch.domain.event import Event
from dispatch.domain.recalculation import CaseDeadlineRecalculated


def evolve(case: Case | None, event: CaseEvent) -> Case:
    """Return the case after `event`."""
    if isinstance(event, events.CaseReported):
        return _reported(event)
    if isinstance(event, PermitDue):
        return due(event)
    assert case is not None
    if isinstance(event, DisputeEvent):
        return after_dispute(case, event)
    if isinstance(event, PermitEvent):
        return after_permit(case, event)
    if isinstance(event, EscalationEvent):
        return _escalated(case, event)
    return _after(event, case)


def _escalated(case: Case, event: EscalationEvent) -> Case:
    permit, acceptance, handling = case.permit, case.acceptance, case.handling
    return replace(
        case,
        escalation=after(case.escalation, event),
        acceptance=left(acceptance, event) if acceptance and not handling else acceptance,
        handling=left(handling, event) if handling else None,
        permit=replace(permit, reporting=left(permit.reporting, event)) if permit else None,
    )


def _reported(event: events.CaseReported) -> Case:
    return Case(
        status=Status.REPORTED,
        grid=event.grid,
        category=event.category,
        title=event.title,
        severity=event.severity,
        source=event.source,
        since=event.at,
        reported_at=event.at,
        reported_by=event.by,
        reported_in=event.grid,
        reference=event.reference,
        acceptance=event.acceptance,
    )


@singledispatch
def _after(event: Event, case: Case) -> Case:
    """Return the case after an event that moves nothing, such as an instruction."""
    del event
    return case


@_after.register
def _(event: events.CaseAccepted, case: Case) -> Case:
    return replace(case, status=Status.ACCEPTED, since=event.at)


def _ended(case: Case, status: Status, event: Event, by: str) -> Case:
    return replace(
        case,
        status=status,
        since=event.at,
        before=case.status,
        closed_by=by,
        appealed_by=None,
        extension_requested_at=None,
        extension_requested_by=None,
    )


@_after.register
def _(event: events.CaseRefused, case: Case) -> Case:
    return _ended(case, Status.REFUSED, event, event.by)


@_after.register
def _(event: events.CaseNotRegistered, case: Case) -> Case:
    return _ended(case, Status.NOT_REGISTERED, event, event.by)


@_after.register
def _(event: events.CaseVoided, case: Case) -> Case:
    stopped = case.clock_stopped_at or (event.at if case.handling is not None else None)
    return replace(_ended(case, Status.VOIDED, event, event.by), clock_stopped_at=stopped)


@_after.register
def _(event: events.CaseVerified, case: Case) -> Case:
    return replace(case, genuine=event.genuine)


@_after.register
def _(event: events.CaseRegistered, case: Case) -> Case:
    return replace(case, status=Status.REGISTERED, since=event.at, handling=event.handling)


@_after.register
def _(event: events.CaseSelfHandled, case: Case) -> Case:
    return replace(
        case,
        status=Status.SELF_HANDLED,
        since=event.at,
        handlers=case.handlers | {event.by},
        closed_at=event.at,
        closed_by=event.by,
        followed_up=False,
    )


@_after.register(events.CaseDispatched)
@_after.register(events.CaseHandedDown)
def _(event: events.CaseDispatched | events.CaseHandedDown, case: Case) -> Case:
    return replace(
        case,
        status=Status.DISPATCHED,
        since=event.at,
        before=None,
        grid=event.grid,
        department=event.department if isinstance(event, events.CaseDispatched) else None,
        assignee=event.assignee,
        handling=event.handling,
        clock_stopped_at=None,
    )


@_after.register
def _(event: events.CaseTransferred, case: Case) -> Case:
    return replace(
        case,
        status=Status.DISPATCHED,
        since=event.at,
        grid=event.grid,
        department=event.department,
        assignee=event.assignee,
        extension_requested_at=None,
        extension_requested_by=None,
    )


@_after.register
def _(event: events.CaseDeclined, case: Case) -> Case:
    return replace(
        case,
        status=Status.REGISTERED,
        since=event.at,
        department=None,
        assignee=None,
        extension_requested_at=None,
        extension_requested_by=None,
    )


@_after.register
def _(event: events.CaseHandedUp, case: Case) -> Case:
    return replace(
        case,
        status=Status.HANDED_UP,
        since=event.at,
        before=case.status,
        department=None,
        assignee=None,
        extension_requested_at=None,
        extension_requested_by=None,
        clock_stopped_at=event.at,
    )


@_after.register
def _(event: events.CaseHandlingStarted, case: Case) -> Case:
    assignee = case.assignee if case.department is not None else event.by
    handlers = _handlers(case, event.by)
    return replace(case, status=Status.HANDLING, since=event.at, assignee=assignee, handlers=handlers)


def _handlers(case: Case, by: str) -> frozenset[str]:
    """Return all who have handled the case: what a department did, it did, and not who recorded it."""
    return case.handlers if case.department is not None else case.handlers | {by}


@_after.register
def _(event: events.CaseHandled, case: Case) -> Case:
    return replace(
        case,
        status=Status.HANDLED,
        since=event.at,
        handlers=_handlers(case, event.by),
        extension_requested_at=None,
        extension_requested_by=None,
        clock_stopped_at=event.at,
    )


@_after.register
def _(event: events.CaseCheckStarted, case: Case) -> Case:
    return replace(case, status=Status.CHECKING, since=event.at, checker=event.checker, check_passed=False)


@_after.register
def _(event: events.CaseCheckPassed, case: Case) -> Case:
    return replace(case, status=Status.CHECKING, since=event.at, checker=event.by, check_passed=True)


@_after.register
def _(event: events.CaseCheckFailed, case: Case) -> Case:
    return replace(
        case,
        status=Status.HANDLING,
        since=event.at,
        reworks=case.reworks + 1,
        checker=None,
        handling=event.handling,
        clock_stopped_at=None,
    )


@_after.register
def _(event: events.CaseClosed, case: Case) -> Case:
    return replace(
        case,
        status=Status.CLOSED,
        since=event.at,
        before=None,
        closed_at=event.at,
        closed_by=event.by,
        followed_up=False,
        # Only an import closes what is no more than accepted.
        imported_closed_at=event.at if case.status is Status.ACCEPTED else case.imported_closed_at,
    )


@_after.register
def _(_event: events.CaseFollowedUp, case: Case) -> Case:
    return replace(case, followed_up=True)


@_after.register
def _(event: events.CaseReopened, case: Case) -> Case:
    return again(case, Status.REOPENED, event.at, event.handling)


@_after.register
def _(event: events.CaseMerged, case: Case) -> Case:
    return replace(
        case,
        status=Status.MERGED,
        since=event.at,
        before=case.status,
        merged_into=event.into,
        merged_at=event.at,
    )


@_after.register
def _(event: events.CaseUnmerged, case: Case) -> Case:
    return replace(
        case,
        status=case.before or Status.REPORTED,
        since=event.at,
        before=None,
        merged_into=None,
        merged_at=None,
        acceptance=event.acceptance,
        handling=event.handling,
    )


@_after.register
def _(event: events.CaseAbsorbed, case: Case) -> Case:
    return replace(case, merged=(*case.merged, event.case))


@_after.register
def _(event: events.CaseReleased, case: Case) -> Case:
    return replace(case, merged=tuple(key for key in case.merged if key != event.case))


@_after.register
def _(event: events.CaseAppealed, case: Case) -> Case:
    return replace(case, appealed_by=event.by, appeals=case.appeals + 1)


@_after.register
def _(event: events.CaseAppealDecided, case: Case) -> Case:
    if not event.upheld:
        return replace(case, appealed_by=None)
    stands = case.before or Status.REPORTED
    return replace(
        case,
        status=stands,
        since=event.at,
        before=None,
        appealed_by=None,
        appeals=0,
        acceptance=event.acceptance or case.acceptance,
        handling=event.handling or case.handling,
        clock_stopped_at=None if event.handling is not None else case.clock_stopped_at,
    )


@_after.register
def _(event: events.CaseSuspended, case: Case) -> Case:
    return replace(
        case,
        status=Status.SUSPENDED,
        since=event.at,
        before=case.status,
        suspended_until=event.until,
        suspensions=case.suspensions + 1,
        clock_stopped_at=event.at,
        handling=event.handling,
    )


@_after.register
def _(event: events.CaseResumed, case: Case) -> Case:
    return replace(
        case,
        status=case.before or Status.HANDLING,
        since=event.at,
        before=None,
        suspended_until=None,
        clock_stopped_at=None,
        handling=event.handling,
    )


@_after.register
def _(event: CaseDeadlineRecalculated, case: Case) -> Case:
    return replace(case, acceptance=event.acceptance, handling=event.handling)


@_after.register
def _(event: events.CaseExtensionRequested, case: Case) -> Case:
    return replace(case, extension_requested_at=event.at, extension_requested_by=event.by)


@_after.register
def _(event: events.CaseExtensionGranted, case: Case) -> Case:
    return replace(
        case,
        extensions=case.extensions + 1,
        extension_requested_at=None,
        extension_requested_by=None,
        handling=event.handling,
    )


@_after.register
def _(_event: events.CaseExtensionRefused, case: Case) -> Case:
    return replace(case, extension_requested_at=None, extension_requested_by=None)
