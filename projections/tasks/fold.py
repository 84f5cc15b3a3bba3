"""How the events of a task change its row."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from dispatch.domain import tasks
from dispatch.domain.escalation import TaskEscalated, TaskEscalationAnswered, TaskEscalationSkipped
from dispatch.domain.event import Event, Recorded
from dispatch.domain.recalculation import TaskDeadlineRecalculated
from dispatch.domain.tasks import Status
from dispatch.domain.working_time import Deadline
from projections.engine.rows import RowMissing, Rows, Touched
from projections.escalation import answered, fired, first_step, look_again, skipped
from projections.lapse import lapse
from projections.tasks.row import TASKS, TaskRow

E = TypeVar("E", bound=Event)
Changes = dict[str, Any]
"""Fields of a row and what they become; with a `status`, `since` becomes the event's time."""

CHANGES: Final[dict[type[Event], Callable[[TaskRow, Any], Changes]]] = {}
"""What each event after the first one changes."""

STREAM: Final = "task:"
RUNS: Final = tasks.WITH_THE_WORKER | {Status.ISSUED}
"""The statuses in which the handling clock runs."""


def task_of(recorded: Recorded) -> str:
    """Return the id of the task that an event of a task's stream is about."""
    return recorded.originator_id[len(STREAM) :]


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    return [(TASKS, task_of(recorded))]


def issued(rows: Rows, event: tasks.TaskIssued, recorded: Recorded) -> None:
    """Begin a row."""
    handling = event.handling
    rows.put(
        TASKS,
        TaskRow(
            task_of(recorded),
            event.grid,
            Status.ISSUED,
            event.at,
            event.title,
            event.category,
            event.by,
            event.campaign,
            event.assignee,
            event.at,
            event.acceptance.due,
            handling.due,
            handling.limit.kind,
            handling.limit.amount,
            handling.rule,
            handling.calendar,
            recorded.position,
            recorded.originator_version,
            handling.due,
            step_at=first_step(handling),
            next_step_at=first_step(handling),
            households=event.households,
            plan=event.plan,
            acceptance_limit=event.acceptance.limit,
            acceptance_rule=event.acceptance.rule,
        ),
    )


def changed(rows: Rows, event: Event, recorded: Recorded) -> None:
    """Change a row as any later event says."""
    task = rows.get(TASKS, task_of(recorded))
    if task is None:
        raise RowMissing(TASKS, task_of(recorded))
    changes = CHANGES[type(event)](task, event)
    if "status" in changes:
        changes["since"] = event.at
    handling: Deadline | None = getattr(event, "handling", None)
    if handling is not None:
        changes["step_at"] = first_step(handling)
    task = replace(task, position=recorded.position, version=recorded.originator_version, **changes)
    lapses_at, next_step_at = lapsing(task), stepping(task)
    if lapses_at != task.lapses_at or next_step_at != task.next_step_at:
        task = replace(task, lapses_at=lapses_at, next_step_at=next_step_at)
    rows.put(TASKS, task)


def lapsing(task: TaskRow) -> Any:
    """Return when the task's time runs out; a cancelled task's never does."""
    if task.status is Status.CANCELLED:
        return None
    return lapse(
        task.handling_due,
        handled_at=task.handled_at,
        waiting_since=task.waiting_since,
        suspended_until=task.suspended_until,
    )


def stepping(task: TaskRow) -> datetime | None:
    """Return when the service is to look at the task again."""
    return look_again(task, suspended=task.status is Status.SUSPENDED, runs=task.status in RUNS)


def after(event: type[E]) -> Callable[[Callable[[TaskRow, E], Changes]], Callable[[TaskRow, E], Changes]]:
    """Declare what an event changes."""

    def declare(change: Callable[[TaskRow, E], Changes]) -> Callable[[TaskRow, E], Changes]:
        CHANGES[event] = change
        return change

    return declare


@after(tasks.TaskAccepted)
def _(_task: TaskRow, event: tasks.TaskAccepted) -> Changes:
    return {"status": Status.ACCEPTED, "accepted_at": event.at, "assignee": event.by}


