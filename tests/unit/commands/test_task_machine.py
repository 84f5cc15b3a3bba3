"""Tasks under random commands by random people: their events rebuild them, and the rules hold."""

from datetime import datetime, timedelta
from functools import reduce
from itertools import islice
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from commands.command import Command
from commands.rights import TASKS
from commands.tasks.issue import IssueTasks
from dispatch.domain import tasks
from dispatch.domain.event import Event
from dispatch.domain.refusal import Refusal
from dispatch.domain.tasks import Status, Task, TaskClosed, TaskResumed, TaskReturned
from tests.unit.commands.commands_at_random import attempts, structs
from tests.unit.commands.scenario import GRID, SERVICE, Scenario

ON_ONE = [kind for kind in TASKS if kind is not IssueTasks]
LIKELY = {"operator": 3, "operator-2": 1, "li": 4, "wang": 2, "zhao": 1, SERVICE: 1, "supervisor": 1}
LATE = (timedelta(days=-2), timedelta(days=40))
"""By how much a device's time lies before the server's."""

people = st.sampled_from([name for name, weight in LIKELY.items() for _ in range(weight)])


def folded(events: list[Event]) -> Any:
    return reduce(tasks.evolve, events, None)  # type: ignore[arg-type]  # a stream of tasks holds their events


class Tasks(RuleBasedStateMachine):
    """Three tasks at most, and a clock that moves by minutes to weeks."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = Scenario()
        self.tasks: list[str] = []

    @initialize()
    def one_to_begin_with(self) -> None:
        self.issue("operator")

    @precondition(lambda self: len(self.tasks) < 3)
    @rule(who=st.just("operator"))
    def issue(self, who: str) -> None:
        self.scenario.when(IssueTasks(grids=(GRID,), title="巡查", category="general"), who)
        self.tasks.append(self.scenario.key("task"))

    @rule(hours=st.sampled_from([0.1, 1, 5, 24, 24 * 6, 24 * 20]))
    def time_passes(self, hours: float) -> None:
        self.scenario.wait(hours=hours)

    @rule(seed=st.integers(0, 2**32), late=st.none() | st.timedeltas(*LATE))
    def somebody_is_answered(self, seed: int, late: timedelta | None) -> None:
        """Try what may well be carried out, until something is."""
        device_at = None if late is None else self.scenario.now - late
        asked = attempts(ON_ONE, {"task": self.tasks, "case": []}, self.scenario.now, Random(seed))
        for command, who in islice(asked, 60):
            if self._carried_out(command, who, device_at):
                return

    @rule(data=st.data(), kind=st.sampled_from(ON_ONE), who=people)
    def somebody_asks_anything(self, data: st.DataObject, kind: type[Command], who: str) -> None:
        self._carried_out(data.draw(structs(kind, {"task": self.tasks, "case": []})), who, None)

    def _carried_out(self, command: Any, who: str, device_at: datetime | None) -> bool:
        stream = f"task:{command.task}"
        before = self.scenario.states.get(stream)
        try:
            events = self.scenario.when(command, who, device_at=device_at)
        except Refusal:
            return False
        assert before is not None
        if events:
            self._check_step(before.state, self.scenario.states[stream].state, events)
        return bool(events)

    def _check_step(self, before: Task, after: Task, events: list[Event]) -> None:
        assert before.status not in tasks.ENDED
        assert after.since >= before.since
        assert all(event.at <= self.scenario.now for event in events)
        ended_early = any(isinstance(event, TaskResumed) and event.by is not None for event in events)
        assert ended_early or after.handling.due >= before.handling.due
        for event in events:
            if isinstance(event, TaskClosed | TaskReturned):
                assert event.by not in before.workers

    @invariant()
    def events_rebuild_the_state(self) -> None:
        for task in self.tasks:
            stream = f"task:{task}"
            assert folded(self.scenario.streams[stream]) == self.scenario.states[stream].state

    @invariant()
    def the_rules_hold(self) -> None:
        for task in self.tasks:
            found: Task = self.scenario.states[f"task:{task}"].state
            issued: Any = self.scenario.streams[f"task:{task}"][0]
            assert found.extensions <= 2
            assert found.suspensions <= 1
            assert found.handling.started == issued.handling.started
            assert (found.status is Status.SUSPENDED) == (found.suspended_until is not None)
            if found.status in tasks.WITH_THE_WORKER:
                assert found.assignee is not None
                assert found.clock_stopped_at is None
            if found.status is Status.ISSUED and found.acceptance.started < found.handling.due:
                assert found.acceptance.due <= found.handling.due
            if found.status in {Status.SUBMITTED, Status.SUSPENDED, Status.DECLINED}:
                assert found.clock_stopped_at is not None


TestTasks = Tasks.TestCase
TestTasks.settings = settings(stateful_step_count=30)
