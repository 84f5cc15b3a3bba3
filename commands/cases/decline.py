"""Decline a case (退单): it is not mine, so it goes back to the centre, with a reason."""

from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.responsibility import require_handler
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseDeclined


class DeclineCase(CaseCommand, frozen=True, kw_only=True, tag="case.decline"):
    """Send a dispatched case back to the centre before the work on it has begun."""

    reason: str


def decide(command: DeclineCase, context: Context) -> Decision:
    """Decline; the clock is the town's promise and goes on."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.DISPATCHED)
    require_handler(case, context)
    reason = require_reason(command.reason)
    yield from then(before, CaseDeclined(at=context.at(case.since), by=context.person, reason=reason))
