"""Open items after a switch to emergency mode: which of them get new deadlines, which ones, and once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from commands.cases.accept import AcceptCase
from commands.cases.recalculate import RecalculateCase
from commands.cases.register import RegisterCase
from commands.cases.report import ReportCase
from commands.command import Command
from commands.modes.end_recalculation import EndRecalculation
from commands.modes.enter import EnterEmergency
from commands.modes.leave import LeaveEmergency
from commands.tasks.accept import AcceptTask
from commands.tasks.answer_escalation import AnswerTaskEscalation
from commands.tasks.cancel import CancelTask
from commands.tasks.decline import DeclineTask
from commands.tasks.escalate import EscalateTask
from commands.tasks.issue import IssueTasks
from commands.tasks.recalculate import RecalculateTask
from commands.tasks.resume import ResumeTask
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.transfer import TransferTask
from commands.tasks.verify import VerifyTask
from dispatch.domain.cases import Case
from dispatch.domain.cases.kinds import Severity
from dispatch.domain.escalation import TaskEscalated
from dispatch.domain.modes import DeadlinesRecalculated, Grade
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.domain.tasks import Task
from dispatch.domain.working_time import Limit, LimitKind
from tests.unit.commands.scenario import GRID, OTHER_GRID, SERVICE, TOWN, Scenario, the

NAME = "500115@1"
TWO_HOURS = timedelta(hours=2)


class Flood(Scenario):
    """A town in which a flood may begin, that shortens patrols and what has to do with safety."""

    def issue(self, category: str = "patrol", limit: Limit | None = None, grid: str = GRID) -> str:
        self.when(IssueTasks(grids=(grid,), title="巡河", category=category, limit=limit), "operator")
        return self.key("task")

    def begin(self, scope: str = TOWN, recalculates: tuple[str, ...] = ("patrol", "safety")) -> datetime:
        command = EnterEmergency(scope=scope, grade=Grade.RED, reason="洪水", recalculates=recalculates)
        self.when(command, "operator")
        return self.now

    def work(self, task: str) -> None:
        self.when(AcceptTask(task=task, begin=True), "li")

    def recalculate(self, task: str) -> list[Any]:
        return self.when(RecalculateTask(task=task, emergency=NAME), SERVICE)

    def task(self, key: str) -> Task:
        found: Task = self.states[f"task:{key}"].state
        return found

    def case(self, key: str) -> Case:
        found: Case = self.states[f"case:{key}"].state
        return found


def test_what_is_open_has_the_emergency_limit_from_the_switch_on_and_its_steps_come_in_minutes() -> None:
    flood = Flood()
    task = flood.issue(limit=Limit(LimitKind.WORKING_DAYS, 5))
    flood.wait(hours=12)  # nine in the evening
    before = flood.task(task)
    since = flood.begin()
    flood.wait(minutes=3)
    event = the(flood.recalculate(task), TaskDeadlineRecalculated)
    assert (event.at, event.emergency) == (flood.now, NAME)
    assert event.handling.due == since + TWO_HOURS < before.handling.due
    assert event.handling.limit == Limit(LimitKind.CLOCK_HOURS, 2)
    assert event.handling.rule == "default@1/task/patrol/handling/emergency"
    # It was to be accepted by now: that is late as it was.
    assert event.acceptance == before.acceptance
    minutes = [(step.name, (step.at - since) / timedelta(minutes=1)) for step in event.handling.steps]
    assert minutes == [
        ("notice", 60),
        ("reminder", 96),
        ("yellow_card", 120),
        ("red_card", 240),
        ("commander", 360),
        ("district", 480),
    ]
    flood.wait(minutes=57)
    flood.work(task)
    assert the(flood.when(EscalateTask(task=task), SERVICE), TaskEscalated).step == "notice"
    assert flood.recalculate(task) == []


def test_what_is_to_be_accepted_is_to_be_accepted_sooner() -> None:
    flood = Flood()
    task = flood.issue()
    since = flood.begin()
    event = the(flood.recalculate(task), TaskDeadlineRecalculated)
    assert event.acceptance.due == since + timedelta(minutes=15)
    assert event.acceptance.rule == "default@1/task/patrol/acceptance/emergency"
    other = flood.issue()
    assert flood.recalculate(other) == []


def test_what_is_due_sooner_stays_due_then_but_is_escalated_by_the_clock() -> None:
    flood = Flood()
    task = flood.issue(limit=Limit(LimitKind.WORKING_HOURS, 2))
    flood.wait(minutes=30)
    before = flood.task(task).handling
    flood.begin()
    after = the(flood.recalculate(task), TaskDeadlineRecalculated).handling
    assert (after.due, after.limit.kind) == (before.due, LimitKind.CLOCK_HOURS)
    assert after.due - after.started == TWO_HOURS
    assert after.steps[-1].at == before.due + timedelta(hours=6) < before.steps[-1].at


def test_what_is_due_at_the_very_switch_is_not_overdue() -> None:
    flood = Flood()
    task = flood.issue(limit=Limit(LimitKind.WORKING_HOURS, 2))
    flood.work(task)
    before = flood.task(task).handling
    flood.now = before.due
    since = flood.begin()
    after = the(flood.recalculate(task), TaskDeadlineRecalculated).handling
    assert (after.due, after.limit) == (since, Limit(LimitKind.CLOCK_HOURS, 2))
    assert after.rule == "default@1/task/patrol/handling/emergency"
    assert not after.hurried


def test_what_is_overdue_keeps_its_deadline_and_climbs_by_the_emergency_limit_from_the_switch_on() -> None:
    flood = Flood()
    task = flood.issue()
    flood.wait(days=1, hours=3)
    flood.when(EscalateTask(task=task), SERVICE)
    before = flood.task(task).handling
    since = flood.begin()
    after = the(flood.recalculate(task), TaskDeadlineRecalculated).handling
    assert (after.due, after.limit, after.rule) == (before.due, before.limit, before.rule)
    assert [(step.name, step.at - since) for step in after.steps] == [
        ("red_card", TWO_HOURS),
        ("commander", 2 * TWO_HOURS),
        ("district", 3 * TWO_HOURS),
    ]
    flood.wait(minutes=1)
    assert flood.recalculate(task) == []


def test_an_answer_holds_the_steps_back_also_in_an_emergency() -> None:
    flood = Flood()
    task = flood.issue()
    flood.work(task)
    flood.wait(hours=6)
    flood.when(EscalateTask(task=task), SERVICE)
    promised = flood.now + timedelta(hours=10)
    flood.when(AnswerTaskEscalation(task=task, promised_at=promised), "supervisor")
    flood.begin()
    flood.recalculate(task)
    flood.wait(hours=9)
    assert flood.when(EscalateTask(task=task), SERVICE) == []
    flood.wait(hours=2)
    assert flood.when(EscalateTask(task=task), SERVICE)


@pytest.mark.parametrize("stop", ["submit", "decline", "suspend"])
def test_a_clock_that_waits_has_no_more_left_than_the_emergency_limit_when_it_goes_on(stop: str) -> None:
    flood = Flood()
    task = flood.issue()
    end = flood.now + timedelta(days=3)
    if stop == "decline":
        flood.when(DeclineTask(task=task, reason="不归我管"), "li")
    else:
        flood.work(task)
        flood.when(
            SubmitTask(task=task, note="已巡查")
            if stop == "submit"
            else SuspendTask(task=task, reason="停工", until=end),
            "li" if stop == "submit" else "operator",
        )
    due = flood.task(task).handling.due
    flood.begin()
    assert the(flood.recalculate(task), TaskDeadlineRecalculated).handling.due < due
    flood.wait(hours=14)
    goes_on: dict[str, Command] = {
        "submit": VerifyTask(task=task, passed=False, note="照片不清"),
        "decline": TransferTask(task=task, grid=OTHER_GRID, reason="转办"),
        "suspend": ResumeTask(task=task),
    }
    flood.when(goes_on[stop], "operator")
    assert flood.task(task).handling.due == flood.now + TWO_HOURS


@pytest.mark.parametrize("first", ["submitted", "running"])
@pytest.mark.parametrize("stop", ["submit", "decline", "suspend"])
def test_what_was_overdue_climbs_by_the_emergency_limit_also_once_its_clock_has_waited(
    stop: str, first: str
) -> None:
    flood = Flood()
    task = flood.issue()
    if stop != "decline":
        flood.work(task)
    flood.wait(days=1, hours=3)
    flood.when(EscalateTask(task=task), SERVICE)
    stops: dict[str, tuple[Command, str]] = {
        "submit": (SubmitTask(task=task, note="已巡查"), "li"),
        "decline": (DeclineTask(task=task, reason="不归我管"), "li"),
        "suspend": (SuspendTask(task=task, reason="停工", until=flood.now + timedelta(days=3)), "operator"),
    }
    gone = timedelta(0)
    if first == "running":
        # An hour of the emergency has gone when the clock stops: as much is gone when it goes on.
        flood.begin()
        flood.recalculate(task)
        flood.wait(hours=1)
        gone = timedelta(hours=1)
        stops["suspend"] = (
            SuspendTask(task=task, reason="停工", until=flood.now + timedelta(days=3)),
            "operator",
        )
    flood.when(*stops[stop])
    if first != "running":
        flood.begin()
        flood.recalculate(task)
    flood.wait(hours=14)
    assert flood.when(EscalateTask(task=task), SERVICE) == []
    goes_on: dict[str, Command] = {
        "submit": VerifyTask(task=task, passed=False, note="照片不清"),
        "decline": TransferTask(task=task, grid=OTHER_GRID, reason="转办"),
        "suspend": ResumeTask(task=task),
    }
    before = flood.task(task).handling
    flood.when(goes_on[stop], "operator")
    handling = flood.task(task).handling
    assert (handling.limit, handling.rule) == (before.limit, before.rule)
    assert [(step.name, step.at - flood.now) for step in handling.steps] == [
        ("red_card", TWO_HOURS - gone),
        ("commander", 2 * TWO_HOURS - gone),
        ("district", 3 * TWO_HOURS - gone),
    ]
    assert flood.recalculate(task) == []


def test_a_wait_does_not_lengthen_the_little_that_was_left() -> None:
    flood = Flood()
    task = flood.issue(limit=Limit(LimitKind.WORKING_HOURS, 7))
    flood.work(task)
    flood.wait(hours=8, minutes=55)  # 17:55: 55 minutes of working time are left, and a night lies between
    flood.when(SubmitTask(task=task, note="已巡查"), "li")
    flood.begin()
    flood.recalculate(task)
    flood.wait(hours=3)
    flood.when(VerifyTask(task=task, passed=False, note="照片不清"), "operator")
    assert flood.task(task).handling.due - flood.now == timedelta(minutes=5)


def test_a_suspension_that_has_just_ended_is_recorded_first() -> None:
    flood = Flood()
    task = flood.issue()
    flood.work(task)
    flood.when(SuspendTask(task=task, reason="停工", until=flood.now + timedelta(hours=1)), "operator")
    flood.wait(hours=1)
    since = flood.begin()
    events = flood.recalculate(task)
    assert [type(event).__name__ for event in events] == ["TaskResumed", "TaskDeadlineRecalculated"]
    assert flood.task(task).handling.due == since + TWO_HOURS


def test_what_is_not_listed_elsewhere_ended_or_after_the_emergency_stays() -> None:
    flood = Flood()
    visit, elsewhere = flood.issue("visit"), flood.issue(grid=OTHER_GRID)
    ended, later = flood.issue(), flood.issue()
    flood.when(CancelTask(task=ended, reason="撤"), "operator")
    flood.begin(scope=GRID)
    for task in (visit, elsewhere, ended):
        assert flood.recalculate(task) == []
    assert flood.when(RecalculateTask(task=later, emergency="500115@2"), SERVICE) == []
    flood.when(LeaveEmergency(scope=GRID, reason="解除"), "operator")
    assert flood.recalculate(later) == []


def test_every_category_may_be_listed_by_a_star() -> None:
    flood = Flood()
    task = flood.issue("visit")
    flood.begin(recalculates=("*",))
    the(flood.recalculate(task), TaskDeadlineRecalculated)


def test_a_case_is_accepted_and_handled_sooner_by_its_severity() -> None:
    flood = Flood()
    reported = ReportCase(grid=GRID, category="safety", title="堤坝渗水", severity=Severity.YELLOW)
    flood.when(reported, "li")
    waiting = flood.key("case")
    flood.when(reported, "li")
    registered = flood.key("case")
    flood.when(AcceptCase(case=registered), "operator")
    flood.when(RegisterCase(case=registered), "operator")
    since = flood.begin()
    event = the(flood.when(RecalculateCase(case=waiting, emergency=NAME), SERVICE), CaseDeadlineRecalculated)
    assert event.acceptance is not None
    assert (event.acceptance.due, event.handling) == (since + timedelta(minutes=10), None)
    event = the(
        flood.when(RecalculateCase(case=registered, emergency=NAME), SERVICE), CaseDeadlineRecalculated
    )
    assert event.handling is not None
    assert event.handling.due == since + timedelta(hours=3)
    assert flood.case(registered).handling == event.handling
    assert flood.when(RecalculateCase(case=registered, emergency=NAME), SERVICE) == []


def test_it_ends_once_and_only_where_something_was_listed() -> None:
    flood = Flood()
    end = EndRecalculation(scope=TOWN, emergency=NAME)
    assert flood.when(end, SERVICE) == []
    flood.begin()
    the(flood.when(end, SERVICE), DeadlinesRecalculated)
    assert flood.when(end, SERVICE) == []
    flood.when(LeaveEmergency(scope=TOWN, reason="解除"), "operator")
    flood.begin(recalculates=())
    assert flood.when(EndRecalculation(scope=TOWN, emergency="500115@2"), SERVICE) == []
    flood.when(LeaveEmergency(scope=TOWN, reason="解除"), "operator")
    flood.begin()
    flood.when(LeaveEmergency(scope=TOWN, reason="解除"), "operator")
    assert flood.when(EndRecalculation(scope=TOWN, emergency="500115@3"), SERVICE) == []
