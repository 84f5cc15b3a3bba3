"""Assign a dispute: a member is to mediate it."""

from commands.assignment import require_member
from commands.cases.command import CaseCommand, require, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeAssigned


class AssignDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.assign"):
    """Ask the member `mediator` to mediate; an earlier mediator is relieved."""

    mediator: str


def decide(command: AssignDispute, context: Context) -> Decision:
    """Assign a member of the town; assigning the same again is a no-op."""
    case, _dispute, before = numbered(command, context)
    require(case, Status.CLASSIFIED, Status.ASSIGNED, Status.MEDIATING, Status.FAILED)
    require_member(command.mediator, case.grid, context)
    if case.assignee == command.mediator and case.status is not Status.FAILED:
        return
    yield from then(before, DisputeAssigned(at=context.now, by=context.person, mediator=command.mediator))
