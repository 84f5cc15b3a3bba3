"""Appeal (申诉): somebody objects to a case being refused, not registered or voided."""

from commands.cases.command import CaseCommand, found, require
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases.events import CaseAppealed
from dispatch.domain.cases.kinds import TURNED_AWAY
from dispatch.domain.refusal import NotNow


class AlreadyAppealed(NotNow):
    """One appeal can be made against an ending."""


class AppealCase(CaseCommand, frozen=True, kw_only=True, tag="case.appeal"):
    """Object to the ending of a case that was turned away, with a reason."""

    reason: str


def decide(command: AppealCase, context: Context) -> Decision:
    """Appeal; whether the case stands again is decided by somebody else."""
    case = found(command, context)
    require(case, *TURNED_AWAY)
    if case.appeals:
        raise AlreadyAppealed
    yield CaseAppealed(at=context.now, by=context.person, reason=require_reason(command.reason))
