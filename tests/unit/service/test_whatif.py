"""What if: under the policy that was in force nothing differs; under another one, what its rules say."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import settings
from msgspec.structs import replace

from commands.cases.accept import AcceptCase
from commands.cases.escalate import EscalateCase
from commands.cases.register import RegisterCase
from commands.policies.set import LadderDoesNotRise
from commands.tasks.accept import AcceptTask
from commands.tasks.answer_escalation import AnswerTaskEscalation
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.escalate import EscalateTask
from commands.tasks.handle import HandleTask
from commands.tasks.issue import IssueTasks
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.escalation import Escalated, EscalationSkipped
from dispatch.domain.event import Recorded
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.policy import DEFAULT, Limits, Mode, Policy
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.working_time import Deadline
from dispatch.eventlog.registry import domain_events
from dispatch.service.whatif.clocks import RESTATED
from dispatch.service.whatif.replay import Replay
from dispatch.service.whatif.supposition import (
    SUPPOSED,
    NothingSupposed,
    PeriodUnacceptable,
    Supposition,
    require_meant,
)
from tests.unit.commands.scenario import CALENDAR, GRID, MONDAY, SERVICE, Scenario
from tests.unit.commands.stages import report
from tests.unit.commands.test_case_machine import Cases
from tests.unit.commands.test_mode_machine import Emergencies
from tests.unit.commands.test_task_machine import Tasks

HORIZON = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = Limit(LimitKind.WORKING_HOURS, 1)
STRICT = replace(
    DEFAULT,
    version=SUPPOSED,
    task_limits={"*": Limits(acceptance=HOUR, handling=HOUR)},
    case_limits={"*": Limits(acceptance=HOUR, handling=HOUR)},
    extensions=0,
    suspensions=0,
    ladder=DEFAULT.ladder[1:4],
    at_once=(),
)


def replayed(
    scenario: Scenario, policy: Policy | None = DEFAULT, mode: Mode | None = None, since: datetime = MONDAY
) -> tuple[Replay, list[Recorded]]:
    """Return what would have been recorded of the items that are touched."""
    supposition = Supposition(since=since, until=HORIZON, policy=policy, mode=mode)
    replay = Replay(supposition, CALENDAR)
    found: list[Recorded] = []
    for recorded in scenario.log:
        found += replay.take(recorded)
    found += replay.rest(scenario.now, scenario.log[-1])
    return replay, found


def require_no_difference(scenario: Scenario) -> None:
    replay, would = replayed(scenario)
    was = [one for one in scenario.log if one.originator_id in replay.touched]
    assert [(one.originator_id, one.originator_version, one.event) for one in would] == [
        (one.originator_id, one.originator_version, one.event) for one in was
    ]
    assert not replay.refused


def require_order(scenario: Scenario, policy: Policy | None, mode: Mode | None) -> None:
    """Whatever is supposed: no step twice on one clock, none early, and streams without a gap."""
    _, would = replayed(scenario, policy, mode)
    fired: set[tuple[str, datetime, str]] = set()
    clock: dict[str, datetime] = {}
    versions: dict[str, int] = {}
    for one in would:
        stream, event = one.originator_id, one.event
        assert one.originator_version == versions.get(stream, one.originator_version - 1) + 1
        versions[stream] = one.originator_version
        deadline: Deadline | None = getattr(event, "handling", None) or getattr(event, "reporting", None)
        if deadline is not None:
            clock[stream] = deadline.started
        if isinstance(event, Escalated | EscalationSkipped):
            step = (stream, clock.get(stream, HORIZON), event.step)
            assert step not in fired
            fired.add(step)
            assert event.planned_at <= event.at


class SupposedTasks(Tasks):
    """After whatever people did with tasks."""

    def teardown(self) -> None:
        require_no_difference(self.scenario)
        require_order(self.scenario, STRICT, None)
        require_order(self.scenario, None, Mode.EMERGENCY)


class SupposedCases(Cases):
    """After whatever people did with cases and disputes."""

    def teardown(self) -> None:
        require_no_difference(self.scenario)
        require_order(self.scenario, STRICT, None)
        require_order(self.scenario, None, Mode.EMERGENCY)


class SupposedEmergencies(Emergencies):
    """After emergencies that hurried what was open."""

    def teardown(self) -> None:
        require_no_difference(self.scenario)
        require_order(self.scenario, STRICT, None)
        require_order(self.scenario, None, Mode.ROUTINE)


TestSupposedEmergencies = SupposedEmergencies.TestCase
TestSupposedEmergencies.settings = settings(stateful_step_count=30, max_examples=25)
TestSupposedTasks = SupposedTasks.TestCase
TestSupposedTasks.settings = settings(stateful_step_count=30, max_examples=25)
TestSupposedCases = SupposedCases.TestCase
TestSupposedCases.settings = settings(stateful_step_count=30, max_examples=25)


def test_every_event_that_sets_a_clock_is_decided_anew() -> None:
    for event in domain_events().values():
        hints = {field.name: field.type for field in msgspec.structs.fields(event)}
        sets_clock = any(kind is Deadline or Deadline in get_args(kind) for kind in hints.values())
        assert not sets_clock or event in RESTATED, event


def issued(scenario: Scenario, **fields: Any) -> str:
    scenario.when(
        IssueTasks(**{"grids": (GRID,), "title": "巡查", "category": "patrol", **fields}), "operator"
    )
    return scenario.key("task")


def steps(would: list[Recorded]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The steps that fired: which, after how long on the clock, and for whom."""
    return [
        (one.event.step, str(one.event.at - MONDAY), one.event.persons)
        for one in would
        if isinstance(one.event, Escalated)
    ]


