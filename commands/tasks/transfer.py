"""Transfer a task (转办): one person's responsibility ends and another's begins."""

from commands.assignment import require_posted, require_same_town
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.tasks.clocks import acceptance_from, goes_on
from commands.tasks.command import TaskCommand, present, require, then
from dispatch.domain.refusal import NotNow
from dispatch.domain.tasks import Status, TaskTransferred


class TransferChangesNothing(NotNow):
    """The task is already with that grid and person."""


class TransferTask(TaskCommand, frozen=True, kw_only=True, tag="task.transfer"):
    """Give a task to another grid (`grid`), a person (`assignee`) or both; the new one is to accept it."""

    reason: str
    grid: str | None = None
    assignee: str | None = None


def decide(command: TransferTask, context: Context) -> Decision:
    """Transfer within the town; acceptance gets a new clock, handling never does."""
    task, before = present(command, context)
    require(task, Status.ISSUED, Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED, Status.DECLINED)
    grid = command.grid or task.grid
    context.grid(grid)
    require_same_town(task.grid, grid)
    if command.assignee is not None:
        require_posted(command.assignee, grid, context)
    if (grid, command.assignee) == (task.grid, task.assignee) and task.status is not Status.DECLINED:
        raise TransferChangesNothing
    handling = goes_on(task, context)
    event = TaskTransferred(
        at=context.now,
        by=context.person,
        grid=grid,
        assignee=command.assignee,
        reason=require_reason(command.reason),
        acceptance=acceptance_from(grid, task.category, handling, context),
        handling=handling,
    )
    yield from then(before, event)
