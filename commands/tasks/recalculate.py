"""Recalculate a task's deadlines (重新计算期限) after a switch to emergency mode."""

from commands.command import Decision
from commands.context import Context
from commands.recalculation import Recalculation, concerning
from commands.tasks.clocks import within
from commands.tasks.command import TaskCommand, awake
from dispatch.domain.policy import Mode
from dispatch.domain.recalculation import TaskDeadlineRecalculated, Waiting
from dispatch.domain.tasks import ENDED, Status, Task, evolve


class RecalculateTask(TaskCommand, frozen=True, kw_only=True, tag="task.recalculate"):
    """Look at a task that was open at the switch; sent by the service itself."""

    emergency: str


def decide(command: RecalculateTask, context: Context) -> Decision:
    """Give it its new deadlines once; whoever comes second, or after the emergency, finds nothing to do."""
    task = context.task(command.task)
    if task.status in ENDED or not concerning(command.emergency, task.grid, task.category, context):
        return
    if woken := awake(task, context.now):
        yield woken
        task = evolve(task, woken)
    if event := recalculated(task, command.emergency, context):
        yield event


def recalculated(task: Task, name: str, context: Context) -> TaskDeadlineRecalculated | None:
    """Return the event of an open task's new deadlines, or None where that emergency changes nothing."""
    emergency = concerning(name, task.grid, task.category, context)
    if emergency is None:
        return None
    limits = context.policy_for(task.grid).for_task(task.category, Mode.EMERGENCY)
    anew = Recalculation("task", task.grid, task.category, emergency, context)
    acceptance = task.acceptance
    handling = anew.of("handling", task.handling, limits.handling, _waiting(task))
    if task.status is Status.ISSUED:
        acceptance = within(handling, anew.of("acceptance", acceptance, limits.acceptance), context.now)
    if (acceptance, handling) == (task.acceptance, task.handling):
        return None
    return TaskDeadlineRecalculated(at=context.now, emergency=name, acceptance=acceptance, handling=handling)


def _waiting(task: Task) -> Waiting | None:
    stopped = task.clock_stopped_at
    return None if stopped is None else Waiting(stopped, task.suspended_until or stopped)
