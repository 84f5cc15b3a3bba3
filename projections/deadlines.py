"""A deadline that explains itself: the rule and calendar that made it, the stretches that add up to it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from dispatch.domain.cases.events import CaseExtensionGranted, CaseResumed, CaseSuspended
from dispatch.domain.cases.permits import PermitDue
from dispatch.domain.escalation import Escalated, EscalationSkipped
from dispatch.domain.event import Event
from dispatch.domain.ladder import Level
from dispatch.domain.limits import LimitKind
from dispatch.domain.policy import version_of
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.domain.streams import evolve
from dispatch.domain.tasks import TaskExtensionGranted, TaskResumed, TaskSuspended
from dispatch.domain.working_time import Calendar, Deadline, Limit, after, length, segments
from projections.calendars import Recall, policy_of

MINUTE: Final = timedelta(minutes=1)
GRANTED: Final = (TaskExtensionGranted, CaseExtensionGranted)
SUSPENDED: Final = (TaskSuspended, CaseSuspended)
RESUMED: Final = (TaskResumed, CaseResumed)
CLOCKS: Final = ("handling", "reporting", "acceptance")
"""The clocks that an event may set, the one to be explained first; a case begins with its acceptance."""
RECALCULATED: Final = (TaskDeadlineRecalculated, CaseDeadlineRecalculated)


class Stretch(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """A stretch of time on the way to a deadline, and the minutes of it that counted; none of a pause."""

    start: datetime
    until: datetime
    what: Literal["counted", "pause"]
    kind: LimitKind
    counted_minutes: float


class Granted(msgspec.Struct, frozen=True):
    """An extension: when and by whom, and how many minutes it added."""

    at: datetime
    by: str
    minutes: float


class Rung(msgspec.Struct, frozen=True):
    """A step of the ladder: when it is or was due, and when it fired, if it has."""

    step: str
    level: Level
    planned_at: datetime
    fired_at: datetime | None
    skipped: bool


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline: `minutes` are the limit's and its extensions', and the counted stretches add up to them.

    `suspended` says that the clock waits and the deadline counts on its going on at the planned time.
    """

    stream: str
    rule: str
    policy: str
    calendar: str
    limit: Limit
    started: datetime
    due: datetime
    minutes: float
    suspended: bool
    extensions: list[Granted]
    segments: list[Stretch]
    steps: list[Rung]
    as_of: datetime
    position: int


class _Clock:
    """One clock of an item, as its events tell of it: a pause begins, and ends when it has ended."""

    def __init__(self, name: str, deadline: Deadline) -> None:
        self.name, self.deadline = name, deadline
        self.pauses: list[tuple[datetime, datetime]] = []
        self.extensions: list[Event] = []
        self.done: list[Rung] = []

    def recalculate(self, deadline: Deadline, at: datetime) -> None:
        """Take note of what an emergency made of it: a limit of its own, on the same ladder.

        A pause that still lasts is in it, what was before is not.
        """
        if deadline.started != self.deadline.started:
            self.pauses = [pause for pause in self.pauses if pause[1] > at]
            self.extensions = []
        self.deadline = deadline

    def take(self, event: Event, deadline: Deadline, stopped_at: datetime) -> None:
        """Take note of an event that names the deadline anew."""
        if isinstance(event, GRANTED):
            self.extensions.append(event)
        elif isinstance(event, SUSPENDED):
            self.pauses.append((event.at, event.until))
        elif isinstance(event, RESUMED) and self.pauses:
            self.pauses[-1] = (self.pauses[-1][0], event.at)
        elif deadline.due != self.deadline.due:
            self.pauses.append((stopped_at, event.at))
        self.deadline = deadline


def explain(
    recall: Recall, calendar: Calendar, stream: str, *, as_of: datetime, position: int
) -> Explained | None:
    """Return the deadline of an item's present clock as of a moment; None where no clock has started."""
    found = [recorded.event for recorded in recall(stream) if recorded.position <= position]
    clock = _clock(stream, (event for event in found if event.at <= as_of))
    if clock is None:
        return None
    deadline = clock.deadline
    policy = policy_of(recall, version_of(deadline.rule))
    town = policy.calendar(calendar)
    limit = length(town, deadline.limit)
    whole = limit * (1 + len(clock.extensions))
    done = {rung.step for rung in clock.done}
    planned = [
        Rung(step.name, step.level, step.at, None, skipped=False)
        for step in deadline.steps
        if step.name not in done
    ]
    return Explained(
        stream=stream,
        rule=deadline.rule,
        policy=policy.version,
        calendar=deadline.calendar,
        limit=deadline.limit,
        started=deadline.started,
        due=deadline.due,
        minutes=whole / MINUTE,
        suspended=bool(clock.pauses) and clock.pauses[-1][1] > as_of,
        extensions=[
            Granted(event.at, str(getattr(event, "by", "")), limit / MINUTE) for event in clock.extensions
        ],
        segments=list(_stretches(town, clock, whole)),
        steps=clock.done + planned,
        as_of=as_of,
        position=position,
    )


def _clock(stream: str, events: Iterable[Event]) -> _Clock | None:
    clock: _Clock | None = None
    state: Any = None
    for event in events:
        name = next((name for name in CLOCKS if isinstance(getattr(event, name, None), Deadline)), None)
        if name is not None:
            deadline: Deadline = getattr(event, name)
            if clock is not None and isinstance(event, RECALCULATED):
                clock.recalculate(deadline, event.at)
            elif (
                clock is None
                or isinstance(event, PermitDue)  # perhaps of a permit that was voided, and begins anew
                or (clock.name, clock.deadline.started) != (name, deadline.started)
            ):
                clock = _Clock(name, deadline)
            else:
                merged_at = getattr(state, "merged_at", None)
                clock.take(event, deadline, state.clock_stopped_at or merged_at or state.since)
        if clock is not None and isinstance(event, Escalated | EscalationSkipped):
            skipped = isinstance(event, EscalationSkipped)
            fired_at = None if skipped else event.at
            clock.done.append(Rung(event.step, event.level, event.planned_at, fired_at, skipped=skipped))
        state = evolve(stream, state, event)
    return clock


def _stretches(calendar: Calendar, clock: _Clock, whole: timedelta) -> Iterator[Stretch]:
    """Give what counted from the start until the `whole` time was used up, and the pauses, in order.

    A pause after that moves the deadline, so that what was overdue stays so by as much; it counts nothing.
    """
    kind, begin, left = clock.deadline.limit.kind, clock.deadline.started, whole
    for start, until in (*clock.pauses, (datetime.max.replace(tzinfo=UTC), None)):
        if left:
            used_up = after(calendar, kind, begin, left)
            for one in segments(calendar, kind, begin, min(start, used_up)):
                left -= one.counted
                yield Stretch(one.start, one.until, "counted", kind, one.minutes)
        if until is not None and until > start:
            yield Stretch(start, until, "pause", kind, 0.0)
            begin = until
