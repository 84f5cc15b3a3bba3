"""The rules of policies: what may be set, for whom, and what is bound to which version."""

from datetime import UTC, date, time, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from commands.extension import ExtensionsUsedUp
from commands.policies.set import (
    AllowanceUnacceptable,
    EmergencyLimitWaits,
    LadderDoesNotRise,
    LadderLength,
    LadderOnlyWarns,
    LadderStepUnacceptable,
    LimitsIncomplete,
    SetPolicy,
    SeverityUnknown,
    WorkingDayTooShort,
)
from commands.tasks.accept import AcceptTask
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.issue import IssueTasks
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.resume import ResumeTask
from commands.tasks.suspend import SuspendTask
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.ladder import DEFAULT_LADDER, Addressee, LadderStep, Level
from dispatch.domain.policies import PolicySet
from dispatch.domain.policy import DEFAULT, Limits, Mode, Policy
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from dispatch.domain.tasks import TaskExtensionGranted, TaskIssued, TaskResumed
from dispatch.domain.working_time import CalendarNotUsable, Limit, LimitKind, LimitOutOfRange
from tests.unit.commands.scenario import ELSEWHERE, GRID, MONDAY, SERVICE, TOWN, Scenario, the

ADMIN = "administrator"
COUNTY = TOWN[:6]
WORKING = Limit(LimitKind.WORKING_DAYS, 1)


def limits(hours: float) -> Limits:
    return Limits(acceptance=Limit(LimitKind.CLOCK_HOURS, 1), handling=Limit(LimitKind.CLOCK_HOURS, hours))


def policy(hours: float = 10, **fields: Any) -> Policy:
    table = {"*": limits(hours)}
    return replace(DEFAULT, **{"version": "", "task_limits": table, "case_limits": table, **fields})


def issued(scenario: Scenario) -> TaskIssued:
    return the(
        scenario.when(IssueTasks(grids=(GRID,), title="走访", category="visit"), "operator"), TaskIssued
    )


def test_where_nothing_was_set_the_default_holds() -> None:
    assert issued(Scenario()).handling.rule == "default@1/task/visit/handling"


def test_a_policy_gets_the_next_version_and_holds_for_clocks_that_start_from_now_on() -> None:
    scenario = Scenario()
    before = issued(scenario)
    first = the(scenario.when(SetPolicy(scope=TOWN, policy=policy()), ADMIN), PolicySet)
    second = the(scenario.when(SetPolicy(scope=TOWN, policy=policy(20)), ADMIN), PolicySet)
    assert (first.policy.version, second.policy.version) == (f"{TOWN}@1", f"{TOWN}@2")
    after = issued(scenario)
    assert after.handling.rule == f"{TOWN}@2/task/visit/handling"
    assert after.handling.limit == Limit(LimitKind.CLOCK_HOURS, 20)
    assert before.handling.rule.startswith("default@1/")


def test_the_countys_policy_holds_where_the_town_has_none() -> None:
    scenario = Scenario()
    scenario.when(SetPolicy(scope=COUNTY, policy=policy()), SERVICE)
    assert issued(scenario).handling.rule == f"{COUNTY}@1/task/visit/handling"
    scenario.when(SetPolicy(scope=TOWN, policy=policy()), ADMIN)
    assert issued(scenario).handling.rule == f"{TOWN}@1/task/visit/handling"


def test_what_is_in_force_already_is_a_no_op() -> None:
    scenario = Scenario()
    scenario.when(SetPolicy(scope=TOWN, policy=policy()), ADMIN)
    assert scenario.when(SetPolicy(scope=TOWN, policy=policy()), ADMIN) == []


def test_an_item_is_bound_to_the_version_under_which_its_clock_started() -> None:
    scenario = Scenario()
    issued(scenario)
    task = scenario.key("task")
    scenario.when(AcceptTask(task=task), "li")
    scenario.when(SetPolicy(scope=TOWN, policy=policy(extensions=0)), ADMIN)
    assert scenario.when(RequestTaskExtension(task=task, reason="雨"), "li")
    issued(scenario)
    newer = scenario.key("task")
    scenario.when(AcceptTask(task=newer), "li")
    scenario.refused(ExtensionsUsedUp, RequestTaskExtension(task=newer, reason="雨"), "li")


