"""Self-handle a case (自处置): the grid worker puts it right on the spot, before the centre registers it."""

from commands.cases.command import CaseCommand, CaseIsDispute, present, require, require_no_permit, tell, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_note
from dispatch.domain.accounts import Role
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseSelfHandled
from dispatch.domain.cases.kinds import DISPUTE
from dispatch.domain.refusal import NotAllowed


class NotAGridWorker(NotAllowed):
    """Only a grid worker puts a case right on the spot."""


class SelfHandleCase(CaseCommand, frozen=True, kw_only=True, tag="case.self_handle"):
    """Say how a reported or accepted case was put right on the spot."""

    note: str
    evidence: tuple[str, ...] = ()


def require_self_handler(category: str, context: Context) -> None:
    """Refuse unless the actor is on the spot and the case is none that needs a number in the ledger."""
    if context.actor.role not in {Role.WORKER, Role.SYSTEM}:
        raise NotAGridWorker
    if category == DISPUTE:
        raise CaseIsDispute


def decide(command: SelfHandleCase, context: Context) -> Decision:
    """Close it on the spot; it counts as accepted and closed, without registration."""
    case, before = present(command, context)
    require_no_permit(case)
    require_self_handler(case.category, context)
    require(case, Status.REPORTED, Status.ACCEPTED)
    at = context.at(case.since)
    note = require_note(command.note, command.stream, context)
    event = CaseSelfHandled(at=at, by=context.person, note=note, evidence=command.evidence)
    yield from then(before, event)
    yield from tell(command, case, context)
