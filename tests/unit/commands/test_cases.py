"""The rules of cases, from the report to the follow-up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from commands.assignment import (
    AssigneeNotInGrid,
    AssigneeNotInTown,
    DepartmentIsClosed,
    DepartmentUnknown,
    OutsideTown,
)
from commands.cases.accept import AcceptCase
from commands.cases.check import CheckCase, NotTheChecker
from commands.cases.close import CheckNotPassed, CloseCase
from commands.cases.command import CaseEnded, CaseIsDispute, CaseIsPermit, CaseStatusForbids
from commands.cases.decide_extension import DecideCaseExtension
from commands.cases.decline import DeclineCase
from commands.cases.dispatch import DispatchCase, OneHandler
from commands.cases.do_not_register import DoNotRegisterCase
from commands.cases.finish import FinishCase
from commands.cases.follow_up import AlreadyFollowedUp, FollowUpCase
from commands.cases.hand_down import HandDownCase
from commands.cases.hand_up import HandUpCase, LevelMissing
from commands.cases.handle import HandleCase
from commands.cases.instruct import InstructCase
from commands.cases.places import LocationUnacceptable
from commands.cases.refuse import RefuseCase
from commands.cases.register import CaseNotGenuine, CaseNotVerified, RegisterCase
from commands.cases.reopen import ReopenCase
from commands.cases.report import CategoryMissing
from commands.cases.request_extension import RequestCaseExtension
from commands.cases.responsibility import CheckerHandledIt, NotTheHandler
from commands.cases.resume import ResumeCase
from commands.cases.self_handle import NotAGridWorker, SelfHandleCase
from commands.cases.start_check import CheckerNotInGrid, StartCheck
from commands.cases.suspend import SuspendCase
from commands.cases.transfer import CaseIsThereAlready, TransferCase
from commands.cases.verify import VerifyCase
from commands.context import CaseUnknown, GridUnknown
from commands.extension import ExtensionsUsedUp, ItemIsOverdue, NoExtensionRequested, OwnExtension
from commands.reasons import ReasonMissing
from commands.suspension import SuspensionsUsedUp
from commands.titles import TitleMissing
from commands.towns.close_department import CloseDepartment
from dispatch.domain.cases import Source, Status
from dispatch.domain.cases.events import CaseReopened, CaseReported, CaseResumed, Reporter
from dispatch.domain.refusal import OutOfScope, StaleVersion
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
from tests.unit.commands.stages import (
    CENTRE,
    OTHER,
    accepted,
    checked,
    closed,
    desk_of,
    dispatched,
    handled,
    handling,
    registered,
    report,
    reported,
    state,
)


def at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_case_goes_from_report_to_close() -> None:
    scenario, case = closed()
    assert kinds(scenario.streams[f"case:{case}"]) == [
        "case.reported",
        "case.accepted",
        "case.registered",
        "case.dispatched",
        "case.handling_started",
        "case.handled",
        "case.check_passed",
        "case.closed",
    ]
    assert state(scenario, case).status is Status.CLOSED


def test_a_late_report_keeps_the_devices_time_and_makes_the_centre_no_later() -> None:
    scenario = Scenario()
    seen = MONDAY - timedelta(days=5)
    [event] = scenario.when(report(), "li", device_at=seen)
    reported_event = the([event], CaseReported)
    assert reported_event.at == seen
    assert reported_event.acceptance.started == MONDAY
    assert reported_event.acceptance.due == at(2024, 3, 4, 7)  # 4 working hours from 09:00


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"title": " "}, TitleMissing),
        ({"title": "\u200b\u202e"}, TitleMissing),
        ({"category": " "}, CategoryMissing),
        ({"category": "permit"}, CaseIsPermit),
        ({"grid": TOWN + "009001"}, GridUnknown),
        ({"longitude": 107.0}, LocationUnacceptable),
        ({"longitude": 107.0, "latitude": float("nan")}, LocationUnacceptable),
        ({"longitude": 107.0, "latitude": 91.0}, LocationUnacceptable),
        ({"category": "dispute", "self_handled": True}, CaseIsDispute),
    ],
)
def test_a_report_says_what_and_where(fields: dict[str, Any], refusal: Any) -> None:
    Scenario().refused(refusal, report(**fields), "li")


def test_the_centre_reports_for_the_town_where_no_grid_is_known() -> None:
    scenario = Scenario()
    assert scenario.when(report(grid=TOWN, source=Source.HOTLINE), CENTRE)
    scenario.refused(OutOfScope, report(grid=TOWN), "li")


def test_what_a_reporter_says_is_marked_as_personal_and_kept_out_of_the_state() -> None:
    reporter = Reporter(name="张三", telephone="13800000000")
    scenario, case = reported(reporter=reporter, description="张三家门口的路灯不亮")
    assert set(CaseReported.personal) == {"reporter", "description"}
    assert "张三" not in repr(state(scenario, case))


def test_a_case_is_self_handled_on_the_spot_or_a_little_later() -> None:
    scenario, case = reported(self_handled=True, note="已清理")
    assert state(scenario, case).status is Status.SELF_HANDLED
    scenario, case = accepted()
    scenario.when(SelfHandleCase(case=case, note="已清理"), "li")
    assert state(scenario, case).status is Status.SELF_HANDLED


def test_only_who_is_on_the_spot_self_handles_and_only_before_registering() -> None:
    Scenario().refused(NotAGridWorker, report(self_handled=True), CENTRE)
    scenario, case = registered()
    scenario.refused(CaseStatusForbids, SelfHandleCase(case=case, note="已清理"), "li")


def test_accepting_again_is_a_no_op() -> None:
    scenario, case = accepted()
    assert scenario.when(AcceptCase(case=case), CENTRE) == []
    scenario.refused(CaseUnknown, AcceptCase(case="0" * 32), CENTRE)
    scenario.refused(StaleVersion, AcceptCase(case=case), CENTRE, version=1)


def test_a_refusal_has_a_reason_and_ends_the_case() -> None:
    scenario, case = reported()
    scenario.refused(ReasonMissing, RefuseCase(case=case, reason=""), CENTRE)
    scenario.when(RefuseCase(case=case, reason="不属本镇"), CENTRE)
    scenario.refused(CaseEnded, AcceptCase(case=case), CENTRE)


def test_not_registering_has_a_reason_and_ends_the_case() -> None:
    scenario, case = accepted()
    scenario.refused(ReasonMissing, DoNotRegisterCase(case=case, reason=""), CENTRE)
    scenario.when(DoNotRegisterCase(case=case, reason="已无问题"), CENTRE)
    assert state(scenario, case).status is Status.NOT_REGISTERED


def test_what_residents_report_is_verified_before_it_is_registered() -> None:
    scenario, case = accepted(source=Source.RESIDENT)
    scenario.refused(CaseNotVerified, RegisterCase(case=case), CENTRE)
    scenario.refused(ReasonMissing, VerifyCase(case=case, genuine=False), "li")
    scenario.when(VerifyCase(case=case, genuine=False, note="没有看到"), "li")
    scenario.refused(CaseNotGenuine, RegisterCase(case=case), CENTRE)
    scenario.when(VerifyCase(case=case, genuine=True), "li")
    assert scenario.when(RegisterCase(case=case), CENTRE)


def test_the_handling_clock_starts_at_registration() -> None:
    scenario, case = accepted()
    scenario.wait(days=1)
    scenario.when(RegisterCase(case=case), CENTRE)
    found = state(scenario, case).handling
    assert found is not None
    assert (found.started, found.due) == (scenario.now, at(2024, 3, 12, 1))
    assert found.rule == "default@1/case/general/handling"


def test_a_case_is_dispatched_to_a_department_a_person_a_grid_or_a_person_in_a_grid() -> None:
    for how in (
        {"department": "housing"},
        {"assignee": "member-zhao"},
        {"grid": OTHER_GRID},
        {"grid": OTHER_GRID, "assignee": "member-zhao"},
    ):
        scenario, case = registered()
        scenario.when(DispatchCase(case=case, **how), CENTRE)
        assert state(scenario, case).status is Status.DISPATCHED
        assert state(scenario, case).grid == how.get("grid", GRID)
        assert state(scenario, case).reported_in == GRID


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({}, OneHandler),
        ({"department": "housing", "grid": OTHER_GRID}, OneHandler),
        ({"department": "nobody"}, DepartmentUnknown),
        ({"assignee": "stranger"}, AssigneeNotInTown),
        ({"grid": OTHER_GRID, "assignee": "member-li"}, AssigneeNotInGrid),
        ({"grid": GRID_ELSEWHERE}, OutsideTown),
    ],
)
def test_a_case_is_dispatched_to_somebody_who_exists_in_the_town(how: dict[str, Any], refusal: Any) -> None:
    scenario, case = registered()
    scenario.refused(refusal, DispatchCase(case=case, **how), SERVICE)


def test_a_department_that_was_given_up_takes_nothing_new_and_keeps_what_it_has() -> None:
    scenario, case = registered()
    scenario.when(DispatchCase(case=case, department="housing"), CENTRE)
    closing = CloseDepartment(town=TOWN, department="housing", reason="机构改革")
    scenario.when(closing, "administrator")
    scenario.when(HandleCase(case=case), CENTRE)
    back = TransferCase(case=case, reason="由网格办理", assignee="member-li")
    assert scenario.when(back, CENTRE)
    scenario.refused(DepartmentIsClosed, replace(back, assignee=None, department="housing"), CENTRE)


def test_only_a_registered_case_is_dispatched() -> None:
    scenario, case = accepted()
    scenario.refused(CaseStatusForbids, DispatchCase(case=case, grid=GRID), CENTRE)


def test_handing_down_is_another_command_than_dispatching() -> None:
    scenario, case = registered()
    events = scenario.when(HandDownCase(case=case, grid=OTHER_GRID), CENTRE)
    assert kinds(events) == ["case.handed_down"]
    assert state(scenario, case).grid == OTHER_GRID


def test_a_case_given_to_a_grid_becomes_the_workers_who_begins() -> None:
    scenario, case = registered()
    scenario.when(HandDownCase(case=case, grid=GRID), CENTRE)
    scenario.when(HandleCase(case=case), "wang")
    assert scenario.when(HandleCase(case=case), "wang") == []
    scenario.refused(NotTheHandler, HandleCase(case=case), "li")
    scenario.refused(NotTheHandler, FinishCase(case=case, note="已办"), CENTRE)


def test_a_worker_reaches_what_is_assigned_to_the_worker_in_another_grid() -> None:
    scenario, case = registered()
    scenario.when(DispatchCase(case=case, assignee="member-zhao"), CENTRE)
    assert scenario.when(HandleCase(case=case), "zhao")


def test_the_centre_records_what_a_department_did_and_may_check_and_close_it() -> None:
    scenario, case = registered()
    scenario.when(DispatchCase(case=case, department="housing"), CENTRE)
    scenario.refused(NotTheHandler, HandleCase(case=case), "li")
    scenario.when(HandleCase(case=case), CENTRE)
    scenario.when(FinishCase(case=case, note="已修好"), CENTRE)
    assert state(scenario, case).handlers == frozenset()
    assert scenario.when(CheckCase(case=case, passed=True), CENTRE)
    assert scenario.when(CloseCase(case=case), CENTRE)


def test_what_a_department_finished_is_not_checked_by_who_had_worked_on_it_before() -> None:
    scenario, case = handling()
    scenario.when(TransferCase(case=case, reason="另有责任", department="housing"), CENTRE)
    scenario.when(HandleCase(case=case), CENTRE)
    scenario.when(FinishCase(case=case, note="已修好"), CENTRE)
    scenario.refused(CheckerHandledIt, CheckCase(case=case, passed=True), "li")
    scenario.refused(CheckerHandledIt, StartCheck(case=case, checker="member-li"), CENTRE)


def test_a_decline_needs_a_reason_and_the_towns_clock_goes_on() -> None:
    scenario, case = dispatched()
    before = state(scenario, case).handling
    scenario.refused(NotTheHandler, DeclineCase(case=case, reason="不归我"), "wang")
    scenario.refused(ReasonMissing, DeclineCase(case=case, reason=" "), "li")
    scenario.when(DeclineCase(case=case, reason="不归我"), "li")
    scenario.wait(days=3)
    scenario.when(DispatchCase(case=case, department="housing"), CENTRE)
    assert state(scenario, case).handling == before


def test_a_transfer_names_another_handler() -> None:
    scenario, case = handling()
    same = TransferCase(case=case, reason="请假", grid=GRID, assignee="member-li")
    scenario.refused(CaseIsThereAlready, same, CENTRE)
    scenario.when(TransferCase(case=case, reason="请假", assignee="member-wang"), CENTRE)
    scenario.refused(NotTheHandler, HandleCase(case=case), "li")
    assert scenario.when(HandleCase(case=case), "wang")


def test_the_checker_is_never_one_who_handled_the_case() -> None:
    scenario, case = handling()
    scenario.when(TransferCase(case=case, reason="请假", assignee="member-wang"), CENTRE)
    scenario.when(HandleCase(case=case), "wang")
    scenario.when(FinishCase(case=case, note="已修好"), "wang")
    for who in ("li", "wang"):
        scenario.refused(CheckerHandledIt, CheckCase(case=case, passed=True), who)
        scenario.refused(CheckerHandledIt, StartCheck(case=case, checker=f"member-{who}"), CENTRE)


def test_a_worker_checks_only_when_named() -> None:
    scenario, case = handled()
    scenario.refused(NotTheChecker, CheckCase(case=case, passed=True), "wang")
    scenario.when(StartCheck(case=case, checker="member-wang"), CENTRE)
    assert state(scenario, case).status is Status.CHECKING
    scenario.refused(CheckNotPassed, CloseCase(case=case), CENTRE)
    scenario.when(CheckCase(case=case, passed=True), "wang")
    assert scenario.when(CloseCase(case=case), CENTRE)


def test_nobody_is_named_who_may_not_check() -> None:
    scenario, case = handled()
    for who in ("member-zhao", "member-nobody"):
        scenario.refused(CheckerNotInGrid, StartCheck(case=case, checker=who), CENTRE)
    assert scenario.when(StartCheck(case=case), CENTRE)


def test_a_check_made_offline_was_made_when_the_device_says() -> None:
    scenario, case = handled()
    scenario.when(StartCheck(case=case, checker="member-wang"), CENTRE)
    before = scenario.now
    scenario.wait(hours=5)
    seen = scenario.now - timedelta(hours=3)
    [event] = scenario.when(CheckCase(case=case, passed=True), "wang", device_at=seen)
    assert event.at == seen
    scenario, case = handled()
    scenario.wait(hours=5)
    [event] = scenario.when(CheckCase(case=case, passed=True), CENTRE, device_at=before - timedelta(days=1))
    assert event.at == before


def test_who_is_to_work_on_it_again_loses_no_time_by_a_check_that_arrives_late() -> None:
    scenario, case = handled()
    scenario.when(StartCheck(case=case, checker="member-wang"), CENTRE)
    scenario.wait(hours=1)
    seen = scenario.now
    scenario.wait(hours=1)
    [event] = scenario.when(CheckCase(case=case, passed=False, note="没修好"), "wang", device_at=seen)
    assert event.at == scenario.now


def test_a_check_that_fails_sends_it_back_and_the_clock_goes_on_where_it_stopped() -> None:
    scenario, case = handled()  # after 2 of 40 working hours
    scenario.refused(ReasonMissing, CheckCase(case=case, passed=False), CENTRE)
    scenario.wait(days=14)
    scenario.when(CheckCase(case=case, passed=False, note="没修好"), CENTRE)
    found = state(scenario, case)
    assert (found.status, found.reworks) == (Status.HANDLING, 1)
    assert found.handling is not None
    assert found.handling.due == at(2024, 3, 25, 1)


def test_who_handled_a_case_does_not_close_it_or_follow_it_up() -> None:
    scenario, case = checked()
    found = state(scenario, case)
    assert found.handlers == {"member-li"}
    # In a small town an operator may have put it right.
    scenario.given("account:desk-li", desk_of("member-li"))
    scenario.refused(CheckerHandledIt, CloseCase(case=case), "desk-li")
    scenario.when(CloseCase(case=case), CENTRE)
    for satisfied in (True, False):
        again = FollowUpCase(case=case, satisfied=satisfied, note="修好了")
        scenario.refused(CheckerHandledIt, again, "desk-li")
    assert scenario.when(FollowUpCase(case=case, satisfied=True), CENTRE)


def test_dissatisfaction_reopens_with_a_new_clock_and_leaves_the_old_closure() -> None:
    scenario, case = closed()
    before = scenario.streams[f"case:{case}"][-1]
    scenario.wait(days=7)
    scenario.refused(ReasonMissing, FollowUpCase(case=case, satisfied=False), CENTRE)
    events = scenario.when(FollowUpCase(case=case, satisfied=False, note="又坏了"), CENTRE)
    assert kinds(events) == ["case.followed_up", "case.reopened"]
    assert the(events, CaseReopened).handling.started == scenario.now
    assert the(events, CaseReopened).reason == ""
    assert before in scenario.streams[f"case:{case}"]
    assert (state(scenario, case).status, state(scenario, case).cycle) == (Status.REOPENED, 1)


def test_a_closure_is_followed_up_once() -> None:
    scenario, case = closed()
    scenario.when(FollowUpCase(case=case, satisfied=True), CENTRE)
    scenario.refused(AlreadyFollowedUp, FollowUpCase(case=case, satisfied=True), CENTRE)
    scenario, case = reported(self_handled=True)
    assert scenario.when(FollowUpCase(case=case, satisfied=True), CENTRE)


def test_a_reopened_case_goes_the_whole_way_again_with_its_extensions_and_suspensions_new() -> None:
    scenario, case = dispatched()
    scenario.when(SuspendCase(case=case, reason="等材料", until=MONDAY + timedelta(hours=1)), CENTRE)
    scenario.wait(hours=1)
    scenario.when(HandleCase(case=case), "li")
    scenario.when(FinishCase(case=case, note="已办"), "li")
    scenario.when(CheckCase(case=case, passed=True), CENTRE)
    scenario.when(CloseCase(case=case), CENTRE)
    scenario.refused(ReasonMissing, ReopenCase(case=case, reason=""), CENTRE)
    scenario.when(ReopenCase(case=case, reason="又坏了"), CENTRE)
    scenario.when(DispatchCase(case=case, assignee="member-wang"), CENTRE)
    until = scenario.now + timedelta(days=1)
    assert scenario.when(SuspendCase(case=case, reason="等材料", until=until), CENTRE)


def test_only_a_closed_case_is_reopened() -> None:
    scenario, case = handling()
    scenario.refused(CaseStatusForbids, ReopenCase(case=case, reason="又坏了"), CENTRE)


def test_the_towns_clock_waits_while_the_level_above_has_the_case() -> None:
    scenario, case = handling()
    scenario.refused(ReasonMissing, HandUpCase(case=case, reason=""), CENTRE)
    scenario.refused(LevelMissing, HandUpCase(case=case, reason="权属不清", to=" "), CENTRE)
    scenario.when(HandUpCase(case=case, reason="权属不清"), CENTRE)
    scenario.wait(days=7)
    scenario.when(HandDownCase(case=case, grid=GRID), CENTRE)
    found = state(scenario, case).handling
    assert found is not None
    assert found.due == at(2024, 3, 18, 1)


def test_what_the_level_above_has_settled_can_be_closed() -> None:
    scenario, case = registered()
    scenario.when(HandUpCase(case=case, reason="权属不清"), CENTRE)
    scenario.when(CloseCase(case=case, note="区里已办"), CENTRE)
    assert state(scenario, case).status is Status.CLOSED


def test_a_suspended_case_wakes_by_itself_and_once_only() -> None:
    scenario, case = handling()
    until = MONDAY + timedelta(days=7)
    scenario.when(SuspendCase(case=case, reason="等材料", until=until), CENTRE)
    scenario.refused(CaseStatusForbids, FinishCase(case=case, note="已办"), "li")
    scenario.wait(days=9)
    events = scenario.when(FinishCase(case=case, note="已办"), "li")
    assert the(events, CaseResumed).at == until
    found = state(scenario, case).handling
    assert found is not None
    assert found.due == at(2024, 3, 18, 1)


def test_a_case_is_suspended_once_and_resumed_early_or_by_itself() -> None:
    scenario, case = handling()
    scenario.when(SuspendCase(case=case, reason="等材料", until=MONDAY + timedelta(days=14)), CENTRE)
    scenario.wait(days=7)
    scenario.when(ResumeCase(case=case), CENTRE)
    found = state(scenario, case).handling
    assert found is not None
    assert found.due == at(2024, 3, 18, 1)
    scenario.refused(CaseStatusForbids, ResumeCase(case=case), CENTRE)
    again = SuspendCase(case=case, reason="等材料", until=scenario.now + timedelta(days=1))
    scenario.refused(SuspensionsUsedUp, again, CENTRE)


def test_an_extension_is_granted_twice_at_most_and_only_while_not_overdue() -> None:
    scenario, case = handling()
    ask = RequestCaseExtension(case=case, reason="下雨")
    scenario.refused(NoExtensionRequested, DecideCaseExtension(case=case, granted=True), CENTRE)
    scenario.refused(NotTheHandler, ask, "wang")
    scenario.when(ask, "li")
    scenario.when(DecideCaseExtension(case=case, granted=False, note="抓紧"), CENTRE)
    for due in (at(2024, 3, 18, 1), at(2024, 3, 25, 1)):
        scenario.when(ask, "li")
        scenario.when(DecideCaseExtension(case=case, granted=True), CENTRE)
        found = state(scenario, case).handling
        assert found is not None
        assert found.due == due
    scenario.refused(ExtensionsUsedUp, ask, "li")
    scenario, case = handling()
    scenario.wait(days=30)
    scenario.refused(ItemIsOverdue, RequestCaseExtension(case=case, reason="下雨"), "li")


def test_who_asks_for_an_extension_does_not_grant_it() -> None:
    scenario, case = registered()
    scenario.when(DispatchCase(case=case, department="housing"), CENTRE)
    scenario.when(RequestCaseExtension(case=case, reason="下雨"), CENTRE)
    scenario.refused(OwnExtension, DecideCaseExtension(case=case, granted=True), CENTRE)
    assert scenario.when(DecideCaseExtension(case=case, granted=True), OTHER)


def test_a_leader_instructs() -> None:
    scenario, case = handling()
    assert kinds(scenario.when(InstructCase(case=case, note="抓紧"), "supervisor")) == ["case.instructed"]


def test_a_dispute_does_not_go_the_ordinary_way() -> None:
    scenario, case = accepted(category="dispute")
    scenario.refused(CaseIsDispute, RegisterCase(case=case), CENTRE)
    scenario.refused(CaseIsDispute, DispatchCase(case=case, grid=GRID), CENTRE)
