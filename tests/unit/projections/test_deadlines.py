"""A deadline explains itself: whatever happens to an item, the counted stretches add up to its limit."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commands.command import Command
from commands.modes.enter import EnterEmergency
from commands.tasks.accept import AcceptTask
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.escalate import EscalateTask
from commands.tasks.issue import IssueTasks
from commands.tasks.recalculate import RecalculateTask
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.resume import ResumeTask
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.verify import VerifyTask
from dispatch.domain.modes import Grade
from dispatch.domain.refusal import Refusal
from dispatch.domain.tasks import Task
from dispatch.domain.working_time import Limit, LimitKind, elapsed
from projections.deadlines import MINUTE, Explained, explain
from tests.unit.commands.scenario import CALENDAR, GRID, SERVICE, TOWN, Scenario

EXTEND, FLOOD, SUSPEND = ("request", "grant"), ("flood", "recalculate"), ("suspend",)
STEPS = st.sampled_from([EXTEND, FLOOD, SUSPEND, ("resume",), ("submit",), ("return",), ("look",)])
HOURS = st.sampled_from([0.25, 1.0, 5.0, 14.0, 30.0, 90.0])
"""Time that passes before a step: within the limit, over night, and beyond the limit."""
LIMITS = st.builds(Limit, st.sampled_from(LimitKind), st.sampled_from([0.5, 1.0, 2.0, 3.0]))


class Explaining(Scenario):
    """One task, to which one thing after the other happens."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self.when(IssueTasks(grids=(GRID,), title="巡查", category="patrol", limit=limit), "operator")
        self.task = self.key("task")
        self.when(AcceptTask(task=self.task, begin=True), "li")

    def step(self, name: str) -> None:
        task, until = self.task, self.now + timedelta(hours=40)
        steps: dict[str, tuple[Command, str]] = {
            "request": (RequestTaskExtension(task=task, reason="雨"), "li"),
            "grant": (DecideTaskExtension(task=task, granted=True), "operator"),
            "suspend": (SuspendTask(task=task, reason="停工", until=until), "operator"),
            "resume": (ResumeTask(task=task), "operator"),
            "submit": (SubmitTask(task=task, note="已巡查"), "li"),
            "return": (VerifyTask(task=task, passed=False, note="照片不清"), "operator"),
            "flood": (
                EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", recalculates=("*",)),
                "operator",
            ),
            "recalculate": (RecalculateTask(task=task, emergency=f"{TOWN[:6]}@1"), SERVICE),
            "look": (EscalateTask(task=task), SERVICE),
        }
        command, who = steps[name]
        try:
            self.when(command, who)
        except Refusal:
            return

    def state(self) -> Task:
        found: Task = self.states[f"task:{self.task}"].state
        return found

    def explained(self) -> Explained:
        found = explain(
            lambda stream: [one for one in self.log if one.originator_id == stream],
            CALENDAR,
            f"task:{self.task}",
            as_of=self.now,
            position=len(self.log),
        )
        assert found is not None
        return found


WORKING_DAY = Limit(LimitKind.WORKING_DAYS, 1)


@given(LIMITS, st.lists(st.tuples(HOURS, STEPS), max_size=7))
@example(WORKING_DAY, [(30.0, ("submit",)), (5.0, ("return",))])
@example(WORKING_DAY, [(30.0, ("submit",)), (90.0, ("return",))])
@example(WORKING_DAY, [(30.0, SUSPEND), (90.0, ("look",)), (1.0, ("submit",)), (30.0, ("return",))])
@example(WORKING_DAY, [(1.0, EXTEND), (30.0, SUSPEND), (5.0, ("resume",)), (1.0, FLOOD)])
@example(WORKING_DAY, [(30.0, FLOOD), (1.0, ("submit",)), (14.0, ("return",))])
@example(
    WORKING_DAY, [(1.0, SUSPEND), (5.0, FLOOD), (90.0, ("look",)), (5.0, ("submit",)), (1.0, ("return",))]
)
def test_whatever_happens_the_counted_stretches_add_up_to_the_limit(limit: Limit, steps: list[Any]) -> None:
    item = Explaining(limit)
    for hours, names in steps:
        item.wait(hours=hours)
        for name in names:
            item.step(name)
        explained_well(item)


def explained_well(item: Explaining) -> None:
    found, task = item.explained(), item.state()
    assert found.due == task.handling.due
    counted = [one for one in found.segments if one.what == "counted"]
    assert sum(one.counted_minutes for one in counted) == pytest.approx(found.minutes)
    times = [at for one in found.segments for at in (one.start, one.until)]
    assert times == sorted(times)
    kind, end = found.limit.kind, counted[-1].until
    pauses = [one for one in found.segments if one.what == "pause" and one.start >= end]
    if not pauses:
        assert found.due == end
        return
    # As much time has counted since the deadline as since the limit was used up, but for the pauses.
    now = task.clock_stopped_at or item.now
    if task.suspended_until is not None or now < found.due:
        return
    beyond = elapsed(CALENDAR, kind, end, now)
    for pause in pauses:
        beyond -= elapsed(CALENDAR, kind, pause.start, pause.until)
    assert beyond / MINUTE == pytest.approx(elapsed(CALENDAR, kind, found.due, now) / MINUTE)