def test_an_item_of_a_policy_since_replaced_is_extended_and_resumed_by_that_one() -> None:
    scenario = Scenario()
    day = Limits(acceptance=Limit(LimitKind.WORKING_HOURS, 4), handling=WORKING)
    old = replace(policy(extensions=1, suspensions=1), task_limits={"*": day})
    scenario.when(SetPolicy(scope=TOWN, policy=old), ADMIN)
    assert issued(scenario).handling.due == MONDAY + timedelta(hours=24)
    task = scenario.key("task")
    scenario.when(AcceptTask(task=task), "li")
    nights = ((time(20), time(0)),)
    new = replace(old, extensions=0, suspensions=0, working_time=nights, days_off=(date(2024, 3, 6),))
    scenario.when(SetPolicy(scope=TOWN, policy=new), ADMIN)
    scenario.when(RequestTaskExtension(task=task, reason="雨"), "li")
    granted = the(
        scenario.when(DecideTaskExtension(task=task, granted=True), "operator"), TaskExtensionGranted
    )
    assert granted.handling.due == MONDAY + timedelta(hours=48)
    until = MONDAY + timedelta(days=7)
    scenario.when(SuspendTask(task=task, reason="等材料", until=until), "operator")
    scenario.now = until - timedelta(days=2)
    resumed = the(scenario.when(ResumeTask(task=task), "operator"), TaskResumed)
    # Saturday, 09:00: the two working days that were left are the next Monday and Tuesday.
    assert resumed.handling.due == MONDAY + timedelta(days=8, hours=9)


def test_a_towns_own_days_off_count_in_its_deadlines() -> None:
    scenario = Scenario()
    working = replace(policy(), task_limits=DEFAULT.task_limits)
    before = issued(scenario).handling
    scenario.when(SetPolicy(scope=TOWN, policy=replace(working, days_off=(MONDAY.date(),))), ADMIN)
    after = issued(scenario).handling
    assert after.due > before.due
    assert after.calendar.startswith("test@1, town ")


def test_a_towns_own_working_time_counts_in_its_deadlines_and_makes_its_working_day() -> None:
    scenario = Scenario()
    day = Limits(acceptance=Limit(LimitKind.WORKING_HOURS, 4), handling=WORKING)
    working = replace(policy(), task_limits={"*": day})
    scenario.when(SetPolicy(scope=TOWN, policy=working), ADMIN)
    before = issued(scenario)
    mornings = replace(working, working_time=((time(8), time(10)), (time(22), time(0))))
    scenario.when(SetPolicy(scope=TOWN, policy=mornings), ADMIN)
    after = issued(scenario)
    # Monday, 09:00: one hour of the morning and two of the night, and the first of Tuesday.
    assert after.acceptance is not None
    assert after.acceptance.due == after.handling.due == MONDAY + timedelta(hours=24)
    assert before.handling.due == MONDAY + timedelta(hours=24)
    assert after.handling.calendar != before.handling.calendar == "test@1"
    # A policy that was set before there was working time in it has what held then.
    old = {name: one for name, one in msgspec.to_builtins(working).items() if name != "working_time"}
    assert msgspec.convert(old, Policy) == working


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"ladder": ()}, LadderLength),
        ({"ladder": DEFAULT_LADDER[::-1]}, LadderDoesNotRise),
        ({"ladder": (DEFAULT_LADDER[0], DEFAULT_LADDER[0])}, LadderDoesNotRise),
        (
            {"ladder": (DEFAULT_LADDER[1], replace(DEFAULT_LADDER[2], name="reminder"))},
            LadderDoesNotRise,
        ),
        ({"ladder": (DEFAULT_LADDER[2], replace(DEFAULT_LADDER[0], share=3))}, LadderDoesNotRise),
        ({"ladder": DEFAULT_LADDER[:2]}, LadderOnlyWarns),
        ({"ladder": (replace(DEFAULT_LADDER[0], to=()),)}, LadderStepUnacceptable),
        ({"ladder": (replace(DEFAULT_LADDER[0], share=0),)}, LadderStepUnacceptable),
        ({"ladder": (replace(DEFAULT_LADDER[0], share=float("nan")),)}, LadderStepUnacceptable),
        ({"ladder": (replace(DEFAULT_LADDER[0], share=float("inf")),)}, LadderStepUnacceptable),
        ({"ladder": (replace(DEFAULT_LADDER[0], name=" "),)}, LadderStepUnacceptable),
        ({"task_limits": {}}, LimitsIncomplete),
        ({"task_limits": {"*": limits(1), "Patrol": limits(1)}}, LimitsIncomplete),
        ({"case_limits": {"*": limits(1), "safety/9": limits(1)}}, LimitsIncomplete),
        ({"case_limits": {"*": limits(1), "safety\n": limits(1)}}, LimitsIncomplete),
        ({"task_limits": {"*": limits(1), "patrol/1": limits(1)}}, LimitsIncomplete),
        ({"emergency_task_limits": {"*/I": limits(1)}}, LimitsIncomplete),
        ({"emergency_task_limits": {"?": limits(1)}}, LimitsIncomplete),
        ({"emergency_task_limits": {"*": replace(limits(1), handling=WORKING)}}, EmergencyLimitWaits),
        ({"emergency_case_limits": {"*/I": replace(limits(1), acceptance=WORKING)}}, EmergencyLimitWaits),
        ({"extensions": -1}, AllowanceUnacceptable),
        ({"suspensions": 11}, AllowanceUnacceptable),
        ({"mediation_levels": ()}, AllowanceUnacceptable),
        ({"mediation_levels": ("town", "town")}, AllowanceUnacceptable),
        ({"at_once": ("VII",)}, SeverityUnknown),
        ({"days_off": (date(2024, 5, 1),), "workdays": (date(2024, 5, 1),)}, CalendarNotUsable),
        ({"working_time": ()}, CalendarNotUsable),
        ({"working_time": ((time(14), time(18)), (time(8), time(12)))}, CalendarNotUsable),
        ({"working_time": ((time(8, tzinfo=UTC), time(12, tzinfo=UTC)),)}, CalendarNotUsable),
        ({"working_time": ((time(8), time(8, 59)),)}, WorkingDayTooShort),
    ],
)
def test_what_can_not_be_meant_is_refused(wrong: dict[str, Any], refusal: Any) -> None:
    Scenario().refused(refusal, SetPolicy(scope=TOWN, policy=policy(**wrong)), ADMIN)


