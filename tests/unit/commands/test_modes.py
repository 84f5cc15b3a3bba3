"""Emergency mode: who may switch it, where, and which limits what begins meanwhile gets."""

from datetime import timedelta

from msgspec.structs import replace

from commands.modes.command import NoEmergency, ScopesOfSeveralCounties
from commands.modes.enter import CategoryUnacceptable, EmergencyOverlaps, EnterEmergency
from commands.modes.leave import LeaveEmergency
from commands.places import VillageUnknown
from commands.reasons import ReasonMissing
from commands.tasks.issue import IssueTasks
from commands.towns.close_grid import CloseGrid
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.modes import EmergencyEntered, EmergencyLeft, Grade
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.working_time import Deadline, Limit, LimitKind
from tests.unit.commands.scenario import ELSEWHERE, GRID, OTHER_GRID, TOWN, Scenario, kinds, the

FLOOD = EnterEmergency(scope=TOWN, grade=Grade.ORANGE, reason="暴雨红色预警")


def issued(scenario: Scenario, grid: str, limit: Limit | None = None) -> Deadline:
    command = IssueTasks(grids=(grid,), title="巡河", category="patrol", limit=limit)
    return the(scenario.when(command, "operator"), TaskIssued).handling


def test_what_begins_in_an_emergency_has_its_limits_by_the_clock() -> None:
    scenario = Scenario()
    scenario.wait(hours=12)  # at nine in the evening nobody's working time runs
    before = issued(scenario, GRID)
    the(scenario.when(FLOOD, "operator"), EmergencyEntered)
    handling = issued(scenario, GRID)
    assert handling.limit == Limit(LimitKind.CLOCK_HOURS, 2)
    assert (handling.due - scenario.now).total_seconds() == 7200
    assert handling.rule == "default@1/task/patrol/handling/emergency"
    assert all(scenario.now < step.at < before.steps[0].at for step in handling.steps)


def test_several_grids_enter_and_leave_by_one_command_or_none_does() -> None:
    scenario = Scenario()
    entering = replace(FLOOD, scope=GRID, further=(OTHER_GRID,))
    assert kinds(scenario.when(entering, "operator")) == ["mode.emergency_entered"] * 2
    entered = [event for event in scenario.streams["mode:500115"] if isinstance(event, EmergencyEntered)]
    assert [event.emergency for event in entered] == ["500115@1", "500115@2"]
    scenario.refused(EmergencyOverlaps, FLOOD, "operator")
    leaving = LeaveEmergency(scope=GRID, further=(OTHER_GRID,), reason="预警解除")
    scenario.when(LeaveEmergency(scope=OTHER_GRID, reason="该处已退水"), "operator")
    scenario.refused(NoEmergency, leaving, "operator")
    scenario.refused(EmergencyOverlaps, replace(entering, scope=OTHER_GRID, further=(GRID,)), "operator")
    scenario.when(replace(leaving, further=()), "operator")
    scenario.refused(EmergencyOverlaps, replace(entering, further=(OTHER_GRID, GRID)), "operator")
    scenario.refused(EmergencyOverlaps, replace(entering, further=(TOWN,)), "operator")
    scenario.refused(ScopesOfSeveralCounties, replace(entering, further=("500116101",)), "operator")
    scenario.refused(OutOfScope, replace(entering, further=(ELSEWHERE,)), "operator")
    scenario.when(entering, "operator")
    assert kinds(scenario.when(leaving, "operator")) == ["mode.emergency_left"] * 2


def test_leaving_rewrites_nothing_and_what_begins_then_is_routine_again() -> None:
    scenario = Scenario()
    scenario.when(FLOOD, "operator")
    handling, task = issued(scenario, GRID), scenario.key("task")
    scenario.wait(minutes=30)
    the(scenario.when(LeaveEmergency(scope=TOWN, reason="预警解除"), "operator"), EmergencyLeft)
    assert scenario.states[f"task:{task}"].state.handling == handling
    assert issued(scenario, GRID).limit.kind is LimitKind.WORKING_DAYS
    scenario.refused(NoEmergency, LeaveEmergency(scope=TOWN, reason="预警解除"), "operator")


