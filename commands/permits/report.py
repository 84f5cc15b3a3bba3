"""Report a permit for publication (报送)."""

from commands.cases.command import CaseCommand, require
from commands.command import Decision
from commands.context import Context
from commands.permits.command import recorded
from dispatch.domain.cases import Status
from dispatch.domain.cases.permits import PermitReported


class ReportPermit(CaseCommand, frozen=True, kw_only=True, tag="permit.report"):
    """Report what is due; `evidence` are the SHA-256 digests (hex) of what was published."""

    evidence: tuple[str, ...] = ()


def decide(command: ReportPermit, context: Context) -> Decision:
    """Report it, in time or late: which of these follows from the recorded deadline."""
    case, _permit = recorded(command, context)
    require(case, Status.DUE)
    yield PermitReported(at=context.at(case.since), by=context.person, evidence=command.evidence)
