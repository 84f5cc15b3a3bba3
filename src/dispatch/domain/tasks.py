"""A task (任务) that the centre issues to a grid: its events, its state and how the one makes the other.

`issued → accepted → in_progress → submitted → closed`, with declined, returned, suspended and cancelled.
Overdue, escalated and extension-requested are overlays and never statuses.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from dispatch.domain.escalation import (
    NONE,
    Escalation,
    EscalationEvent,
    TaskEscalated,
    TaskEscalationAnswered,
    TaskEscalationSkipped,
    after,
    left,
    next_step,
)
from dispatch.domain.event import Event
from dispatch.domain.recalculation import TaskDeadlineRecalculated
from dispatch.domain.working_time import Deadline


class Status(StrEnum):
    """Where a task stands."""

    ISSUED = "issued"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ENDED = frozenset({Status.CLOSED, Status.CANCELLED})
WITH_THE_WORKER = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED})
"""The statuses in which somebody is to work on it and the handling clock runs."""


class TaskIssued(Event, frozen=True, kw_only=True, tag="task.issued"):
    """The centre or a recurring plan gave a grid a task; acceptance clock and handling clock started.

    `households` are those to be visited (走访).
    """

    grid: str
    title: str
    category: str
    instructions: str
    by: str
    acceptance: Deadline
    handling: Deadline
    campaign: str | None = None
    assignee: str | None = None
    households: tuple[str, ...] = ()
    plan: str | None = None


class TaskAccepted(Event, frozen=True, kw_only=True, tag="task.accepted"):
    """A member of the grid took the task on and is responsible for it from now on."""

    by: str


class TaskDeclined(Event, frozen=True, kw_only=True, tag="task.declined"):
    """The grid sent the task back to the centre: not mine (退单); the clock waits."""

    by: str
    reason: str


class TaskTransferred(Event, frozen=True, kw_only=True, tag="task.transferred"):
    """The centre gave the task to another person or grid (转办), who is to accept it."""

    by: str
    grid: str
    assignee: str | None
    reason: str
    acceptance: Deadline
    handling: Deadline


class TaskHandlingStarted(Event, frozen=True, kw_only=True, tag="task.handling_started"):
    """The assignee began to work on it."""

    by: str


class TaskSubmitted(Event, frozen=True, kw_only=True, tag="task.submitted"):
    """The assignee reported the task as done; the handling clock stopped.

    `not_met` are the households to be visited that were not met.
    """

    by: str
    note: str
    evidence: tuple[str, ...] = ()
    not_met: tuple[str, ...] = ()


class TaskReturned(Event, frozen=True, kw_only=True, tag="task.returned"):
    """The verification failed (退回): rework; the handling clock goes on where it stopped."""

    by: str
    reason: str
    handling: Deadline


class TaskClosed(Event, frozen=True, kw_only=True, tag="task.closed"):
    """The centre verified the work and closed the task."""

    by: str
    note: str


class TaskExtensionRequested(Event, frozen=True, kw_only=True, tag="task.extension_requested"):
    """The assignee asked for more time, while not overdue."""

    by: str
    reason: str


class TaskExtensionGranted(Event, frozen=True, kw_only=True, tag="task.extension_granted"):
    """The centre added the original limit once."""

    by: str
    handling: Deadline


class TaskExtensionRefused(Event, frozen=True, kw_only=True, tag="task.extension_refused"):
    """The centre left the deadline as it was."""

    by: str
    reason: str


class TaskSuspended(Event, frozen=True, kw_only=True, tag="task.suspended"):
    """The clock waits (挂账) and goes on by itself at `until`; `handling` is the deadline if it does."""

    by: str
    reason: str
    until: datetime
    handling: Deadline


class TaskResumed(Event, frozen=True, kw_only=True, tag="task.resumed"):
    """The clock goes on; `by` is None when the suspension came to its end by itself."""

    by: str | None
    handling: Deadline


class TaskCancelled(Event, frozen=True, kw_only=True, tag="task.cancelled"):
    """The centre took the task back (撤销); it leaves every denominator."""

    by: str
    reason: str


class TaskInstructed(Event, frozen=True, kw_only=True, tag="task.instructed"):
    """A leader added an instruction (批示)."""

    by: str
    note: str


TaskEvent = (
    TaskIssued
    | TaskAccepted
    | TaskDeclined
    | TaskTransferred
    | TaskHandlingStarted
    | TaskSubmitted
    | TaskReturned
    | TaskClosed
    | TaskExtensionRequested
    | TaskExtensionGranted
    | TaskExtensionRefused
    | TaskSuspended
    | TaskResumed
    | TaskCancelled
    | TaskInstructed
    | TaskDeadlineRecalculated
    | TaskEscalated
    | TaskEscalationSkipped
    | TaskEscalationAnswered
)


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task as it stands.

    `since` is when it came into its status; `workers` are the persons who accepted or worked on it, none of
    whom may verify it; `clock_stopped_at` is set while the handling clock does not run. While it is
    suspended, `handling` counts on the suspension ending at `suspended_until`.
    """

    status: Status
    grid: str
    title: str
    category: str
    since: datetime
    acceptance: Deadline
    handling: Deadline
    assignee: str | None
    campaign: str | None
    households: tuple[str, ...] = ()
    not_met: tuple[str, ...] = ()
    workers: frozenset[str] = frozenset()
    reworks: int = 0
    extensions: int = 0
    extension_requested_at: datetime | None = None
    extension_requested_by: str | None = None
    suspensions: int = 0
    suspended_from: Status | None = None
    suspended_until: datetime | None = None
    clock_stopped_at: datetime | None = None
    escalation: Escalation = NONE

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.grid


