"""Cancel a task (撤销): the centre takes it back and it leaves every denominator."""

from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.tasks.command import TaskCommand, present, then
from dispatch.domain.tasks import TaskCancelled


class CancelTask(TaskCommand, frozen=True, kw_only=True, tag="task.cancel"):
    """Take a task back, with a reason."""

    reason: str


def decide(command: CancelTask, context: Context) -> Decision:
    """Cancel whatever has not ended."""
    _task, before = present(command, context)
    yield from then(
        before, TaskCancelled(at=context.now, by=context.person, reason=require_reason(command.reason))
    )
