"""Emergencies entered and left at random over tasks at random: no switch ever makes anything later."""

from datetime import timedelta
from functools import reduce
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from commands.command import Command
from commands.modes.command import NoEmergency
from commands.modes.end_recalculation import EndRecalculation
from commands.modes.enter import EmergencyOverlaps, EnterEmergency
from commands.modes.leave import LeaveEmergency
from commands.tasks.accept import AcceptTask
from commands.tasks.decline import DeclineTask
from commands.tasks.escalate import EscalateTask
from commands.tasks.issue import IssueTasks
from commands.tasks.recalculate import RecalculateTask
from commands.tasks.resume import ResumeTask
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.transfer import TransferTask
from commands.tasks.verify import VerifyTask
from dispatch.domain import codes, modes
from dispatch.domain.modes import EmergencyEntered, EmergencyLeft, Grade, Modes
from dispatch.domain.policy import IN_EMERGENCY, Mode
from dispatch.domain.refusal import Refusal
from dispatch.domain.tasks import ENDED, Task
from dispatch.domain.working_time import Deadline, Limit, LimitKind
from tests.unit.commands.scenario import GRID, OTHER_GRID, SERVICE, TOWN, Scenario

COUNTY = TOWN[:6]
PLACES = (COUNTY, TOWN, GRID, OTHER_GRID)
CATEGORIES = ("patrol", "visit")
LISTS = st.sampled_from([(), ("patrol",), ("*",)])
LIMITS = st.sampled_from(
    [
        None,
        Limit(LimitKind.WORKING_HOURS, 1),
        Limit(LimitKind.CLOCK_HOURS, 30),
        Limit(LimitKind.CALENDAR_DAYS, 9),
    ]
)


class Emergencies(RuleBasedStateMachine):
    """A county with two grids, up to six tasks, and a clock that moves by minutes to days."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = Scenario()
        self.tasks: list[str] = []
        self.lasting: dict[str, str] = {}

    @initialize()
    def one_to_begin_with(self) -> None:
        self.issue(GRID, "patrol", None)

    @rule(grid=st.sampled_from([GRID, OTHER_GRID]), category=st.sampled_from(CATEGORIES), limit=LIMITS)
    def issue(self, grid: str, category: str, limit: Limit | None) -> None:
        if len(self.tasks) < 6:
            command = IssueTasks(grids=(grid,), title="巡查", category=category, limit=limit)
            self.scenario.when(command, "operator")
            self.tasks.append(self.scenario.key("task"))
            by_the_clock = self.state(self.tasks[-1]).handling.rule.endswith(IN_EMERGENCY)
            assert by_the_clock == any(codes.covers(scope, grid) for scope in self.lasting)

    @rule(hours=st.sampled_from([0.05, 0.5, 3, 9, 24, 24 * 4]))
    def time_passes(self, hours: float) -> None:
        self.scenario.wait(hours=hours)

    @rule(data=st.data())
    def somebody_works(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        until = self.scenario.now + data.draw(st.timedeltas(timedelta(hours=1), timedelta(hours=90)))
        steps: list[tuple[Command, str]] = [
            (AcceptTask(task=task, begin=True), "li"),
            (SubmitTask(task=task, note="已巡查"), "li"),
            (DeclineTask(task=task, reason="不归我管"), "li"),
            (VerifyTask(task=task, passed=False, note="照片不清"), "operator"),
            (VerifyTask(task=task, passed=True), "operator"),
            (SuspendTask(task=task, reason="停工", until=until), "operator"),
            (ResumeTask(task=task), "operator"),
            (TransferTask(task=task, grid=OTHER_GRID, reason="转办"), "operator"),
            (EscalateTask(task=task), SERVICE),
        ]
        command, who = data.draw(st.sampled_from(steps))
        try:
            self.scenario.when(command, who)
        except Refusal:
            return

    @rule(scope=st.sampled_from(PLACES), lists=LISTS)
    def a_flood_begins(self, scope: str, lists: tuple[str, ...]) -> None:
        before = self.deadlines()
        command = EnterEmergency(scope=scope, grade=Grade.RED, reason="洪水", recalculates=lists)
        overlaps = any(codes.covers(one, scope) or codes.covers(scope, one) for one in self.lasting)
        if overlaps:
            self.scenario.refused(EmergencyOverlaps, command, SERVICE)
            return
        (event,) = self.scenario.when(command, SERVICE)
        assert isinstance(event, EmergencyEntered)
        self.lasting[scope] = event.emergency
        # The switch itself touches nothing: each deadline changes only by an event of its own.
        assert self.deadlines() == before

    @rule()
    def the_service_looks_at_what_is_open(self) -> None:
        for name in self.lasting.values():
            for task in self.tasks:
                self._look(RecalculateTask(task=task, emergency=name))

    def _look(self, command: RecalculateTask) -> None:
        before = self.state(command.task)
        events = self.scenario.when(command, SERVICE)
        after = self.state(command.task)
        if before.status in ENDED:
            assert events == []
        if before.handling.rule.endswith(IN_EMERGENCY):
            assert after.handling == before.handling
        _no_later(before.acceptance, after.acceptance)
        _no_later(before.handling, after.handling)
        assert self.scenario.when(command, SERVICE) == []

    @rule(data=st.data())
    def the_service_has_looked_at_all(self, data: st.DataObject) -> None:
        if self.lasting:
            scope = data.draw(st.sampled_from([*self.lasting]))
            self.scenario.when(EndRecalculation(scope=scope, emergency=self.lasting[scope]), SERVICE)

    @rule(scope=st.sampled_from(PLACES))
    def the_flood_is_over(self, scope: str) -> None:
        before = self.deadlines()
        command = LeaveEmergency(scope=scope, reason="解除")
        if scope not in self.lasting:
            self.scenario.refused(NoEmergency, command, SERVICE)
            return
        (event,) = self.scenario.when(command, SERVICE)
        assert isinstance(event, EmergencyLeft)
        assert event.emergency == self.lasting.pop(scope)
        assert self.deadlines() == before

    @invariant()
    def the_mode_of_each_place_is_that_of_the_one_emergency_around_it(self) -> None:
        found = self.modes()
        for place in (GRID, OTHER_GRID):
            around = [name for scope, name in self.lasting.items() if codes.covers(scope, place)]
            assert len(around) <= 1
            emergency = found.at(place, self.scenario.now) if found else None
            assert around == ([emergency.emergency] if emergency else [])

    @invariant()
    def events_rebuild_the_modes(self) -> None:
        events: list[Any] = list(self.scenario.streams.get(f"mode:{COUNTY}", []))
        assert reduce(modes.evolve, events, None) == self.modes()
        found = self.modes()
        assert found is None or found.status in set(Mode)

    def modes(self) -> Modes | None:
        held = self.scenario.states.get(f"mode:{COUNTY}")
        return held.state if held else None

    def state(self, task: str) -> Task:
        found: Task = self.scenario.states[f"task:{task}"].state
        return found

    def deadlines(self) -> list[tuple[Deadline, Deadline]]:
        return [(self.state(task).acceptance, self.state(task).handling) for task in self.tasks]


def _no_later(before: Deadline, after: Deadline) -> None:
    assert after.due <= before.due
    planned = {step.name: step.at for step in before.steps}
    assert {step.name for step in after.steps} == planned.keys()
    assert all(step.at <= planned[step.name] for step in after.steps)
    assert [step.at for step in after.steps] == sorted(step.at for step in after.steps)


TestEmergencies = Emergencies.TestCase
TestEmergencies.settings = settings(stateful_step_count=30)
