"""What the commands on one task have in common: its stream, a suspension that ends by itself, refusals."""

from collections.abc import Iterator
from datetime import datetime

from commands.command import Command
from commands.context import Context
from dispatch.domain.event import Event
from dispatch.domain.refusal import NotNow
from dispatch.domain.tasks import ENDED, Status, Task, TaskResumed, evolve


class TaskStatusForbids(NotNow):
    """The task's present status does not allow that."""


class TaskEnded(NotNow):
    """The task is closed or cancelled; nothing more can be done with it."""


class TaskCommand(Command, frozen=True, kw_only=True):
    """A command on one task, by its id."""

    task: str

    @property
    def stream(self) -> str:
        """The task's stream."""
        return f"task:{self.task}"


def awake(task: Task, now: datetime) -> TaskResumed | None:
    """Return the event of a suspension that has come to its end by itself, if it has by `now`."""
    if task.status is Status.SUSPENDED and task.suspended_until is not None and task.suspended_until <= now:
        return TaskResumed(at=task.suspended_until, by=None, handling=task.handling)
    return None


def present(command: TaskCommand, context: Context) -> tuple[Task, list[Event]]:
    """Return the task as it stands now and the events that time itself has brought about since its last one.

    Refuses with `TaskEnded` for a task that is closed or cancelled, and with `StaleVersion`.
    """
    task = context.task(command.task)
    context.require_version(command.stream)
    if task.status in ENDED:
        raise TaskEnded(status=task.status)
    resumed = awake(task, context.now)
    return (task, []) if resumed is None else (evolve(task, resumed), [resumed])


def require(task: Task, *statuses: Status) -> None:
    """Refuse with `TaskStatusForbids` unless the task is in one of `statuses`."""
    if task.status not in statuses:
        raise TaskStatusForbids(status=task.status, allowed=list(statuses))


def then(first: list[Event], event: Event) -> Iterator[Event]:
    """Yield what time brought about, then what the command does."""
    yield from first
    yield event
