"""The deadline of a case that is still to be accepted explains itself, and gives way to that of handling."""

from datetime import timedelta

import pytest

from commands.cases.accept import AcceptCase
from commands.cases.appeal import AppealCase
from commands.cases.decide_appeal import DecideAppeal
from commands.cases.escalate import EscalateCase
from commands.cases.merge import MergeCase
from commands.cases.recalculate import RecalculateCase
from commands.cases.refuse import RefuseCase
from commands.cases.register import RegisterCase
from commands.cases.unmerge import UnmergeCase
from commands.modes.enter import EnterEmergency
from dispatch.domain.modes import Grade
from projections.deadlines import Explained, explain
from tests.unit.commands.scenario import CALENDAR, SERVICE, TOWN, Scenario
from tests.unit.commands.stages import reported, to_be_accepted, to_be_handled


def explained(scenario: Scenario, case: str) -> Explained:
    stream = f"case:{case}"
    found = explain(
        lambda of: [one for one in scenario.log if one.originator_id == of],
        CALENDAR,
        stream,
        as_of=scenario.now,
        position=len(scenario.log),
    )
    assert found is not None
    counted = [one.counted_minutes for one in found.segments if one.what == "counted"]
    assert sum(counted) == pytest.approx(found.minutes)
    return found


def test_it_says_by_when_the_case_is_to_be_accepted_and_what_has_fired() -> None:
    scenario, case = reported()
    found = explained(scenario, case)
    assert found.due == to_be_accepted(scenario, case).due
    assert found.rule == "default@1/case/general/acceptance"
    assert [one.fired_at or one.skipped for one in found.steps] == [False] * len(found.steps)
    scenario.wait(days=30)
    scenario.when(EscalateCase(case=case), SERVICE)
    found = explained(scenario, case)
    assert [one.step for one in found.steps] == ["yellow_card", "red_card", "commander", "district"]
    assert all(one.skipped or one.fired_at == scenario.now for one in found.steps)


def test_registering_begins_another_clock_even_in_the_same_moment() -> None:
    scenario, case = reported()
    scenario.when(AcceptCase(case=case), "operator")
    scenario.when(RegisterCase(case=case), "operator")
    found = explained(scenario, case)
    assert (found.due, found.rule) == (
        to_be_handled(scenario, case).due,
        "default@1/case/general/handling",
    )
    assert [one.what for one in found.segments if one.what == "pause"] == []


def test_what_was_refused_or_merged_in_error_has_a_pause() -> None:
    scenario, case = reported()
    scenario.wait(hours=1)
    scenario.when(RefuseCase(case=case, reason="不属实"), "operator")
    scenario.wait(hours=1)
    scenario.when(AppealCase(case=case, reason="属实"), "li")
    scenario.when(DecideAppeal(case=case, upheld=True, reason="属实"), "operator-2")
    found = explained(scenario, case)
    assert found.due == to_be_accepted(scenario, case).due
    assert [one.until - one.start for one in found.segments if one.what == "pause"] == [timedelta(hours=1)]

    _, other = reported(scenario)
    scenario.when(MergeCase(case=other, into=case, reason="重复"), "operator")
    scenario.wait(hours=20)
    scenario.when(UnmergeCase(case=other, reason="不是同一件"), "operator")
    found = explained(scenario, other)
    assert found.due == to_be_accepted(scenario, other).due


def test_an_emergency_makes_it_sooner_and_it_says_so() -> None:
    scenario, case = reported()
    scenario.wait(hours=1)
    flood = EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", recalculates=("*",))
    scenario.when(flood, "operator")
    scenario.when(RecalculateCase(case=case, emergency=f"{TOWN[:6]}@1"), SERVICE)
    found = explained(scenario, case)
    assert found.due == to_be_accepted(scenario, case).due == scenario.now + timedelta(minutes=15)
    assert found.rule.endswith("/acceptance/emergency")