def test_under_stricter_limits_what_was_in_time_is_late_and_the_ladder_climbs() -> None:
    scenario = Scenario()
    task = issued(scenario)
    scenario.wait(minutes=30)
    scenario.when(AcceptTask(task=task), "li")
    scenario.when(HandleTask(task=task), "li")
    scenario.wait(minutes=105)
    scenario.when(SubmitTask(task=task, note="好"), "li")
    replay, would = replayed(scenario, STRICT)
    assert steps(would) == [
        ("reminder", "0:48:00", ("member-li",)),
        ("yellow_card", "1:00:00", ("member-li",)),
    ]
    late = [one.event for one in would if isinstance(one.event, Escalated | EscalationSkipped)][2]
    assert (late.step, late.at) == ("red_card", MONDAY + timedelta(hours=2))  # nobody leads this town
    assert replay.would[f"task:{task}"].state.handling.due == MONDAY + timedelta(hours=1)
    assert not steps(scenario.log)


def test_an_item_whose_clock_ran_before_keeps_what_it_was_bound_to() -> None:
    scenario = Scenario()
    issued(scenario)
    scenario.wait(hours=1)
    second = issued(scenario)
    scenario.wait(hours=6)
    replay, would = replayed(scenario, STRICT, since=MONDAY + timedelta(minutes=1))
    assert replay.touched == {f"task:{second}"} == {one.originator_id for one in would}


def test_a_limit_that_the_centre_named_itself_stays() -> None:
    scenario = Scenario()
    own = Limit(LimitKind.CLOCK_HOURS, 30)
    issued(scenario, limit=own)
    issued(scenario)
    _, would = replayed(scenario, STRICT)
    assert [one.event.handling.limit for one in would if isinstance(one.event, TaskIssued)] == [own, HOUR]


def test_in_emergency_mode_limits_are_the_emergencys_and_run_through_the_night() -> None:
    scenario = Scenario()
    scenario.wait(hours=9)  # 18:00 in Shanghai
    task = issued(scenario)
    scenario.wait(hours=3)
    replay, would = replayed(scenario, None, Mode.EMERGENCY)
    handling = replay.would[f"task:{task}"].state.handling
    assert handling.rule == "default@1/task/patrol/handling/emergency"
    assert handling.due == MONDAY + timedelta(hours=11)
    assert ("yellow_card", "11:00:00", ("member-li",)) in steps(would)