@after(tasks.TaskDeclined)
def _(_task: TaskRow, event: tasks.TaskDeclined) -> Changes:
    return {
        "status": Status.DECLINED,
        "assignee": None,
        "accepted_at": None,
        "started_at": None,
        "waiting_since": event.at,
    }


@after(tasks.TaskTransferred)
def _(_task: TaskRow, event: tasks.TaskTransferred) -> Changes:
    return {
        "status": Status.ISSUED,
        "grid": event.grid,
        "assignee": event.assignee,
        "acceptance_due": event.acceptance.due,
        "acceptance_limit": event.acceptance.limit,
        "acceptance_rule": event.acceptance.rule,
        "handling_due": event.handling.due,
        "accepted_at": None,
        "started_at": None,
        "extension_requested_at": None,
        "waiting_since": None,
    }


@after(tasks.TaskHandlingStarted)
def _(task: TaskRow, event: tasks.TaskHandlingStarted) -> Changes:
    return {"status": Status.IN_PROGRESS, "started_at": task.started_at or event.at}


@after(tasks.TaskSubmitted)
def _(task: TaskRow, event: tasks.TaskSubmitted) -> Changes:
    return {
        "status": Status.SUBMITTED,
        "handled_at": event.at,
        "first_handled_at": task.first_handled_at or event.at,
        "extension_requested_at": None,
    }


@after(tasks.TaskReturned)
def _(task: TaskRow, event: tasks.TaskReturned) -> Changes:
    return {
        "status": Status.RETURNED,
        "handled_at": None,
        "reworks": task.reworks + 1,
        "handling_due": event.handling.due,
    }


@after(tasks.TaskClosed)
def _(_task: TaskRow, event: tasks.TaskClosed) -> Changes:
    return {"status": Status.CLOSED, "closed_at": event.at}


@after(tasks.TaskExtensionRequested)
def _(_task: TaskRow, event: tasks.TaskExtensionRequested) -> Changes:
    return {"extension_requested_at": event.at}


@after(tasks.TaskExtensionGranted)
def _(task: TaskRow, event: tasks.TaskExtensionGranted) -> Changes:
    return {
        "extensions": task.extensions + 1,
        "extension_requested_at": None,
        "handling_due": event.handling.due,
    }


@after(tasks.TaskExtensionRefused)
def _(_task: TaskRow, _event: tasks.TaskExtensionRefused) -> Changes:
    return {"extension_requested_at": None}


@after(tasks.TaskSuspended)
def _(task: TaskRow, event: tasks.TaskSuspended) -> Changes:
    return {
        "status": Status.SUSPENDED,
        "suspended_from": task.status,
        "suspended_until": event.until,
        "handling_due": event.handling.due,
    }


@after(tasks.TaskResumed)
def _(task: TaskRow, event: tasks.TaskResumed) -> Changes:
    return {
        "status": task.suspended_from or Status.IN_PROGRESS,
        "suspended_from": None,
        "suspended_until": None,
        "handling_due": event.handling.due,
    }


@after(tasks.TaskCancelled)
def _(_task: TaskRow, _event: tasks.TaskCancelled) -> Changes:
    return {"status": Status.CANCELLED, "suspended_until": None, "extension_requested_at": None}


@after(tasks.TaskInstructed)
def _(_task: TaskRow, _event: tasks.TaskInstructed) -> Changes:
    return {}


@after(TaskDeadlineRecalculated)
def _(_task: TaskRow, event: TaskDeadlineRecalculated) -> Changes:
    handling = event.handling
    return {
        "acceptance_due": event.acceptance.due,
        "acceptance_limit": event.acceptance.limit,
        "acceptance_rule": event.acceptance.rule,
        "handling_due": handling.due,
        "limit_kind": handling.limit.kind,
        "limit_amount": handling.limit.amount,
        "rule": handling.rule,
        "calendar": handling.calendar,
    }


after(TaskEscalated)(fired)
after(TaskEscalationSkipped)(skipped)
after(TaskEscalationAnswered)(answered)
