"""What the history of a case may consist of: every event of a case, a dispute or a permit."""

from dispatch.domain.cases import events
from dispatch.domain.cases.disputes import DisputeEvent
from dispatch.domain.cases.permits import PermitEvent
from dispatch.domain.escalation import CaseEscalated, CaseEscalationAnswered, CaseEscalationSkipped
from dispatch.domain.recalculation import CaseDeadlineRecalculated

CaseEvent = (
    events.CaseReported
    | events.CaseAccepted
    | events.CaseRefused
    | events.CaseVerified
    | events.CaseRegistered
    | events.CaseNotRegistered
    | events.CaseSelfHandled
    | events.CaseDispatched
    | events.CaseHandedDown
    | events.CaseHandedUp
    | events.CaseTransferred
    | events.CaseDeclined
    | events.CaseHandlingStarted
    | events.CaseHandled
    | events.CaseCheckStarted
    | events.CaseCheckPassed
    | events.CaseCheckFailed
    | events.CaseClosed
    | events.CaseFollowedUp
    | events.CaseReopened
    | events.CaseMerged
    | events.CaseAbsorbed
    | events.CaseUnmerged
    | events.CaseReleased
    | events.CaseOutcomeTold
    | events.CaseVoided
    | events.CaseAppealed
    | events.CaseAppealDecided
    | events.CaseSuspended
    | events.CaseResumed
    | events.CaseExtensionRequested
    | events.CaseExtensionGranted
    | events.CaseExtensionRefused
    | events.CaseInstructed
    | CaseDeadlineRecalculated
    | CaseEscalated
    | CaseEscalationSkipped
    | CaseEscalationAnswered
    | DisputeEvent
    | PermitEvent
)