def test_a_campaign_into_a_grid_in_emergency_and_one_that_is_not_has_both_limits() -> None:
    scenario = Scenario()
    scenario.when(EnterEmergency(scope=GRID, grade=Grade.RED, reason="滑坡"), "operator")
    command = IssueTasks(grids=(GRID, OTHER_GRID), title="巡河", category="patrol")
    found = {e.grid: e.handling for e in scenario.when(command, "operator") if isinstance(e, TaskIssued)}
    assert found[GRID].limit.kind is LimitKind.CLOCK_HOURS
    assert found[OTHER_GRID].limit.kind is LimitKind.WORKING_DAYS


def test_a_limit_of_ones_own_is_counted_day_and_night() -> None:
    scenario = Scenario()
    scenario.when(FLOOD, "operator")
    handling = issued(scenario, GRID, Limit(LimitKind.WORKING_DAYS, 1))
    assert handling.limit == Limit(LimitKind.CLOCK_HOURS, 8)


def test_an_emergency_entered_by_a_clock_that_ran_ahead_is_left_at_once_and_was_never_in_force() -> None:
    scenario = Scenario()
    begun = the(scenario.when(FLOOD, "operator"), EmergencyEntered)
    scenario.wait(days=-300)
    left = the(scenario.when(LeaveEmergency(scope=TOWN, reason="时钟有误"), "operator"), EmergencyLeft)
    assert left.at == begun.at  # no end before the start
    modes = scenario.states[f"mode:{TOWN[:6]}"].state
    assert all(modes.at(GRID, begun.at + timedelta(days=days)) is None for days in (-300, 0, 300))
    the(scenario.when(FLOOD, "operator"), EmergencyEntered)
    assert issued(scenario, GRID).rule.endswith("/emergency")


def test_what_was_entered_for_a_grid_is_left_though_the_grid_was_given_up() -> None:
    scenario = Scenario()
    scenario.when(EnterEmergency(scope=GRID, grade=Grade.RED, reason="滑坡"), "operator")
    scenario.when(CloseGrid(town=TOWN, grid=GRID, reason="撤并"), "administrator")
    the(scenario.when(LeaveEmergency(scope=GRID, reason="预警解除"), "operator"), EmergencyLeft)


def test_emergencies_do_not_overlap() -> None:
    scenario = Scenario()
    scenario.when(EnterEmergency(scope=GRID, grade=Grade.RED, reason="滑坡"), "operator")
    refusal = scenario.refused(EmergencyOverlaps, FLOOD, "operator")
    assert refusal.details["scope"] == GRID
    scenario.when(EnterEmergency(scope=OTHER_GRID, grade=Grade.BLUE, reason="内涝"), "operator")


def test_what_can_not_be_meant_is_refused() -> None:
    scenario = Scenario()
    scenario.refused(ReasonMissing, EnterEmergency(scope=TOWN, grade=Grade.RED, reason=" "), "operator")
    scenario.refused(
        CategoryUnacceptable,
        EnterEmergency(scope=TOWN, grade=Grade.RED, reason="暴雨", pauses=("Visit",)),
        "operator",
    )
    scenario.refused(CodeMalformed, EnterEmergency(scope="5001", grade=Grade.RED, reason="暴雨"), "operator")
    nowhere = EnterEmergency(scope=f"{TOWN}099", grade=Grade.RED, reason="暴雨")
    scenario.refused(VillageUnknown, nowhere, "operator")


def test_the_centre_switches_it_within_its_own_scope() -> None:
    scenario = Scenario()
    scenario.refused(RoleNotAllowed, FLOOD, "supervisor")
    elsewhere = EnterEmergency(scope=ELSEWHERE, grade=Grade.RED, reason="暴雨")
    scenario.refused(OutOfScope, elsewhere, "operator")
