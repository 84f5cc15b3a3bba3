"""Answer the escalation of a case: it is in hand, and until the promised time nothing fires."""

from datetime import datetime

from commands.cases.command import CaseCommand, present, then
from commands.command import Decision
from commands.context import Context
from commands.escalation import require_answerable
from dispatch.domain.escalation import CaseEscalationAnswered


class AnswerCaseEscalation(CaseCommand, frozen=True, kw_only=True, tag="case.answer_escalation"):
    """Promise an outcome by `promised_at`."""

    promised_at: datetime
    note: str = ""


def decide(command: AnswerCaseEscalation, context: Context) -> Decision:
    """Record the promise; a step that is due meanwhile fires after it, if the case is still open."""
    case, before = present(command, context)
    promised = require_answerable(case.escalation, command.promised_at, context)
    answered = CaseEscalationAnswered(
        at=context.now, by=context.person, promised_at=promised, note=command.note
    )
    yield from then(before, answered)
