"""Follow a closed case up (回访): is the reporter satisfied? If not, it is reopened by rule."""

from commands.cases.command import CaseCommand, CaseStatusForbids, found, handling_from, require_plain
from commands.cases.responsibility import require_not_handler
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseFollowedUp, CaseReopened
from dispatch.domain.refusal import NotNow

CLOSED = (Status.CLOSED, Status.SELF_HANDLED)


class AlreadyFollowedUp(NotNow):
    """This closure has been followed up already."""


class FollowUpCase(CaseCommand, frozen=True, kw_only=True, tag="case.follow_up"):
    """Say what the reporter answered; a `note` is required when the reporter is dissatisfied."""

    satisfied: bool
    note: str = ""


def decide(command: FollowUpCase, context: Context) -> Decision:
    """Record the answer; dissatisfaction reopens the case with a new clock, the old closure stays."""
    case = found(command, context)
    require_plain(case)
    if case.status not in CLOSED:
        raise CaseStatusForbids(status=case.status, allowed=list(CLOSED))
    require_not_handler(case, context.person)
    if case.followed_up:
        raise AlreadyFollowedUp
    note = command.note if command.satisfied else require_reason(command.note)
    yield CaseFollowedUp(at=context.now, by=context.person, satisfied=command.satisfied, note=note)
    if not command.satisfied:
        # Why stands in the event before; its note is the reporter's words, so personal, and not repeated.
        yield CaseReopened(
            at=context.now,
            by=context.person,
            reason="",
            handling=handling_from(case, context.now, context),
        )
