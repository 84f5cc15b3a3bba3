"""Households and visits: who is on record, which tasks name them, what a closed task records with them."""

from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from commands.context import GridUnknown
from commands.households.change import ChangeHousehold
from commands.households.command import HouseholdHasLeft
from commands.households.leave import LeaveHousehold
from commands.households.record import HouseholdWithoutName, NewHousehold, NoHouseholdNamed, RecordHouseholds
from commands.households.visits import HouseholdsNeedOneGrid, HouseholdsUnacceptable, NotToBeVisited
from commands.policies.set import SetPolicy, VisitsIncomplete
from commands.tasks.accept import AcceptTask
from commands.tasks.issue import IssueTasks
from commands.tasks.submit import SubmitTask
from commands.tasks.verify import VerifyTask
from dispatch.domain.households import (
    Household,
    HouseholdChanged,
    HouseholdClass,
    HouseholdRecorded,
    HouseholdVisited,
)
from dispatch.domain.policy import DEFAULT
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from dispatch.domain.rhythm import Rhythm
from tests.unit.commands.scenario import GRID, GRID_ELSEWHERE, MONDAY, OTHER_GRID, TOWN, Scenario, kinds, the

HIGH_RISK, KEY, GENERAL = HouseholdClass.HIGH_RISK, HouseholdClass.KEY, HouseholdClass.GENERAL


def new(grid: str = GRID, household_class: HouseholdClass = KEY, **texts: str) -> NewHousehold:
    return NewHousehold(
        grid=grid, household_class=household_class, **{"name": "张三户", "address": "一组12号", **texts}
    )


def recorded(*households: NewHousehold) -> tuple[Scenario, list[str]]:
    scenario = Scenario()
    scenario.when(RecordHouseholds(households=households or (new(),)), "operator")
    streams = [stream for stream in scenario.streams if stream.startswith("household:")]
    return scenario, [stream.partition(":")[2] for stream in streams]


def on_record() -> tuple[Scenario, str]:
    scenario, (household,) = recorded()
    return scenario, household


def submitted(scenario: Scenario, households: list[str], *, not_met: tuple[str, ...] = ()) -> str:
    scenario.when(
        IssueTasks(grids=(GRID,), title="走访", category="visit", households=tuple(households)), "operator"
    )
    task = scenario.key("task")
    scenario.when(AcceptTask(task=task, begin=True), "li")
    scenario.wait(hours=1)
    scenario.when(SubmitTask(task=task, note="已走访", not_met=not_met), "li")
    return task


def test_each_class_is_visited_as_often_as_the_policy_says() -> None:
    scenario, _ = recorded(new(household_class=HIGH_RISK), new(), new(household_class=GENERAL))
    rhythms = [
        event.every
        for events in scenario.streams.values()
        for event in events
        if isinstance(event, HouseholdRecorded)
    ]
    assert rhythms == [Rhythm.WEEK, Rhythm.MONTH, Rhythm.QUARTER]


def test_another_policy_holds_from_the_next_change_on() -> None:
    scenario, (household,) = recorded()
    policy = SetPolicy(scope=TOWN, policy=replace(DEFAULT, visits={**DEFAULT.visits, KEY: Rhythm.WEEK}))
    scenario.when(policy, "administrator")
    changed = the(scenario.when(ChangeHousehold(household=household), "operator"), HouseholdChanged)
    assert changed.every is Rhythm.WEEK
    assert scenario.when(ChangeHousehold(household=household), "operator") == []


@pytest.mark.parametrize("who", ["operator", "administrator"])
def test_the_centre_and_the_administration_keep_the_record(who: str) -> None:
    Scenario().when(RecordHouseholds(households=(new(),)), who)


def test_what_cannot_be_recorded_is_refused() -> None:
    scenario = Scenario()
    for refusal, households, who in (
        (NoHouseholdNamed, (), "operator"),
        (HouseholdWithoutName, (new(), new(name=" ")), "operator"),
        (HouseholdWithoutName, (new(address=""),), "operator"),
        (GridUnknown, (new(grid=TOWN + "999001"),), "operator"),
        (OutOfScope, (new(grid=GRID_ELSEWHERE),), "operator"),
        (RoleNotAllowed, (new(),), "li"),
    ):
        scenario.refused(refusal, RecordHouseholds(households=households), who)


def test_a_closed_visit_is_on_record_with_each_household_that_was_met() -> None:
    scenario, households = recorded(new(), new(), new())
    task = submitted(scenario, households, not_met=(households[1],))
    scenario.wait(days=9)
    events = scenario.when(VerifyTask(task=task, passed=True), "operator")
    assert kinds(events) == ["task.closed", "household.visited", "household.visited"]
    assert scenario.streams[f"household:{households[1]}"][-1].__struct_config__.tag == "household.recorded"
    visit = scenario.streams[f"household:{households[0]}"][-1]
    assert visit == HouseholdVisited(at=MONDAY + timedelta(hours=1), task=task, by="member-li")


def test_work_that_is_sent_back_makes_no_visit() -> None:
    scenario, households = recorded()
    task = submitted(scenario, households)
    assert kinds(scenario.when(VerifyTask(task=task, passed=False, note="补走"), "operator")) == [
        "task.returned"
    ]


def test_a_household_that_left_meanwhile_gets_no_visit() -> None:
    scenario, households = recorded(new(), new())
    task = submitted(scenario, households)
    scenario.when(LeaveHousehold(household=households[0], reason="迁出"), "operator")
    events = scenario.when(VerifyTask(task=task, passed=True), "operator")
    assert kinds(events) == ["task.closed", "household.visited"]
    scenario.refused(HouseholdHasLeft, ChangeHousehold(household=households[0], name="李"), "operator")


def test_a_task_names_households_of_its_one_grid_and_only_those_are_reported() -> None:
    scenario, (here, there) = recorded(new(), new(grid=OTHER_GRID))
    visit = partial(IssueTasks, title="走访", category="visit")
    scenario.refused(HouseholdsNeedOneGrid, visit(grids=(GRID, OTHER_GRID), households=(here,)), "operator")
    for households in ((there,), (here, here)):
        scenario.refused(HouseholdsUnacceptable, visit(grids=(GRID,), households=households), "operator")
    scenario.when(visit(grids=(GRID,), households=(here,)), "operator")
    task = scenario.key("task")
    scenario.when(AcceptTask(task=task, begin=True), "li")
    scenario.refused(NotToBeVisited, SubmitTask(task=task, note="已走访", not_met=(there,)), "li")


def test_a_household_moves_within_its_town() -> None:
    scenario, (household,) = recorded()
    scenario.when(ChangeHousehold(household=household, grid=OTHER_GRID, household_class=GENERAL), "operator")
    state = scenario.states[f"household:{household}"].state
    assert isinstance(state, Household)
    assert (state.grid, state.household_class, state.every) == (OTHER_GRID, GENERAL, Rhythm.QUARTER)
    scenario.refused(OutOfScope, ChangeHousehold(household=household, grid=GRID_ELSEWHERE), "operator")
    scenario.refused(HouseholdWithoutName, ChangeHousehold(household=household, name=""), "operator")


def test_a_policy_speaks_of_every_class() -> None:
    incomplete = {KEY: Rhythm.MONTH}
    policy = replace(DEFAULT, visits=incomplete)
    Scenario().refused(VisitsIncomplete, SetPolicy(scope=TOWN, policy=policy), "administrator")
