"""What an event that sets a clock, or asks for time, would have said under a supposition.

The rules are the commands' own; here stands only which of them made which event.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from commands.cases import command as case_clocks
from commands.cases import recalculate as recalculate_case
from commands.extension import require_extension
from commands.permits.record import reporting_from
from commands.suspension import ended_early, require_suspension
from commands.tasks import clocks as task_clocks
from commands.tasks import recalculate as recalculate_task
from dispatch.domain import tasks
from dispatch.domain.cases import Case, events
from dispatch.domain.cases.disputes import DisputeFlaredUp, DisputeRegistered
from dispatch.domain.cases.kinds import CLOCK_RUNS, Source
from dispatch.domain.cases.permits import PermitDue
from dispatch.domain.event import Event
from dispatch.domain.policy import IN_EMERGENCY, Mode
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.domain.tasks import Task
from dispatch.domain.working_time import Limit
from dispatch.service.whatif.supposition import SupposedContext

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Callable[..., Event | None])
Restate = Callable[[Any, Any, SupposedContext], Event | None]
"""From an event, the state that its item would have had before it, and the circumstances: the event that
would have been recorded instead. None if there would have been nothing to record; a `Refusal` if it would
have been refused."""

RESTATED: Final[dict[type[Event], Restate]] = {}
"""Each event whose clock depends on policy and mode."""


def restates(*events: type[Event]) -> Callable[[F], F]:
    """Declare what these events would have said."""

    def declare(function: F) -> F:
        RESTATED.update(dict.fromkeys(events, function))
        return function

    return declare


@restates(tasks.TaskIssued)
def _(event: tasks.TaskIssued, _task: None, context: SupposedContext) -> tasks.TaskIssued:
    handling = task_clocks.handling_from(event.grid, event.category, _own_limit(event, context), context)
    acceptance = task_clocks.acceptance_from(event.grid, event.category, handling, context)
    return replace(event, acceptance=acceptance, handling=handling)


def _own_limit(event: tasks.TaskIssued, context: SupposedContext) -> Limit | None:
    """Return the limit that the command named itself, None where the category's held."""
    policy = context.policy_of(event.handling)
    mode = Mode.EMERGENCY if event.handling.rule.endswith(IN_EMERGENCY) else Mode.ROUTINE
    limit = event.handling.limit
    return None if limit == policy.for_task(event.category, mode).handling else limit


@restates(tasks.TaskTransferred)
def _(event: tasks.TaskTransferred, task: Task, context: SupposedContext) -> tasks.TaskTransferred:
    handling = task_clocks.goes_on(task, context)
    acceptance = task_clocks.acceptance_from(event.grid, task.category, handling, context)
    return replace(event, acceptance=acceptance, handling=handling)


@restates(tasks.TaskReturned)
def _(event: tasks.TaskReturned, task: Task, context: SupposedContext) -> tasks.TaskReturned:
    return replace(event, handling=task_clocks.goes_on(task, context))


@restates(tasks.TaskExtensionRequested, events.CaseExtensionRequested)
def _(event: E, item: Task | Case, context: SupposedContext) -> E:
    require_extension(item.handling, item.extensions, None, event.at, context)
    return event


@restates(tasks.TaskExtensionGranted, events.CaseExtensionGranted)
def _(event: E, item: Task | Case, context: SupposedContext) -> E | None:
    if item.extension_requested_at is None or item.handling is None:
        return None
    return replace(event, handling=context.extended(item.handling))


@restates(tasks.TaskSuspended, events.CaseSuspended)
def _(event: Any, item: Task | Case, context: SupposedContext) -> Any:
    assert item.handling is not None
    require_suspension(item.handling, item.suspensions, event.until, context)
    return replace(event, handling=context.resumed(item.handling, context.now, event.until))


@restates(tasks.TaskResumed, events.CaseResumed)
def _(event: Any, item: Task | Case, context: SupposedContext) -> Any:
    if item.suspended_until is None or item.handling is None:
        return None
    by_itself = event.by is None
    handling = item.handling if by_itself else ended_early(item.handling, item.suspended_until, context)
    return replace(event, handling=handling)


@restates(TaskDeadlineRecalculated)
def _(event: TaskDeadlineRecalculated, task: Task, context: SupposedContext) -> Event | None:
    return recalculate_task.recalculated(task, event.emergency, context)


@restates(CaseDeadlineRecalculated)
def _(event: CaseDeadlineRecalculated, case: Case, context: SupposedContext) -> Event | None:
    return recalculate_case.recalculated(case, event.emergency, context)


@restates(events.CaseReported)
def _(event: events.CaseReported, _case: None, context: SupposedContext) -> events.CaseReported:
    started = event.acceptance.started
    imported = event.source is Source.IMPORT
    acceptance_from = case_clocks.acceptance_known if imported else case_clocks.acceptance_from
    acceptance = acceptance_from(event.grid, event.category, event.severity, started, context)
    return replace(event, acceptance=acceptance)


@restates(events.CaseRegistered, events.CaseReopened, DisputeRegistered, DisputeFlaredUp)
def _(event: Any, case: Case, context: SupposedContext) -> Any:
    return replace(event, handling=case_clocks.handling_from(case, context.now, context))


@restates(events.CaseDispatched, events.CaseHandedDown, events.CaseCheckFailed)
def _(event: Any, case: Case, context: SupposedContext) -> Any:
    return replace(event, handling=case_clocks.goes_on(case, context))


@restates(events.CaseUnmerged)
def _(event: events.CaseUnmerged, case: Case, context: SupposedContext) -> events.CaseUnmerged:
    acceptance, handling = case_clocks.left_over(case, case.merged_at or case.since, context)
    assert acceptance is not None
    return replace(event, acceptance=acceptance, handling=handling)


@restates(events.CaseAppealDecided)
def _(event: events.CaseAppealDecided, case: Case, context: SupposedContext) -> events.CaseAppealDecided:
    if not event.upheld:
        return event
    acceptance, handling = case_clocks.left_over(case, case.since, context)
    return replace(event, acceptance=acceptance, handling=handling if case.before in CLOCK_RUNS else None)


@restates(PermitDue)
def _(event: PermitDue, _case: None, context: SupposedContext) -> PermitDue:
    return replace(event, reporting=reporting_from(event.grid, event.at, context))


def decided_at(event: Event) -> datetime:
    """Return the time of the decision behind an event.

    It is the event's own, but for a report from a device, whose acceptance clock starts when it is received.
    """
    return event.acceptance.started if isinstance(event, events.CaseReported) else event.at
