"""Correct a permit (修正): what was not compliant is put right."""

from commands.cases.command import CaseCommand, require
from commands.command import Decision
from commands.context import Context
from commands.permits.command import recorded
from commands.reasons import require_note
from dispatch.domain.cases import Status
from dispatch.domain.cases.permits import PermitCorrected


class CorrectPermit(CaseCommand, frozen=True, kw_only=True, tag="permit.correct"):
    """Say how it was put right."""

    note: str
    evidence: tuple[str, ...] = ()


def decide(command: CorrectPermit, context: Context) -> Decision:
    """Correct what was judged not compliant."""
    case, _permit = recorded(command, context)
    require(case, Status.NOT_COMPLIANT)
    note = require_note(command.note, command.stream, context)
    event = PermitCorrected(
        at=context.at(case.since), by=context.person, note=note, evidence=command.evidence
    )
    yield event
