"""Escalate a task (督办): record what time has brought about, be it a step or the end of a suspension."""

from commands.command import Decision
from commands.context import Context
from commands.escalation import Climber, climb
from commands.tasks.command import TaskCommand, awake
from dispatch.domain.escalation import TaskEscalated, TaskEscalationSkipped
from dispatch.domain.tasks import ENDED, evolve, runs


class EscalateTask(TaskCommand, frozen=True, kw_only=True, tag="task.escalate"):
    """Look at a task's clock; sent by the service itself."""


def decide(command: EscalateTask, context: Context) -> Decision:
    """Fire each step that is due by now once; whoever comes second finds nothing to do."""
    task = context.task(command.task)
    if task.status in ENDED:
        return
    if woken := awake(task, context.now):
        yield woken
        task = evolve(task, woken)
    if runs(task):
        climber = Climber(task.grid, task.assignee, None, TaskEscalated, TaskEscalationSkipped)
        yield from climb(climber, task.handling, task.escalation, context)
