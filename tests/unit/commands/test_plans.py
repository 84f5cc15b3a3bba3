"""Recurring plans: started on terms that can be kept, and coming round once at each of their times."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from commands.context import GridUnknown
from commands.modes.enter import EnterEmergency
from commands.modes.leave import LeaveEmergency
from commands.places import VillageUnknown
from commands.plans.change import ChangePlan
from commands.plans.come_round import ComeRound
from commands.plans.command import (
    PlanEndsBeforeItStarts,
    PlanHasEnded,
    PlanNeverComesRound,
    PlanTargetsUnacceptable,
    PlanWithoutTitle,
)
from commands.plans.end import EndPlan
from commands.plans.pause import PausePlan
from commands.plans.resume import ResumePlan
from commands.plans.start import StartPlan
from commands.towns.close_grid import CloseGrid
from dispatch.domain.campaigns import CampaignIssued
from dispatch.domain.households import HouseholdClass
from dispatch.domain.limits import LimitKind
from dispatch.domain.modes import Grade
from dispatch.domain.plans import (
    PassedOver,
    Plan,
    PlanCameRound,
    PlanChanged,
    PlanPassedOver,
    PlanStatus,
    PlanTerms,
    Route,
    Targets,
)
from dispatch.domain.refusal import OutOfScope, Refusal, RoleNotAllowed
from dispatch.domain.schedule import Schedule
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.towns import Post
from tests.unit.commands.scenario import (
    GRID,
    GRID_ELSEWHERE,
    MONDAY,
    OTHER_GRID,
    SERVICE,
    TOWN,
    Scenario,
    kinds,
    the,
)

DAILY = Schedule(times=(time(8),))
EIGHT = datetime(2024, 3, 5, 0, tzinfo=UTC)
"""Tuesday at eight in Shanghai, the first time after MONDAY."""
DAY = timedelta(days=1)


def terms(**changes: Any) -> PlanTerms:
    return PlanTerms(
        **{"scope": TOWN, "title": "日常巡逻", "category": "patrol", "schedule": DAILY, **changes}
    )


def started(**changes: Any) -> tuple[Scenario, str]:
    scenario = Scenario()
    scenario.when(StartPlan(terms=terms(**changes)), "operator")
    return scenario, scenario.key("plan")


def state(scenario: Scenario, plan: str) -> Plan:
    found = scenario.states[f"plan:{plan}"].state
    assert isinstance(found, Plan)
    return found


def test_a_plan_issues_one_task_for_each_open_grid_at_its_time_and_not_before() -> None:
    scenario, plan = started()
    assert scenario.when(ComeRound(plan=plan), SERVICE) == []
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    assert kinds(events) == ["campaign.issued", "task.issued", "task.issued", "plan.came_round"]
    tasks = [event for event in events if isinstance(event, TaskIssued)]
    assert [(task.grid, task.plan, task.title) for task in tasks] == [
        (GRID, plan, "日常巡逻"),
        (OTHER_GRID, plan, "日常巡逻"),
    ]
    round_ = the(events, PlanCameRound)
    assert (round_.planned_at, round_.next_at, round_.missed) == (EIGHT, EIGHT + DAY, 0)
    assert set(round_.tasks) == set(the(events, CampaignIssued).tasks.values())


def test_whoever_comes_second_finds_nothing_to_do() -> None:
    scenario, plan = started()
    scenario.now = EIGHT
    assert scenario.when(ComeRound(plan=plan), SERVICE)
    assert scenario.when(ComeRound(plan=plan), SERVICE) == []


def test_after_an_outage_the_last_time_alone_is_made_up_for() -> None:
    scenario, plan = started()
    scenario.now = EIGHT + 3 * DAY + timedelta(hours=2)
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    round_ = the(events, PlanCameRound)
    assert (round_.planned_at, round_.missed, round_.missed_from) == (EIGHT + 3 * DAY, 3, EIGHT)
    assert (round_.at, round_.next_at) == (scenario.now, EIGHT + 4 * DAY)
    assert len([event for event in events if isinstance(event, TaskIssued)]) == 2
    assert all(event.handling.started == scenario.now for event in events if isinstance(event, TaskIssued))


def test_a_grid_in_emergency_gets_the_emergencys_limits_and_the_others_their_own() -> None:
    scenario, plan = started()
    scenario.when(EnterEmergency(scope=GRID, grade=Grade.RED, reason="滑坡"), "operator")
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    kind = {event.grid: event.handling.limit.kind for event in events if isinstance(event, TaskIssued)}
    assert kind == {GRID: LimitKind.CLOCK_HOURS, OTHER_GRID: LimitKind.WORKING_DAYS}


@pytest.mark.parametrize("paused", [("patrol",), ("*",)])
def test_a_plan_waits_while_an_emergency_that_lists_its_category_lasts(paused: tuple[str, ...]) -> None:
    scenario, plan = started()
    scenario.when(EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", pauses=paused), "operator")
    scenario.now = EIGHT
    (event,) = scenario.when(ComeRound(plan=plan), SERVICE)
    assert isinstance(event, PlanPassedOver)
    assert (event.why, event.next_at) == (PassedOver.EMERGENCY, EIGHT + DAY)
    scenario.when(LeaveEmergency(scope=TOWN, reason="预警解除"), "operator")
    scenario.now = EIGHT + DAY
    assert len(the(scenario.when(ComeRound(plan=plan), SERVICE), PlanCameRound).tasks) == 2


@pytest.mark.parametrize(
    ("paused", "changes"), [(("visit",), {}), ((), {}), (("patrol",), {"pauses_in_emergency": False})]
)
def test_a_plan_goes_on_that_is_not_listed_or_says_so(paused: tuple[str, ...], changes: Any) -> None:
    scenario, plan = started(**changes)
    scenario.when(EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", pauses=paused), "operator")
    scenario.now = EIGHT
    round_ = the(scenario.when(ComeRound(plan=plan), SERVICE), PlanCameRound)
    assert (len(round_.tasks), round_.left_out) == (2, ())


def test_a_plan_of_a_town_leaves_out_the_grids_that_alone_are_in_emergency() -> None:
    scenario, plan = started()
    scenario.when(EnterEmergency(scope=GRID, grade=Grade.RED, reason="滑坡", pauses=("*",)), "operator")
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    assert [event.grid for event in events if isinstance(event, TaskIssued)] == [OTHER_GRID]
    assert the(events, PlanCameRound).left_out == (GRID,)
    scenario.when(EnterEmergency(scope=OTHER_GRID, grade=Grade.RED, reason="滑坡", pauses=("*",)), "operator")
    scenario.now = EIGHT + DAY
    (event,) = scenario.when(ComeRound(plan=plan), SERVICE)
    assert isinstance(event, PlanPassedOver)
    assert event.why is PassedOver.EMERGENCY


def test_a_plan_whose_end_has_come_ends_by_itself() -> None:
    scenario, plan = started(ends=EIGHT + DAY)
    scenario.now = EIGHT + DAY
    assert the(scenario.when(ComeRound(plan=plan), SERVICE), PlanCameRound).next_at is None
    assert state(scenario, plan).status is PlanStatus.ENDED
    scenario.refused(PlanHasEnded, PausePlan(plan=plan, reason="汛期"), "operator")


def test_a_start_that_lies_ahead_is_waited_for_and_may_be_a_time_itself() -> None:
    scenario, plan = started(starts=EIGHT + 5 * DAY)
    assert state(scenario, plan).next_at == EIGHT + 5 * DAY


def test_households_are_named_in_tasks_of_the_size_that_the_plan_says() -> None:
    targets = Targets(classes=(HouseholdClass.KEY,), households_in_task=2)
    scenario, plan = started(targets=targets, category="visit", assign_to=Post.CHIEF)
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan, households={GRID: ("a", "b", "c")}), SERVICE)
    tasks = [event for event in events if isinstance(event, TaskIssued)]
    assert [task.households for task in tasks] == [("a", "b"), ("c",)]
    assert {(task.grid, task.assignee) for task in tasks} == {(GRID, "member-li")}
    assert the(events, PlanCameRound).campaign is None


def test_each_route_of_a_patrol_is_a_task_of_its_own() -> None:
    routes = (Route(GRID, "沿河步道"), Route(GRID, "校园周边"), Route(OTHER_GRID, "场镇"))
    scenario, plan = started(targets=Targets(routes=routes))
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    titles = [event.title for event in events if isinstance(event, TaskIssued)]
    assert titles == ["日常巡逻：沿河步道", "日常巡逻：校园周边", "日常巡逻：场镇"]


def test_a_time_with_nobody_to_ask_is_passed_over_and_said() -> None:
    scenario, plan = started(targets=Targets(classes=(HouseholdClass.HIGH_RISK,)))
    scenario.now = EIGHT
    passed = the(scenario.when(ComeRound(plan=plan), SERVICE), PlanPassedOver)
    assert (passed.why, passed.next_at) == (PassedOver.NOBODY_TO_ASK, EIGHT + DAY)


def test_a_grid_that_was_given_up_gets_nothing() -> None:
    scenario, plan = started(targets=Targets(grids=(GRID, OTHER_GRID)))
    scenario.when(CloseGrid(town=TOWN, grid=OTHER_GRID, reason="合并"), "administrator")
    scenario.now = EIGHT
    events = scenario.when(ComeRound(plan=plan), SERVICE)
    assert the(events, TaskIssued).grid == GRID


def test_a_paused_plan_does_not_come_round_and_what_it_missed_is_not_made_up_for() -> None:
    scenario, plan = started()
    scenario.when(PausePlan(plan=plan, reason="春节"), "operator")
    assert scenario.when(PausePlan(plan=plan, reason="春节"), "operator") == []
    scenario.now = EIGHT + 2 * DAY + timedelta(hours=1)
    assert scenario.when(ComeRound(plan=plan), SERVICE) == []
    scenario.when(ResumePlan(plan=plan), "operator")
    assert scenario.when(ResumePlan(plan=plan), "operator") == []
    assert state(scenario, plan).next_at == EIGHT + 3 * DAY


@pytest.mark.parametrize("meanwhile", ["nothing", "changed", "paused"])
def test_a_clock_that_jumps_back_lets_a_plan_come_round_neither_early_nor_twice(meanwhile: str) -> None:
    scenario, plan = started()
    scenario.now = EIGHT
    assert the(scenario.when(ComeRound(plan=plan), SERVICE), PlanCameRound).planned_at == EIGHT
    scenario.wait(hours=-3)
    assert scenario.when(ComeRound(plan=plan), SERVICE) == []
    if meanwhile == "changed":
        scenario.when(ChangePlan(plan=plan, terms=terms(title="夜间巡逻")), "operator")
    elif meanwhile == "paused":
        scenario.when(PausePlan(plan=plan, reason="春节"), "operator")
        scenario.when(ResumePlan(plan=plan), "operator")
    for now in (EIGHT, EIGHT + DAY - timedelta(microseconds=1)):
        scenario.now = now
        assert scenario.when(ComeRound(plan=plan), SERVICE) == []
    scenario.now = EIGHT + DAY
    assert the(scenario.when(ComeRound(plan=plan), SERVICE), PlanCameRound).planned_at == EIGHT + DAY


def test_changed_terms_hold_from_the_next_time_on() -> None:
    scenario, plan = started()
    other = terms(schedule=Schedule(times=(time(9),)), title="夜间巡逻")
    assert the(scenario.when(ChangePlan(plan=plan, terms=other), "operator"), PlanChanged)
    assert scenario.when(ChangePlan(plan=plan, terms=other), "operator") == []
    assert state(scenario, plan).next_at == EIGHT + timedelta(hours=1)


def test_a_change_to_a_paused_plan_lets_it_rest() -> None:
    scenario, plan = started()
    scenario.when(PausePlan(plan=plan, reason="春节"), "operator")
    scenario.when(ChangePlan(plan=plan, terms=terms(title="夜间巡逻")), "operator")
    assert state(scenario, plan).next_at is None


def test_an_ended_plan_is_over() -> None:
    scenario, plan = started()
    scenario.when(EndPlan(plan=plan, reason="不再需要"), "operator")
    scenario.now = EIGHT
    assert scenario.when(ComeRound(plan=plan), SERVICE) == []
    scenario.refused(PlanHasEnded, ResumePlan(plan=plan), "operator")


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (PlanNeverComesRound, {"schedule": Schedule(times=(time(8),), days=(30,), months=(2,))}),
        (PlanNeverComesRound, {"ends": MONDAY + timedelta(hours=3)}),
        (PlanEndsBeforeItStarts, {"starts": EIGHT + 2 * DAY, "ends": EIGHT + DAY}),
        (PlanEndsBeforeItStarts, {"ends": MONDAY - DAY}),
        (PlanWithoutTitle, {"title": " "}),
        (PlanTargetsUnacceptable, {"targets": Targets(grids=(GRID, GRID))}),
        (PlanTargetsUnacceptable, {"targets": Targets(routes=(Route(GRID, " "),))}),
        (PlanTargetsUnacceptable, {"targets": Targets(routes=(Route(GRID, "a"),), grids=(GRID,))}),
        (PlanTargetsUnacceptable, {"targets": Targets(households_in_task=0)}),
        (PlanTargetsUnacceptable, {"scope": GRID, "targets": Targets(grids=(OTHER_GRID,))}),
        (PlanTargetsUnacceptable, {"assign_to": Post.LEADER}),
        (OutOfScope, {"targets": Targets(grids=(GRID_ELSEWHERE,))}),
        (VillageUnknown, {"scope": f"{TOWN}099"}),
        (GridUnknown, {"scope": f"{GRID[:12]}099"}),
    ],
)
def test_terms_that_cannot_be_kept_are_refused(refusal: type[Refusal], changes: dict[str, Any]) -> None:
    Scenario().refused(refusal, StartPlan(terms=terms(**changes)), "operator")


def test_only_the_centre_has_plans_and_only_the_service_makes_them_come_round() -> None:
    scenario, plan = started()
    for who in ("li", "supervisor", "administrator", "auditor"):
        scenario.refused(RoleNotAllowed, StartPlan(terms=terms()), who)
    scenario.refused(RoleNotAllowed, ComeRound(plan=plan), "operator")
    scenario.refused(OutOfScope, EndPlan(plan=plan, reason="不归我管"), "elsewhere")
