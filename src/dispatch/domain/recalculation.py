"""What a switch to emergency mode makes of open items: events with new deadlines, never later ones."""

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from dispatch.domain.event import Event
from dispatch.domain.ladder import NOW, Step
from dispatch.domain.policy import IN_EMERGENCY
from dispatch.domain.working_time import Calendar, Deadline, Limit, before, due, elapsed, reached


class TaskDeadlineRecalculated(Event, frozen=True, kw_only=True, tag="task.deadline_recalculated"):
    """An emergency that began while the task was open gave it these deadlines, neither of them later."""

    emergency: str
    acceptance: Deadline
    handling: Deadline


class CaseDeadlineRecalculated(Event, frozen=True, kw_only=True, tag="case.deadline_recalculated"):
    """An emergency that began while the case was open gave it these deadlines, neither of them later.

    None stands for a clock that has not started.
    """

    emergency: str
    acceptance: Deadline | None
    handling: Deadline | None


class Waiting(NamedTuple):
    """A clock that does not run: since when, and from when on its deadline counts on running again."""

    since: datetime
    until: datetime


class EmergencyLimit(NamedTuple):
    """What an emergency sets: the limit, the rule that it comes from, and the instant of the switch."""

    limit: Limit
    rule: str
    since: datetime


def recalculated(
    calendar: Calendar, deadline: Deadline, emergency: EmergencyLimit, waiting: Waiting | None = None
) -> Deadline:
    """Return the deadline of an open item after a switch; the same one where nothing is to change.

    What is left is what was left or the emergency limit, whichever is less, counted by the clock from the
    switch; where the clock waits, from when it goes on. What was overdue keeps its deadline: only its next
    steps come sooner, by the emergency limit from then on. `started` becomes the time at which the
    emergency limit would have had to start, so that both ends still lie one limit apart.
    """
    limit, rule, since = emergency
    if deadline.rule.endswith(IN_EMERGENCY) or deadline.hurried:
        return deadline
    goes_on = waiting.until if waiting else since
    if deadline.due < goes_on:
        return _hurried(calendar, deadline, emergency._replace(since=goes_on))
    kept = deadline.due
    if waiting:
        # A wait must not lengthen what was left: eight minutes of working time are not a night.
        kept = goes_on + elapsed(calendar, deadline.limit.kind, goes_on, deadline.due)
    until = min(kept, due(calendar, goes_on, limit))
    stopped = waiting.since if waiting else since
    shortened = Deadline(
        started=before(calendar, stopped + (until - goes_on), limit),
        due=until,
        limit=limit,
        rule=rule,
        calendar=calendar.version,
        steps=deadline.steps,
    )
    return _planned(calendar, shortened, shortened, since)


def _hurried(calendar: Calendar, deadline: Deadline, emergency: EmergencyLimit) -> Deadline:
    """Return an overdue deadline with its steps as if the emergency limit ran out at `emergency.since`."""
    if not deadline.steps:
        return deadline
    as_if = replace(deadline, due=emergency.since, limit=emergency.limit)
    return _planned(calendar, replace(deadline, hurried=True), as_if, emergency.since)


def _planned(calendar: Calendar, deadline: Deadline, pace: Deadline, since: datetime) -> Deadline:
    """Return a deadline whose steps are due as those of `pace`, not before the switch and never later."""
    steps = (_hastened(calendar, step, pace, since) for step in deadline.steps)
    return replace(deadline, steps=tuple(sorted(steps, key=lambda step: step.at)))


def _hastened(calendar: Calendar, step: Step, pace: Deadline, since: datetime) -> Step:
    if step.share == NOW:
        return step
    at = min(step.at, max(since, reached(calendar, pace, step.share)))
    return Step(step.name, at, step.share, step.level, step.to)
