"""Accept a case (受理): the centre takes it on."""

from commands.cases.command import CaseCommand, present, require, then
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseAccepted


class AcceptCase(CaseCommand, frozen=True, kw_only=True, tag="case.accept"):
    """Take a reported case on."""


def decide(command: AcceptCase, context: Context) -> Decision:
    """Accept; accepting again is a no-op."""
    case, before = present(command, context)
    if case.status is Status.ACCEPTED:
        return
    require(case, Status.REPORTED)
    yield from then(before, CaseAccepted(at=context.now, by=context.person))
