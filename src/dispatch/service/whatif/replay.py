"""The replay of a period: event by event, what would have been recorded in place of what was.

People do what they did, when they did it; only clocks, and what the service makes of them, are decided anew.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from commands.cases import escalate as case_escalation
from commands.cases.escalate import EscalateCase, alarm
from commands.command import Decision, On
from commands.context import Loaded
from commands.tasks import escalate as task_escalation
from commands.tasks.escalate import EscalateTask
from dispatch.domain import tasks
from dispatch.domain.cases import running
from dispatch.domain.cases.events import CaseReported, CaseSelfHandled
from dispatch.domain.cases.kinds import Source
from dispatch.domain.escalation import Escalated, EscalationAnswered, EscalationSkipped
from dispatch.domain.event import Event, Recorded
from dispatch.domain.refusal import Refusal
from dispatch.domain.streams import evolve, kind_of
from dispatch.domain.tasks import Task
from dispatch.domain.working_time import Calendar
from dispatch.service.whatif.clocks import RESTATED, decided_at
from dispatch.service.whatif.supposition import SupposedContext, Supposition

ITEMS: Final = frozenset({"task", "case"})
READ: Final = ITEMS | {"town", "policy", "mode"}
"""The kinds of streams that the rules of clocks and of the ladder look at."""


class World(dict[str, Loaded]):
    """The states of all streams; what isn't here is as in `behind`, or has no events yet."""

    def __init__(self, behind: "World | None" = None) -> None:
        super().__init__()
        self._behind = behind

    def __missing__(self, stream: str) -> Loaded:
        return Loaded(0, None) if self._behind is None else self._behind[stream]

    def take(self, stream: str, event: Event) -> int:
        """Let an event happen and return its stream's version."""
        version, state = self[stream]
        self[stream] = Loaded(version + 1, evolve(stream, state, event))
        return version + 1


class Report(NamedTuple):
    """The report of a case that may still turn out to have been put right on the spot."""

    recorded: Recorded
    event: CaseReported


class Replay:
    """The period as it was and as it would have been; `touched` are the items that make the difference.

    Items are touched as soon as one of their clocks starts under the supposition. `refused` counts what
    people asked for and would not have been given.
    """

    def __init__(self, supposition: Supposition, calendar: Calendar) -> None:
        self._supposition, self._calendar = supposition, calendar
        self.was = World()
        self.would = World(self.was)
        self.touched: set[str] = set()
        self.refused = 0
        self._due: list[tuple[datetime, str]] = []
        self._report: Report | None = None
        self._now = supposition.since

    def take(self, recorded: Recorded) -> Iterator[Recorded]:
        """Take the next event of the log and give what would have been recorded up to it and in its place.

        Of items that are not touched nothing is given: all is as it was.
        """
        if recorded.recorded_at >= self._supposition.since:
            yield from self._settle_report(recorded)
            yield from self._fire(recorded.recorded_at, recorded)
            self._now = recorded.recorded_at
            if kind_of(recorded.originator_id) in ITEMS:
                yield from self._instead(recorded)
        if kind_of(recorded.originator_id) in READ:
            self.was.take(recorded.originator_id, recorded.event)
            self._arm(recorded.originator_id)

    def rest(self, until: datetime, last: Recorded) -> Iterator[Recorded]:
        """Give what would have fired after the last event and before `until`."""
        yield from self._settle_report(None)
        yield from self._fire(until, last)

    def _context(self, now: datetime) -> SupposedContext:
        return SupposedContext(self._supposition, self.would, now=now, calendar=self._calendar)

    def _instead(self, recorded: Recorded) -> Iterator[Recorded]:
        stream, event = recorded.originator_id, recorded.event
        if isinstance(event, Escalated | EscalationSkipped):
            if stream in self.touched:
                # The service looked at the item then. What it finds is for the rules to say.
                yield from self._look(stream, event.at, recorded)
            return
        supposed = self._restated(recorded)
        if supposed is None or stream not in self.touched:
            return
        yield self._record(stream, supposed, recorded)
        if isinstance(supposed, CaseReported):
            self._report = Report(recorded, supposed)

    def _restated(self, recorded: Recorded) -> Event | None:
        stream, event = recorded.originator_id, recorded.event
        state = self.would[stream].state
        if isinstance(event, EscalationAnswered):
            return event if state.escalation.unanswered else None
        restate = RESTATED.get(type(event))
        if restate is None:
            return event
        context = self._context(decided_at(event))
        try:
            supposed = restate(event, state, context)
        except Refusal:
            self.refused += stream in self.touched
            return None
        if context.asked:
            self.touched.add(stream)
        return supposed

    def _settle_report(self, following: Recorded | None) -> Iterator[Recorded]:
        """Tell the commander of a grave case, unless the command that reported it had put it right."""
        report, self._report = self._report, None
        if report is None:
            return
        recorded, event = report
        stream = recorded.originator_id
        if event.source is Source.IMPORT or (
            following is not None
            and following.originator_id == stream
            and isinstance(following.event, CaseSelfHandled)
        ):
            return
        context = self._context(decided_at(event))
        for told in list(alarm(event.grid, event.acceptance, context)):
            yield self._record(stream, told, recorded)

    def _look(self, stream: str, now: datetime, near: Recorded) -> Iterator[Recorded]:
        """Look at an item's clock as the service does."""
        kind, _, key = stream.partition(":")
        context = self._context(now)
        decided: Decision = (
            task_escalation.decide(EscalateTask(task=key), context)
            if kind == "task"
            else case_escalation.decide(EscalateCase(case=key), context)
        )
        for event in list(decided):
            assert not isinstance(event, On)
            yield self._record(stream, event, near)

    def _record(self, stream: str, event: Event, near: Recorded) -> Recorded:
        return Recorded(
            originator_id=stream,
            originator_version=self.would.take(stream, event),
            position=near.position,
            recorded_at=near.recorded_at,
            event=event,
        )

    def _arm(self, stream: str) -> None:
        if stream in self.touched and (at := due_at(self.would[stream].state)) is not None:
            heapq.heappush(self._due, (at, stream))

    def _fire(self, until: datetime, near: Recorded) -> Iterator[Recorded]:
        """Look at each item for which something would have been due before `until`, when it was due.

        Where something really was due at that very time, the service looked when it looked: how late that
        was, or whether it came too late, is part of what was.
        """
        while self._due and self._due[0][0] < until:
            at, stream = heapq.heappop(self._due)
            due = due_at(self.would[stream].state)
            if due == at and due_at(self.was[stream].state) != at:
                yield from self._look(stream, max(at, self._now), near)
                self._arm(stream)


def due_at(state: Any) -> datetime | None:
    """Return when time brings something about next for a task or case; None for never."""
    return tasks.due_at(state) if isinstance(state, Task) else running.due_at(state)
