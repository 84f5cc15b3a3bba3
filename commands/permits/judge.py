"""Judge a reported permit: whether what was published is compliant (合规)."""

from commands.cases.command import CaseCommand, require
from commands.command import Decision
from commands.context import Context
from commands.permits.command import recorded
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.permits import PermitJudged
from dispatch.domain.refusal import NotNow


class ReporterJudges(NotNow):
    """A permit is judged by someone other than who reported it."""


class JudgePermit(CaseCommand, frozen=True, kw_only=True, tag="permit.judge"):
    """Say whether it is compliant; a `note` is required when it is not."""

    compliant: bool
    note: str = ""


def decide(command: JudgePermit, context: Context) -> Decision:
    """Judge what was reported."""
    case, permit = recorded(command, context)
    require(case, Status.PUBLISHED)
    if permit.reported_by == context.person:
        raise ReporterJudges
    note = command.note if command.compliant else require_reason(command.note)
    yield PermitJudged(at=context.now, by=context.person, compliant=command.compliant, note=note)
