"""The rules of what leaves the rates: merging, voiding, and the ways back."""

from datetime import UTC, datetime, timedelta

from commands.assignment import OutsideTown
from commands.cases.appeal import AlreadyAppealed, AppealCase
from commands.cases.check import CheckCase
from commands.cases.close import CloseCase
from commands.cases.command import CaseEnded, CaseStatusForbids
from commands.cases.decide_appeal import DecideAppeal, NoAppeal, OwnAppeal
from commands.cases.do_not_register import DoNotRegisterCase
from commands.cases.finish import FinishCase
from commands.cases.merge import DisputeHasNumber, MergeCase, MergedIntoItself, MergeMakesCycle
from commands.cases.refuse import RefuseCase
from commands.cases.suspend import SuspendCase
from commands.cases.unmerge import UnmergeCase
from commands.cases.void import VoidCase
from commands.context import CaseUnknown
from commands.reasons import ReasonMissing
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseClosed, CaseOutcomeTold
from dispatch.domain.refusal import OutOfScope
from tests.unit.commands.scenario import GRID_ELSEWHERE, MONDAY, OTHER_GRID, SERVICE, kinds, the
from tests.unit.commands.stages import (
    CENTRE,
    OTHER,
    accepted,
    closed,
    handling,
    numbered,
    registered,
    report,
    reported,
    state,
)


def test_a_duplicate_is_merged_and_its_reporter_hears_the_outcome() -> None:
    scenario, survivor = handling()
    _, duplicate = reported(scenario)
    scenario.refused(ReasonMissing, MergeCase(case=duplicate, into=survivor, reason=""), CENTRE)
    events = scenario.when(MergeCase(case=duplicate, into=survivor, reason="同一盏灯"), CENTRE)
    assert kinds(events) == ["case.merged", "case.absorbed"]
    assert state(scenario, survivor).merged == (duplicate,)
    scenario.when(FinishCase(case=survivor, note="已修好"), "li")
    scenario.when(CheckCase(case=survivor, passed=True), CENTRE)
    events = scenario.when(CloseCase(case=survivor), CENTRE)
    assert the(events, CaseClosed).merged == (duplicate,)
    assert the(events, CaseOutcomeTold).survivor == survivor
    assert scenario.streams[f"case:{duplicate}"][-1] == the(events, CaseOutcomeTold)


def test_the_reporters_of_duplicates_of_duplicates_hear_the_outcome_too() -> None:
    scenario, first = accepted()
    _, second = reported(scenario)
    _, third = reported(scenario)
    scenario.when(MergeCase(case=third, into=second, reason="重复"), CENTRE)
    scenario.when(MergeCase(case=second, into=first, reason="重复"), CENTRE)
    events = scenario.when(DoNotRegisterCase(case=first, reason="已无问题"), CENTRE)
    assert kinds(events) == ["case.not_registered", "case.outcome_told", "case.outcome_told"]


def test_no_case_is_merged_into_itself_or_in_a_circle() -> None:
    scenario, first = reported()
    _, second = reported(scenario)
    _, third = reported(scenario)
    scenario.refused(MergedIntoItself, MergeCase(case=first, into=first, reason="重复"), CENTRE)
    scenario.refused(CaseUnknown, MergeCase(case=first, into="0" * 32, reason="重复"), CENTRE)
    scenario.when(MergeCase(case=first, into=second, reason="重复"), CENTRE)
    scenario.when(MergeCase(case=second, into=third, reason="重复"), CENTRE)
    scenario.refused(MergeMakesCycle, MergeCase(case=third, into=first, reason="重复"), CENTRE)
    scenario.refused(CaseEnded, MergeCase(case=first, into=third, reason="重复"), CENTRE)


def test_nothing_is_merged_that_has_ended_or_into_what_has() -> None:
    scenario, ended = closed()
    _, living = reported(scenario)
    scenario.refused(CaseEnded, MergeCase(case=living, into=ended, reason="重复"), CENTRE)
    scenario.refused(CaseEnded, MergeCase(case=ended, into=living, reason="重复"), CENTRE)


def test_duplicates_lie_in_one_town() -> None:
    scenario, here = reported()
    scenario.when(report(grid=GRID_ELSEWHERE), "elsewhere")
    there = scenario.key("case")
    scenario.refused(OutsideTown, MergeCase(case=here, into=there, reason="重复"), SERVICE)