def test_what_the_rules_would_not_have_given_is_not_given_and_counted() -> None:
    scenario = Scenario()
    task = issued(scenario, limit=Limit(LimitKind.CLOCK_HOURS, 4))
    scenario.when(AcceptTask(task=task), "li")
    scenario.when(RequestTaskExtension(task=task, reason="难"), "li")
    scenario.when(DecideTaskExtension(task=task, granted=True), "operator")
    until = scenario.now + timedelta(days=2)
    scenario.when(SuspendTask(task=task, reason="等", until=until), "operator")
    scenario.wait(hours=5)
    replay, would = replayed(scenario, STRICT)
    assert replay.refused == 2
    assert replay.would[f"task:{task}"].state.handling.due == MONDAY + timedelta(hours=4)
    assert [step for step, _, _ in steps(would)] == ["reminder", "yellow_card"]
    replay, would = replayed(scenario, replace(STRICT, extensions=1, suspensions=1))
    assert not replay.refused
    assert replay.would[f"task:{task}"].state.handling.due == until + timedelta(hours=8)


def test_an_answer_holds_back_only_what_would_have_been_asked() -> None:
    scenario = Scenario()
    task = issued(scenario, limit=Limit(LimitKind.CLOCK_HOURS, 10), assignee="member-li")
    scenario.wait(hours=5)
    scenario.when(EscalateTask(task=task), SERVICE)
    scenario.when(AnswerTaskEscalation(task=task, promised_at=scenario.now + timedelta(hours=20)), "li")
    scenario.wait(hours=30)
    scenario.when(EscalateTask(task=task), SERVICE)
    assert steps(scenario.log)[1][:2] == ("reminder", "1 day, 11:00:00")
    _, would = replayed(scenario, STRICT)
    # The first step of that ladder comes after 8 hours: nothing was there to answer after 5.
    assert [step[:2] for step in steps(would)] == [("reminder", "8:00:00"), ("yellow_card", "10:00:00")]


def test_a_grave_case_goes_to_the_commander_where_the_policy_says_so() -> None:
    scenario = Scenario()
    scenario.when(report(severity="II"), "li")
    scenario.when(report(severity="III"), "li")
    case = scenario.key("case")
    scenario.when(report(severity="III", self_handled=True), "li")
    assert [one.event.step for one in scenario.log if isinstance(one.event, EscalationSkipped)] == [
        "commander"
    ]
    other = replace(DEFAULT, version=SUPPOSED, at_once=("III",))
    _, would = replayed(scenario, other)
    told = [(one.originator_id, one.event.step) for one in would if isinstance(one.event, Escalated)]
    assert told == [(f"case:{case}", "district")]


def test_how_late_the_service_was_is_part_of_what_was() -> None:
    scenario = Scenario()
    task = issued(scenario, limit=Limit(LimitKind.CLOCK_HOURS, 1))
    scenario.wait(hours=30)
    scenario.when(EscalateTask(task=task), SERVICE)
    scenario.when(report(), "li")
    case = scenario.key("case")
    scenario.when(AcceptCase(case=case), "operator")
    scenario.when(RegisterCase(case=case), "operator")
    scenario.wait(hours=24 * 30)
    scenario.when(EscalateCase(case=case), SERVICE)
    scenario.wait(hours=24 * 90)
    require_no_difference(scenario)


def test_what_can_not_be_meant_is_refused() -> None:
    good = Supposition(since=MONDAY, until=HORIZON, policy=DEFAULT)
    assert require_meant(good, CALENDAR).policy == replace(DEFAULT, version=SUPPOSED)
    fallen = replace(DEFAULT, ladder=DEFAULT.ladder[::-1])
    for supposition, refusal in (
        (replace(good, policy=None), NothingSupposed),
        (replace(good, until=MONDAY), PeriodUnacceptable),
        (replace(good, scope="５００"), CodeMalformed),
        (replace(good, policy=fallen), LadderDoesNotRise),
    ):
        with pytest.raises(refusal):
            require_meant(supposition, CALENDAR)