def runs(task: Task) -> bool:
    """Tell whether the handling clock runs."""
    return task.status in WITH_THE_WORKER or task.status is Status.ISSUED


def due_at(task: Task) -> datetime | None:
    """Return when time brings something about next: a suspension's end, or a step; None for never."""
    if task.status is Status.SUSPENDED:
        return task.suspended_until
    return next_step(task.handling, task.escalation) if runs(task) else None


def _suspended(task: Task, event: TaskSuspended) -> Task:
    return replace(
        task,
        status=Status.SUSPENDED,
        since=event.at,
        suspended_from=task.status,
        suspended_until=event.until,
        suspensions=task.suspensions + 1,
        clock_stopped_at=event.at,
        handling=event.handling,
    )


def _resumed(task: Task, event: TaskResumed) -> Task:
    return replace(
        task,
        status=task.suspended_from or Status.IN_PROGRESS,
        since=event.at,
        suspended_from=None,
        suspended_until=None,
        clock_stopped_at=None,
        handling=event.handling,
    )


def _transferred(task: Task, event: TaskTransferred) -> Task:
    return replace(
        task,
        status=Status.ISSUED,
        since=event.at,
        grid=event.grid,
        assignee=event.assignee,
        acceptance=event.acceptance,
        handling=event.handling,
        extension_requested_at=None,
        extension_requested_by=None,
        clock_stopped_at=None,
    )


def _issued(event: TaskIssued) -> Task:
    return Task(
        status=Status.ISSUED,
        grid=event.grid,
        title=event.title,
        category=event.category,
        since=event.at,
        acceptance=event.acceptance,
        handling=event.handling,
        assignee=event.assignee,
        campaign=event.campaign,
        households=event.households,
    )


def evolve(task: Task | None, event: TaskEvent) -> Task:  # noqa: C901, PLR0911, PLR0912 - one case for each event
    """Return the task after `event`; there are no rules here, so an old event always loads."""
    if isinstance(event, TaskIssued):
        return _issued(event)
    assert task is not None
    if isinstance(event, EscalationEvent):
        return replace(task, escalation=after(task.escalation, event), handling=left(task.handling, event))
    match event:
        case TaskAccepted():
            workers = task.workers | {event.by}
            return replace(task, status=Status.ACCEPTED, since=event.at, assignee=event.by, workers=workers)
        case TaskDeclined():
            return replace(
                task, status=Status.DECLINED, since=event.at, assignee=None, clock_stopped_at=event.at
            )
        case TaskTransferred():
            return _transferred(task, event)
        case TaskHandlingStarted():
            workers = task.workers | {event.by}
            return replace(task, status=Status.IN_PROGRESS, since=event.at, workers=workers)
        case TaskSubmitted():
            return replace(
                task,
                status=Status.SUBMITTED,
                since=event.at,
                workers=task.workers | {event.by},
                not_met=event.not_met,
                extension_requested_at=None,
                extension_requested_by=None,
                clock_stopped_at=event.at,
            )
        case TaskReturned():
            return replace(
                task,
                status=Status.RETURNED,
                since=event.at,
                reworks=task.reworks + 1,
                handling=event.handling,
                clock_stopped_at=None,
            )
        case TaskClosed():
            return replace(task, status=Status.CLOSED, since=event.at)
        case TaskExtensionRequested():
            return replace(task, extension_requested_at=event.at, extension_requested_by=event.by)
        case TaskExtensionGranted():
            return replace(
                task,
                extensions=task.extensions + 1,
                extension_requested_at=None,
                extension_requested_by=None,
                handling=event.handling,
            )
        case TaskExtensionRefused():
            return replace(task, extension_requested_at=None, extension_requested_by=None)
        case TaskSuspended():
            return _suspended(task, event)
        case TaskResumed():
            return _resumed(task, event)
        case TaskCancelled():
            # A suspension that it was cancelled in does not come to its end any more.
            return replace(
                task, status=Status.CANCELLED, since=event.at, suspended_from=None, suspended_until=None
            )
        case TaskDeadlineRecalculated():
            return replace(task, acceptance=event.acceptance, handling=event.handling)
        case TaskInstructed():
            return task