def test_a_dispute_with_a_number_is_struck_off_and_not_merged() -> None:
    scenario, dispute = numbered()
    _, other = reported(scenario)
    scenario.refused(DisputeHasNumber, MergeCase(case=dispute, into=other, reason="重复"), CENTRE)


def test_a_merge_can_be_undone_and_the_case_stands_as_it_did_with_the_time_it_had_left() -> None:
    scenario, survivor = reported()
    _, case = registered(scenario)
    before = state(scenario, case)
    scenario.when(MergeCase(case=case, into=survivor, reason="重复"), CENTRE)
    scenario.wait(days=7)
    events = scenario.when(UnmergeCase(case=case, reason="不是一回事"), CENTRE)
    assert kinds(events) == ["case.unmerged", "case.released"]
    found = state(scenario, case)
    assert (found.status, found.merged_into) == (before.status, None)
    assert found.handling is not None
    assert found.handling.due == datetime(2024, 3, 18, 1, tzinfo=UTC)
    assert found.acceptance == before.acceptance
    assert state(scenario, survivor).merged == ()
    scenario.refused(CaseStatusForbids, UnmergeCase(case=case, reason="不是一回事"), CENTRE)


def test_a_merge_is_undone_by_who_may_act_on_both_cases() -> None:
    scenario, survivor = reported()
    scenario.when(report(grid=OTHER_GRID), "zhao")
    case = scenario.key("case")
    scenario.when(MergeCase(case=case, into=survivor, reason="重复"), CENTRE)
    added = AccountAdded(
        at=scenario.now, account="village", name="村", role=Role.OPERATOR, scope=OTHER_GRID[:12]
    )
    scenario.given("account:village", added)
    undo = UnmergeCase(case=case, reason="不是一回事")
    scenario.refused(OutOfScope, undo, "village")
    assert kinds(scenario.when(undo, CENTRE)) == ["case.unmerged", "case.released"]


def test_a_void_case_is_over() -> None:
    scenario, case = handling()
    scenario.refused(ReasonMissing, VoidCase(case=case, reason=""), CENTRE)
    scenario.when(VoidCase(case=case, reason="误报"), CENTRE)
    scenario.refused(CaseEnded, FinishCase(case=case, note="已办"), "li")
    scenario, case = closed()
    scenario.refused(CaseEnded, VoidCase(case=case, reason="误报"), CENTRE)


def test_an_appeal_is_decided_by_neither_side() -> None:
    scenario, case = reported()
    scenario.refused(CaseStatusForbids, AppealCase(case=case, reason="属实"), "li")
    scenario.when(RefuseCase(case=case, reason="不属本镇"), CENTRE)
    scenario.refused(NoAppeal, DecideAppeal(case=case, upheld=True, reason="属实"), OTHER)
    scenario.when(AppealCase(case=case, reason="属实"), OTHER)
    scenario.refused(AlreadyAppealed, AppealCase(case=case, reason="属实"), "li")
    for side in (CENTRE, OTHER):
        scenario.refused(OwnAppeal, DecideAppeal(case=case, upheld=True, reason="属实"), side)
    scenario.when(DecideAppeal(case=case, upheld=False, reason="不属本镇"), "operator-3")
    assert state(scenario, case).status is Status.REFUSED


def test_an_upheld_appeal_gives_back_the_time_that_was_left() -> None:
    scenario, case = handling()
    scenario.when(VoidCase(case=case, reason="误报"), CENTRE)
    scenario.when(AppealCase(case=case, reason="属实"), "li")
    scenario.wait(days=7)
    scenario.when(DecideAppeal(case=case, upheld=True, reason="属实"), OTHER)
    found = state(scenario, case)
    assert found.status is Status.HANDLING
    assert found.handling is not None
    assert found.handling.due == datetime(2024, 3, 18, 1, tzinfo=UTC)
    assert scenario.when(FinishCase(case=case, note="已办"), "li")


def test_a_suspended_case_that_was_void_by_mistake_comes_back_awake() -> None:
    scenario, case = handling()
    scenario.when(SuspendCase(case=case, reason="等材料", until=MONDAY + timedelta(days=14)), CENTRE)
    assert kinds(scenario.when(VoidCase(case=case, reason="误报"), CENTRE)) == ["case.resumed", "case.voided"]
    scenario.when(AppealCase(case=case, reason="属实"), "li")
    scenario.when(DecideAppeal(case=case, upheld=True, reason="属实"), OTHER)
    found = state(scenario, case)
    assert found.status is Status.HANDLING
    assert found.handling is not None
    assert found.handling.due == datetime(2024, 3, 11, 1, tzinfo=UTC)
