"""How the events of a dispute change the case that it is."""

from msgspec.structs import replace

from dispatch.domain.cases import disputes
from dispatch.domain.cases.case import Case, again
from dispatch.domain.cases.disputes import Dispute, DisputeEvent
from dispatch.domain.cases.kinds import Status


def after_dispute(case: Case, event: DisputeEvent) -> Case:  # noqa: C901, PLR0911 - one case for each event
    """Return the case after `event`."""
    dispute = case.dispute or Dispute(number="")
    match event:
        case disputes.DisputeRegistered():
            registered = replace(dispute, number=event.number)
            moved = _moved(case, Status.REGISTERED, event, registered, handling=event.handling)
            return replace(moved, clock_stopped_at=None)
        case disputes.DisputeClassified():
            classified = replace(dispute, kind=event.kind, major=event.major)
            # Only the first classification is a step; a later one mends what was said.
            status = Status.CLASSIFIED if case.status is Status.REGISTERED else case.status
            since = case.since if status is case.status else event.at
            return replace(case, status=status, since=since, dispute=classified)
        case disputes.DisputeAssigned():
            assigned = _moved(case, Status.ASSIGNED, event, dispute, assignee=event.mediator)
            return replace(assigned, extension_requested_at=None, extension_requested_by=None)
        case disputes.DisputeMediationStarted():
            started = replace(dispute, level=event.level, mediators=_mediators(case, dispute, event.by))
            return _moved(case, Status.MEDIATING, event, started)
        case disputes.DisputeAgreed():
            agreed = replace(dispute, agreed_level=event.level, mediators=_mediators(case, dispute, event.by))
            return replace(
                _moved(case, Status.AGREED, event, agreed),
                clock_stopped_at=event.at,
                extension_requested_at=None,
                extension_requested_by=None,
            )
        case disputes.DisputeFailed():
            failed = replace(dispute, mediators=_mediators(case, dispute, event.by))
            return replace(
                _moved(case, Status.FAILED, event, failed),
                extension_requested_at=None,
                extension_requested_by=None,
            )
        case disputes.DisputePerformed():
            return _moved(case, Status.PERFORMED, event, dispute)
        case disputes.DisputeFollowedUp():
            return _moved(case, Status.FOLLOWED_UP, event, dispute) if event.settled else case
        case disputes.DisputeStruckOff():
            struck_off = _moved(case, Status.STRUCK_OFF, event, dispute)
            return replace(struck_off, before=None, closed_at=event.at, closed_by=event.by)
        case disputes.DisputeFlaredUp():
            # Mediation may begin at the first level again; who mediated before still may not strike it off.
            returned = replace(dispute, level=None, agreed_level=None, rounds=dispute.rounds + 1)
            return replace(again(case, Status.REGISTERED, event.at, event.handling), dispute=returned)


def _moved(case: Case, status: Status, event: DisputeEvent, dispute: Dispute, **changes: object) -> Case:
    return replace(case, status=status, since=event.at, dispute=dispute, **changes)


def _mediators(case: Case, dispute: Dispute, by: str) -> frozenset[str]:
    """Return all who mediated so far: whom the centre asked to, and who recorded it where it asked nobody."""
    return dispute.mediators | {case.assignee or by}