@pytest.mark.parametrize("amount", [0, -1, 8785, float("nan")])
def test_a_limit_of_nothing_or_over_a_year_is_none(amount: float) -> None:
    with pytest.raises(LimitOutOfRange):
        Limit(LimitKind.CLOCK_HOURS, amount)


def test_a_policy_is_set_by_the_administrator_of_the_scope() -> None:
    scenario = Scenario()
    scenario.refused(RoleNotAllowed, SetPolicy(scope=TOWN, policy=policy()), "supervisor")
    scenario.refused(OutOfScope, SetPolicy(scope=ELSEWHERE, policy=policy()), ADMIN)
    scenario.refused(OutOfScope, SetPolicy(scope=COUNTY, policy=policy()), ADMIN)
    scenario.refused(CodeMalformed, SetPolicy(scope=GRID, policy=policy()), ADMIN)


def test_limits_are_found_by_category_and_grade_and_mode() -> None:
    table = {"*": limits(1), "*/2": limits(2), "safety": limits(3), "safety/1": limits(4)}
    set_ = policy(case_limits=table, emergency_case_limits={"safety": limits(9)})
    found = [
        set_.for_case(category, grade).handling.amount
        for category, grade in (("safety", "1"), ("safety", "2"), ("other", "2"), ("other", "3"))
    ]
    assert found == [4, 3, 2, 1]
    assert set_.for_case("safety", "1", Mode.EMERGENCY).handling.amount == 9
    assert set_.for_case("other", "2", Mode.EMERGENCY).handling.amount == 4  # the default


def test_limits_that_an_old_policy_set_in_working_time_run_day_and_night_in_an_emergency() -> None:
    set_ = policy(emergency_task_limits={"*": Limits(acceptance=WORKING, handling=WORKING)})
    assert set_.for_task("patrol", Mode.EMERGENCY).handling == Limit(LimitKind.CLOCK_HOURS, 8)
    assert set_.for_task("patrol", Mode.EMERGENCY).acceptance == Limit(LimitKind.CLOCK_HOURS, 8)
    table = {"*": limits(1), "safety/1": Limits(acceptance=WORKING, handling=WORKING)}
    grave = policy(emergency_case_limits=table).for_case("safety", "1", Mode.EMERGENCY)
    assert (grave.acceptance, grave.handling) == (Limit(LimitKind.CLOCK_HOURS, 8),) * 2


def test_the_default_ladder_is_that_of_the_domain() -> None:
    assert [(step.share, step.level, step.to) for step in DEFAULT_LADDER[:5]] == [
        (0.5, Level.NOTICE, (Addressee.ASSIGNEE,)),
        (0.8, Level.REMINDER, (Addressee.ASSIGNEE, Addressee.CHIEF)),
        (1.0, Level.YELLOW_CARD, (Addressee.CHIEF, Addressee.INSTRUCTOR)),
        (2.0, Level.RED_CARD, (Addressee.LEADER,)),
        (3.0, Level.COMMANDER, (Addressee.COMMANDER,)),
    ]
    assert all(isinstance(step, LadderStep) for step in DEFAULT_LADDER)
