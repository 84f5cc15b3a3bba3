"""The ladder of escalation: what is due when, whom it reaches, what an answer holds back, what ends it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from commands.cases.accept import AcceptCase
from commands.cases.answer_escalation import AnswerCaseEscalation
from commands.cases.dispatch import DispatchCase
from commands.cases.escalate import EscalateCase
from commands.cases.finish import FinishCase
from commands.cases.import_case import ImportCase
from commands.cases.register import RegisterCase
from commands.cases.reopen import ReopenCase
from commands.escalation import NotAddressed, NothingToAnswer, PromiseUnacceptable
from commands.policies.set import SetPolicy
from commands.tasks.accept import AcceptTask
from commands.tasks.answer_escalation import AnswerTaskEscalation
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.escalate import EscalateTask
from commands.tasks.handle import HandleTask
from commands.tasks.issue import IssueTasks
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.verify import VerifyTask
from commands.towns.close_department import CloseDepartment
from dispatch.domain.cases import Severity
from dispatch.domain.escalation import (
    CaseEscalated,
    Escalated,
    TaskEscalated,
    TaskEscalationSkipped,
)
from dispatch.domain.event import Event
from dispatch.domain.ladder import DEFAULT_LADDER, WHOLE, Addressee, LadderStep, Level
from dispatch.domain.policy import DEFAULT
from dispatch.domain.refusal import RoleNotAllowed
from dispatch.domain.tasks import Task, TaskResumed
from dispatch.domain.towns import MemberJoined, MemberPosted, MemberUnposted, Post
from dispatch.domain.working_time import Limit, LimitKind
from tests.unit.commands.scenario import GRID, MONDAY, SERVICE, TOWN, Scenario, kinds, the
from tests.unit.commands.stages import (
    accepted,
    checked,
    closed,
    handling,
    registered,
    reported,
    to_be_accepted,
    to_be_handled,
)

HOURS = 10
TEN = Limit(LimitKind.CLOCK_HOURS, HOURS)


def staffed() -> Scenario:
    scenario = Scenario()
    for name, place, post in (
        ("instructor", GRID, Post.INSTRUCTOR),
        ("leader", TOWN, Post.LEADER),
        ("commander", TOWN, Post.COMMANDER),
    ):
        scenario.given(f"town:{TOWN}", MemberJoined(at=MONDAY, member=name, name=name))
        scenario.given(f"town:{TOWN}", MemberPosted(at=MONDAY, member=name, place=place, post=post))
    return scenario


def begun(scenario: Scenario | None = None) -> tuple[Scenario, str]:
    """A task of ten clock hours that Wang works on; Li is the chief of its grid."""
    scenario = scenario or staffed()
    scenario.when(IssueTasks(grids=(GRID,), title="巡查", category="patrol", limit=TEN), "operator")
    task = scenario.key("task")
    scenario.when(AcceptTask(task=task), "wang")
    scenario.when(HandleTask(task=task), "wang")
    return scenario, task


def look(scenario: Scenario, task: str) -> list[Event]:
    return scenario.when(EscalateTask(task=task), SERVICE)


def told(events: list[Event]) -> list[tuple[str, tuple[str, ...]]]:
    return [(event.step, event.persons) for event in events if isinstance(event, Escalated)]


def test_each_step_fires_at_its_share_of_the_limit_for_those_who_fill_its_roles() -> None:
    scenario, task = begun()
    found = []
    for _ in range(45):
        scenario.wait(hours=1)
        for event in look(scenario, task):
            assert isinstance(event, TaskEscalated)
            assert event.planned_at == event.at == scenario.now
            hours = (scenario.now - MONDAY) / timedelta(hours=1)
            found.append((hours, event.level, event.persons, event.late_factor))
    assert found == [
        (5, Level.NOTICE, ("member-wang",), None),
        (8, Level.REMINDER, ("member-wang", "member-li"), None),
        (10, Level.YELLOW_CARD, ("member-li", "instructor"), None),
        (20, Level.RED_CARD, ("leader",), 1.0),
        (30, Level.COMMANDER, ("commander",), 2.0),
        (40, Level.DISTRICT, (), 3.0),
    ]


def test_nothing_fires_early_and_nothing_twice() -> None:
    scenario, task = begun()
    scenario.wait(hours=5, microseconds=-1)
    assert look(scenario, task) == []
    scenario.wait(microseconds=1)
    assert told(look(scenario, task)) == [("notice", ("member-wang",))]
    assert look(scenario, task) == []
    scenario.wait(hours=-5)
    assert look(scenario, task) == []


def test_after_an_outage_each_missed_step_fires_once_with_both_times() -> None:
    scenario, task = begun()
    scenario.wait(hours=21)
    events = look(scenario, task)
    assert [step for step, _ in told(events)] == ["notice", "reminder", "yellow_card", "red_card"]
    planned = [event.planned_at for event in events if isinstance(event, Escalated)]
    assert planned == [MONDAY + timedelta(hours=hours) for hours in (5, 8, 10, 20)]
    assert {event.at for event in events} == {scenario.now}
    assert look(scenario, task) == []


def test_each_step_tells_when_the_next_one_is_due() -> None:
    scenario, task = begun()
    scenario.wait(hours=5)
    assert the(look(scenario, task), TaskEscalated).next_at == MONDAY + timedelta(hours=8)
    scenario.wait(hours=40)
    assert look(scenario, task)[-1].next_at is None  # type: ignore[attr-defined] # the last step


def test_an_empty_step_is_skipped_and_its_turn_passes_to_the_next_at_once() -> None:
    scenario, task = begun()
    scenario.given(
        f"town:{TOWN}",
        MemberUnposted(at=MONDAY, member="member-li", place=GRID, post=Post.CHIEF),
        MemberUnposted(at=MONDAY, member="instructor", place=GRID, post=Post.INSTRUCTOR),
    )
    scenario.wait(hours=10)
    events = look(scenario, task)
    assert kinds(events) == ["task.escalated", "task.escalated", "task.escalation_skipped", "task.escalated"]
    card = events[-1]
    assert isinstance(card, TaskEscalated)
    assert (card.step, card.planned_at, card.persons) == ("red_card", scenario.now, ("leader",))
    scenario.wait(hours=15)
    assert look(scenario, task) == []


def test_a_warning_for_nobody_never_becomes_a_card() -> None:
    scenario = staffed()
    scenario.given(f"town:{TOWN}", MemberUnposted(at=MONDAY, member="member-li", place=GRID, post=Post.CHIEF))
    scenario.when(IssueTasks(grids=(GRID,), title="巡查", category="patrol", limit=TEN), "operator")
    task = scenario.key("task")
    scenario.wait(hours=5)
    events = look(scenario, task)
    assert [event.step for event in events if isinstance(event, TaskEscalationSkipped)] == [
        "notice",
        "reminder",
    ]
    assert told(events) == []
    scenario.wait(hours=5)
    assert told(look(scenario, task)) == [("yellow_card", ("instructor",))]


def test_an_answer_holds_everything_back_until_the_promised_time() -> None:
    scenario, task = begun()
    scenario.wait(hours=9)
    look(scenario, task)
    promised = scenario.now + timedelta(hours=3)
    scenario.when(AnswerTaskEscalation(task=task, promised_at=promised, note="今晚办结"), "supervisor")
    scenario.wait(hours=2.9)
    assert look(scenario, task) == []
    scenario.wait(hours=0.1)
    event = the(look(scenario, task), TaskEscalated)
    assert (event.step, event.planned_at) == ("yellow_card", promised)


def test_who_was_told_may_answer_and_nobody_else_of_the_grid() -> None:
    scenario, task = begun()
    answer = AnswerTaskEscalation(task=task, promised_at=MONDAY + timedelta(hours=12))
    scenario.refused(NothingToAnswer, answer, "supervisor")
    scenario.wait(hours=5)
    look(scenario, task)
    scenario.refused(NotAddressed, answer, "li")
    scenario.refused(RoleNotAllowed, answer, "operator")
    assert kinds(scenario.when(answer, "wang")) == ["task.escalation_answered"]
    scenario.refused(NothingToAnswer, answer, "wang")


def test_a_promise_lies_ahead_and_within_a_year() -> None:
    scenario, task = begun()
    scenario.wait(hours=5)
    look(scenario, task)
    for promised in (scenario.now, scenario.now + timedelta(days=367)):
        scenario.refused(
            PromiseUnacceptable, AnswerTaskEscalation(task=task, promised_at=promised), "supervisor"
        )


def test_nothing_escalates_once_the_work_is_submitted_and_it_goes_on_after_a_return() -> None:
    scenario, task = begun()
    scenario.wait(hours=9)
    look(scenario, task)
    scenario.when(SubmitTask(task=task, note="好了"), "wang")
    scenario.wait(hours=100)
    assert look(scenario, task) == []
    scenario.when(VerifyTask(task=task, passed=False, note="没好"), "operator")
    assert look(scenario, task) == []
    scenario.wait(hours=1)
    assert [step for step, _ in told(look(scenario, task))] == ["yellow_card"]


def test_an_extension_moves_the_steps_that_are_left() -> None:
    scenario, task = begun()
    scenario.wait(hours=9)
    look(scenario, task)
    scenario.when(RequestTaskExtension(task=task, reason="下雨"), "wang")
    scenario.when(DecideTaskExtension(task=task, granted=True), "operator")
    scenario.wait(hours=10)
    assert look(scenario, task) == []
    scenario.wait(hours=1)
    assert the(look(scenario, task), TaskEscalated).step == "yellow_card"


def test_a_suspension_ends_by_itself_in_the_log() -> None:
    scenario, task = begun()
    until = MONDAY + timedelta(hours=4)
    scenario.wait(hours=1)
    scenario.when(SuspendTask(task=task, reason="停工", until=until), "operator")
    scenario.wait(hours=6)
    assert the(look(scenario, task), TaskResumed).at == until
    scenario.wait(hours=1)
    assert the(look(scenario, task), TaskEscalated).planned_at == MONDAY + timedelta(hours=8)


def test_only_the_service_escalates() -> None:
    scenario, task = begun()
    for who in ("operator", "supervisor", "administrator", "li"):
        scenario.refused(RoleNotAllowed, EscalateTask(task=task), who)


@pytest.mark.parametrize("severity", [Severity.RED, Severity.ORANGE])
def test_a_grave_case_goes_straight_to_the_commander(severity: Severity) -> None:
    scenario, case = reported(staffed(), severity=severity)
    event = [one for one in scenario.streams[f"case:{case}"] if isinstance(one, CaseEscalated)]
    assert [(one.level, one.persons, one.planned_at) for one in event] == [
        (Level.COMMANDER, ("commander",), MONDAY)
    ]
    _, registered_ = accepted(scenario, severity=severity)
    scenario.when(RegisterCase(case=registered_), "operator")
    steps = scenario.states[f"case:{registered_}"].state.handling.steps
    assert Level.COMMANDER not in {step.level for step in steps}


def test_without_a_commander_a_grave_case_goes_to_the_district() -> None:
    scenario, case = reported(severity=Severity.RED)
    assert kinds(scenario.streams[f"case:{case}"]) == [
        "case.reported",
        "case.escalation_skipped",
        "case.escalated",
    ]


def test_a_grave_case_that_is_reopened_goes_to_the_commander_again() -> None:
    scenario, case = closed(staffed(), severity=Severity.RED)
    scenario.when(ReopenCase(case=case, reason="复发"), "operator")
    assert the(scenario.when(EscalateCase(case=case), SERVICE), CaseEscalated).level is Level.COMMANDER


def test_a_case_escalates_while_its_clock_runs_and_can_be_answered() -> None:
    scenario, case = handling(staffed())
    scenario.wait(days=30)
    events = scenario.when(EscalateCase(case=case), SERVICE)
    assert [event.level for event in events if isinstance(event, CaseEscalated)] == list(Level)
    promised = scenario.now + timedelta(days=1)
    scenario.when(AnswerCaseEscalation(case=case, promised_at=promised), "li")
    scenario.when(FinishCase(case=case, note="已修好"), "li")
    scenario.wait(days=30)
    assert scenario.when(EscalateCase(case=case), SERVICE) == []


@pytest.mark.parametrize("given_up", [False, True])
def test_a_step_that_only_a_department_would_hear_of_is_empty_once_that_was_given_up(given_up: bool) -> None:
    scenario, case = registered(staffed())
    scenario.when(DispatchCase(case=case, department="housing"), "operator")
    if given_up:
        closing = CloseDepartment(town=TOWN, department="housing", reason="机构改革")
        scenario.when(closing, "administrator")
    scenario.now = to_be_handled(scenario, case).steps[0].at
    events = scenario.when(EscalateCase(case=case), SERVICE)
    assert kinds(events)[0] == ("case.escalation_skipped" if given_up else "case.escalated")


def test_a_checked_case_escalates_no_more() -> None:
    scenario, case = checked(staffed())
    scenario.wait(days=90)
    assert scenario.when(EscalateCase(case=case), SERVICE) == []


ladders = st.lists(
    st.tuples(st.floats(0.01, 9), st.sampled_from(list(Level)), st.sampled_from(list(Addressee))),
    min_size=1,
    max_size=8,
    unique_by=lambda step: step[0],
)
gaps = st.lists(st.floats(0.001, 30), min_size=1, max_size=12)


def rising(drawn: list[tuple[float, Level, Addressee]]) -> tuple[LadderStep, ...]:
    levels = sorted((level for _, level, _ in drawn), key=list(Level).index)
    shares = sorted(share for share, _, _ in drawn)
    shares[-1] = max(shares[-1], WHOLE)  # one that only warns is none
    return tuple(
        LadderStep(name=f"step_{n}", share=share, level=level, to=(drawn[n][2],))
        for n, (share, level) in enumerate(zip(shares, levels, strict=True))
    )


@settings(max_examples=60)
@given(ladders, gaps, st.data())
def test_whatever_the_ladder_each_step_comes_once_in_order_and_never_early(
    drawn: list[tuple[float, Level, Addressee]], waits: list[float], data: st.DataObject
) -> None:
    scenario = staffed()
    ladder = rising(drawn)
    scenario.when(SetPolicy(scope=TOWN, policy=replace(DEFAULT, ladder=ladder)), "administrator")
    _, task = begun(scenario)
    held: datetime | None = None
    found: list[Any] = []
    for hours in waits:
        scenario.wait(hours=hours)
        events: list[Any] = look(scenario, task)
        assert not (events and held and scenario.now < held)
        assert all(event.planned_at <= event.at == scenario.now for event in events)
        found += events
        if any(isinstance(event, TaskEscalated) for event in events) and data.draw(st.booleans()):
            held = scenario.now + timedelta(hours=data.draw(st.floats(0.1, 20)))
            scenario.when(AnswerTaskEscalation(task=task, promised_at=held), "supervisor")
    names = [event.step for event in found]
    assert len(set(names)) == len(names)
    assert names == sorted(names, key=lambda name: int(name.partition("_")[2]))
    state: Task = scenario.states[f"task:{task}"].state
    assert set(names) | {step.name for step in state.handling.steps} == {step.name for step in ladder}
    if held is None:
        due = {s.name for s in ladder if MONDAY + timedelta(hours=HOURS * s.share) <= scenario.now}
        assert due <= set(names)


def test_a_clock_starts_with_every_step_of_the_ladder_in_order() -> None:
    scenario, task = begun()
    steps = scenario.states[f"task:{task}"].state.handling.steps
    assert [step.name for step in steps] == [step.name for step in DEFAULT_LADDER]
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_a_case_that_nobody_accepts_climbs_among_the_towns_people_once_it_is_overdue() -> None:
    scenario, case = reported(staffed())
    due = to_be_accepted(scenario, case).due
    scenario.now = due - timedelta(microseconds=1)
    assert scenario.when(EscalateCase(case=case), SERVICE) == []
    scenario.now = due
    events = scenario.when(EscalateCase(case=case), SERVICE)
    assert kinds(events) == ["case.escalation_skipped", "case.escalated"]
    assert told(events) == [("red_card", ("leader",))]
    assert scenario.when(EscalateCase(case=case), SERVICE) == []
    scenario.when(AnswerCaseEscalation(case=case, promised_at=due + timedelta(days=10)), "supervisor")
    scenario.wait(days=9)
    assert scenario.when(EscalateCase(case=case), SERVICE) == []
    scenario.wait(days=1)
    events = scenario.when(EscalateCase(case=case), SERVICE)
    assert told(events) == [("commander", ("commander",)), ("district", ())]


def test_a_case_that_is_accepted_climbs_no_more_and_has_the_whole_ladder_again_when_it_is_registered() -> (
    None
):
    scenario, case = reported(staffed())
    scenario.wait(days=30)
    scenario.when(EscalateCase(case=case), SERVICE)
    scenario.when(AcceptCase(case=case), "operator")
    scenario.wait(days=30)
    assert scenario.when(EscalateCase(case=case), SERVICE) == []
    scenario.when(RegisterCase(case=case), "operator")
    assert [step.level for step in to_be_handled(scenario, case).steps] == list(Level)


@pytest.mark.parametrize("severity", [Severity.RED, Severity.ORANGE])
def test_a_grave_case_that_nobody_accepts_climbs_on_after_the_commander_has_heard(severity: Severity) -> None:
    scenario, case = reported(staffed(), severity=severity)
    scenario.wait(days=30)
    assert told(scenario.when(EscalateCase(case=case), SERVICE)) == [
        ("red_card", ("leader",)),
        ("district", ()),
    ]


def test_a_grave_case_goes_to_the_commander_also_where_the_ladder_does_not_go_so_far() -> None:
    scenario = staffed()
    scenario.when(SetPolicy(scope=TOWN, policy=replace(DEFAULT, ladder=DEFAULT_LADDER[:3])), "administrator")
    _, case = reported(scenario, severity=Severity.RED)
    assert told(scenario.streams[f"case:{case}"]) == [("commander", ("commander",))]
    scenario.when(AcceptCase(case=case), "operator")
    scenario.when(RegisterCase(case=case), "operator")
    assert [step.share for step in to_be_handled(scenario, case).steps] == [0.5, 0.8, 1.0]


def test_what_a_ledger_says_was_accepted_escalates_to_nobody() -> None:
    scenario = staffed()
    nine_days_ago = MONDAY - timedelta(days=9)
    row = ImportCase(town=TOWN, reference="7", reported_at=nine_days_ago, severity=Severity.RED)
    scenario.when(row, "administrator")
    case = scenario.key("case")
    assert to_be_accepted(scenario, case).steps == ()
    assert scenario.when(EscalateCase(case=case), SERVICE) == []
