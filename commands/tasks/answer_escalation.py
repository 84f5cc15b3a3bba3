"""Answer the escalation of a task: it is in hand, and until the promised time nothing fires."""

from datetime import datetime

from commands.command import Decision
from commands.context import Context
from commands.escalation import NothingToAnswer, require_answerable
from commands.tasks.command import TaskCommand, present, then
from dispatch.domain.escalation import TaskEscalationAnswered
from dispatch.domain.tasks import runs


class AnswerTaskEscalation(TaskCommand, frozen=True, kw_only=True, tag="task.answer_escalation"):
    """Promise an outcome by `promised_at`."""

    promised_at: datetime
    note: str = ""


def decide(command: AnswerTaskEscalation, context: Context) -> Decision:
    """Record the promise; a step that is due meanwhile fires after it, if the task is still open."""
    task, before = present(command, context)
    if not runs(task):
        raise NothingToAnswer
    promised = require_answerable(task.escalation, command.promised_at, context)
    answered = TaskEscalationAnswered(
        at=context.now, by=context.person, promised_at=promised, note=command.note
    )
    yield from then(before, answered)
