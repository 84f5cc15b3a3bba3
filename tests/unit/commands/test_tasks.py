"""The rules of tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands.assignment import AssigneeNotInGrid, OutsideTown
from commands.context import GridIsClosed, GridUnknown, TaskUnknown
from commands.extension import (
    ExtensionAlreadyRequested,
    ExtensionsUsedUp,
    ItemIsOverdue,
    NoExtensionRequested,
    OwnExtension,
)
from commands.reasons import ReasonMissing
from commands.suspension import SuspensionEndUnacceptable, SuspensionsUsedUp
from commands.tasks.accept import AcceptTask, TaskAssignedToAnother
from commands.tasks.cancel import CancelTask
from commands.tasks.command import TaskEnded, TaskStatusForbids
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.decline import DeclineTask
from commands.tasks.handle import HandleTask
from commands.tasks.instruct import InstructTask
from commands.tasks.issue import (
    AssigneeNeedsOneGrid,
    GridNamedTwice,
    GridsOfSeveralTowns,
    IssueTasks,
)
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.responsibility import NotTheAssignee, VerifierDidTheWork
from commands.tasks.resume import ResumeTask
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.transfer import TransferChangesNothing, TransferTask
from commands.tasks.verify import VerifyTask
from commands.towns.close_grid import CloseGrid
from commands.towns.draw_grids import DrawGrids, GridPlan
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.refusal import StaleVersion
from dispatch.domain.tasks import Status, Task, TaskResumed, TaskSubmitted, TaskSuspended
from dispatch.domain.working_time import TimeWithoutZone
from tests.unit.commands.scenario import (
    ELSEWHERE,
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

CENTRE = "operator"


def issued(assignee: str | None = None) -> tuple[Scenario, str]:
    """A task in GRID: accept within 4 working hours, handle within 5 working days."""
    scenario = Scenario()
    scenario.when(IssueTasks(grids=(GRID,), title="巡查", category="general", assignee=assignee), CENTRE)
    return scenario, scenario.key("task")


def in_progress() -> tuple[Scenario, str]:
    scenario, task = issued()
    scenario.when(AcceptTask(task=task), "li")
    scenario.when(HandleTask(task=task), "li")
    return scenario, task


def submitted() -> tuple[Scenario, str]:
    scenario, task = in_progress()
    scenario.wait(hours=2)
    scenario.when(SubmitTask(task=task, note="已办"), "li")
    return scenario, task


def state(scenario: Scenario, task: str) -> Task:
    found = scenario.states[f"task:{task}"].state
    assert isinstance(found, Task)
    return found


def at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_task_goes_from_issue_to_close() -> None:
    scenario, task = submitted()
    assert kinds(scenario.when(VerifyTask(task=task, passed=True), CENTRE)) == ["task.closed"]
    assert kinds(scenario.streams[f"task:{task}"]) == [
        "task.issued",
        "task.accepted",
        "task.handling_started",
        "task.submitted",
        "task.closed",
    ]


def test_both_clocks_start_at_the_issue() -> None:
    scenario, task = issued()
    found = state(scenario, task)
    assert found.acceptance.due == at(2024, 3, 4, 7)  # 09:00 + 4 working hours: 15:00 in Shanghai
    assert found.handling.due == at(2024, 3, 11, 1)  # 5 working days on
    assert found.handling.rule == "default@1/task/general/handling"


def test_a_task_is_never_to_be_accepted_after_it_is_to_be_handled() -> None:
    scenario = Scenario()
    hour = Limit(kind=LimitKind.WORKING_HOURS, amount=1)
    scenario.when(IssueTasks(grids=(GRID,), title="隐患排查", category="general", limit=hour), CENTRE)
    task = scenario.key("task")
    assert state(scenario, task).acceptance.due == state(scenario, task).handling.due == at(2024, 3, 4, 2)
    assert state(scenario, task).acceptance.rule == "default@1/task/general/acceptance"
    scenario.wait(minutes=20)
    scenario.when(TransferTask(task=task, reason="另有任务", assignee="member-wang"), CENTRE)
    assert state(scenario, task).acceptance.due == state(scenario, task).handling.due == at(2024, 3, 4, 2)


def test_who_gets_an_overdue_task_has_the_time_to_accept_it() -> None:
    scenario, task = issued()
    scenario.wait(days=14)
    scenario.when(TransferTask(task=task, reason="另有任务", assignee="member-wang"), CENTRE)
    assert state(scenario, task).acceptance.due == at(2024, 3, 18, 7)
    assert state(scenario, task).handling.due == at(2024, 3, 11, 1)


def test_a_campaign_issues_one_task_to_each_grid_or_none() -> None:
    scenario = Scenario()
    issue = IssueTasks(grids=(GRID, OTHER_GRID), title="巡查", category="patrol")
    assert kinds(scenario.when(issue, CENTRE)) == ["campaign.issued", "task.issued", "task.issued"]
    unknown = IssueTasks(grids=(GRID, TOWN + "009001"), title="巡查", category="patrol")
    scenario.refused(GridUnknown, unknown, CENTRE)
    scenario.refused(GridNamedTwice, IssueTasks(grids=(GRID, GRID), title="巡查", category="x"), CENTRE)


def test_a_campaign_stays_in_one_town() -> None:
    scenario = Scenario()
    several = IssueTasks(grids=(GRID, GRID_ELSEWHERE), title="巡查", category="patrol")
    scenario.refused(GridsOfSeveralTowns, several, SERVICE)
    scenario.refused(GridsOfSeveralTowns, IssueTasks(grids=(), title="巡查", category="patrol"), SERVICE)


def test_an_assignee_has_a_post_in_the_one_grid() -> None:
    scenario = Scenario()
    issue = IssueTasks(grids=(GRID,), title="巡查", category="patrol", assignee="member-zhao")
    scenario.refused(AssigneeNotInGrid, issue, CENTRE)
    both = IssueTasks(grids=(GRID, OTHER_GRID), title="巡查", category="patrol", assignee="member-li")
    scenario.refused(AssigneeNeedsOneGrid, both, CENTRE)


def test_a_closed_grid_gets_no_task() -> None:
    scenario = Scenario()
    scenario.when(CloseGrid(town=TOWN, grid=GRID, reason="合并"), "administrator")
    scenario.refused(GridIsClosed, IssueTasks(grids=(GRID,), title="巡查", category="patrol"), CENTRE)


def test_accepting_twice_is_a_no_op() -> None:
    scenario, task = issued()
    scenario.when(AcceptTask(task=task), "li")
    assert scenario.when(AcceptTask(task=task), "li") == []
    scenario.refused(TaskStatusForbids, AcceptTask(task=task), "wang")


def test_what_was_given_to_one_person_is_not_accepted_by_another() -> None:
    scenario, task = issued(assignee="member-li")
    scenario.refused(TaskAssignedToAnother, AcceptTask(task=task), "wang")
    assert scenario.when(AcceptTask(task=task), "li")


def test_an_unknown_task_and_an_outdated_view_of_one_are_refused() -> None:
    scenario, task = issued()
    scenario.refused(TaskUnknown, AcceptTask(task="0" * 32), "li")
    scenario.refused(StaleVersion, AcceptTask(task=task), "li", version=7)


def test_only_the_assignee_works_on_a_task() -> None:
    scenario, task = issued()
    scenario.when(AcceptTask(task=task), "li")
    for command in (
        HandleTask(task=task),
        DeclineTask(task=task, reason="不归我"),
        RequestTaskExtension(task=task, reason="下雨"),
    ):
        scenario.refused(NotTheAssignee, command, "wang")


def test_the_verifier_is_never_the_person_who_did_the_work() -> None:
    scenario, task = submitted()
    scenario.given(f"task:{task}", TaskSubmitted(at=scenario.now, by="operator", note="代报"))
    scenario.refused(VerifierDidTheWork, VerifyTask(task=task, passed=True), "operator")
    assert scenario.when(VerifyTask(task=task, passed=True), "operator-2")


def test_an_early_submission_that_was_sent_late_counts_when_it_was_made() -> None:
    scenario, task = in_progress()
    scenario.wait(days=30)
    done = MONDAY + timedelta(hours=3)
    [event] = scenario.when(SubmitTask(task=task, note="已办"), "li", device_at=done)
    assert event.at == done


def test_no_device_time_lies_before_what_it_follows_from_or_after_now() -> None:
    scenario, task = in_progress()
    scenario.wait(hours=1)
    early = scenario.when(SubmitTask(task=task, note="已办"), "li", device_at=MONDAY - timedelta(days=9))
    assert early[0].at == MONDAY
    scenario, task = in_progress()
    late = scenario.when(SubmitTask(task=task, note="已办"), "li", device_at=MONDAY + timedelta(days=9))
    assert late[0].at == scenario.now


def test_a_return_needs_a_reason_and_the_clock_goes_on_where_it_stopped() -> None:
    scenario, task = submitted()  # after 2 of 40 working hours
    scenario.refused(ReasonMissing, VerifyTask(task=task, passed=False), CENTRE)
    scenario.wait(days=14)  # Monday 11:00 again: the centre took its time
    scenario.when(VerifyTask(task=task, passed=False, note="照片不清"), CENTRE)
    found = state(scenario, task)
    assert (found.status, found.reworks) == (Status.RETURNED, 1)
    assert found.handling.due == at(2024, 3, 25, 1)  # 38 working hours on
    assert found.handling.started == MONDAY


def test_a_submission_is_verified_once() -> None:
    scenario, task = submitted()
    scenario.when(VerifyTask(task=task, passed=True), CENTRE)
    scenario.refused(TaskEnded, VerifyTask(task=task, passed=True), CENTRE)


def test_a_decline_needs_a_reason_and_goes_back_to_the_centre() -> None:
    scenario, task = issued()
    scenario.refused(ReasonMissing, DeclineTask(task=task, reason=" "), "li")
    scenario.when(DeclineTask(task=task, reason="不归我"), "li")
    assert (state(scenario, task).status, state(scenario, task).assignee) == (Status.DECLINED, None)
    scenario.refused(TaskStatusForbids, AcceptTask(task=task), "wang")


def test_the_time_that_the_centre_holds_a_declined_task_is_not_the_workers() -> None:
    scenario, task = issued()
    scenario.when(DeclineTask(task=task, reason="不归我"), "li")
    scenario.wait(days=7)
    scenario.when(TransferTask(task=task, grid=OTHER_GRID, reason="应由二网格办"), CENTRE)
    found = state(scenario, task)
    assert (found.status, found.grid) == (Status.ISSUED, OTHER_GRID)
    assert found.handling.due == at(2024, 3, 18, 1)


def test_a_transfer_begins_a_new_acceptance_and_no_new_handling() -> None:
    scenario, task = in_progress()
    scenario.wait(days=1)
    scenario.when(TransferTask(task=task, assignee="member-wang", reason="请假"), CENTRE)
    found = state(scenario, task)
    assert found.acceptance.due == at(2024, 3, 5, 7)
    assert found.handling.due == at(2024, 3, 11, 1)
    scenario.refused(TaskAssignedToAnother, AcceptTask(task=task), "li")
    same = TransferTask(task=task, assignee="member-wang", reason="请假")
    scenario.refused(TransferChangesNothing, same, CENTRE)


def test_a_transfer_stays_in_the_town_and_names_somebody_posted_there() -> None:
    scenario, task = issued()
    outside = TransferTask(task=task, grid=GRID_ELSEWHERE, reason="外镇")
    scenario.refused(OutsideTown, outside, SERVICE)
    stranger = TransferTask(task=task, grid=OTHER_GRID, assignee="member-li", reason="转办")
    scenario.refused(AssigneeNotInGrid, stranger, CENTRE)


def test_an_extension_adds_the_original_limit_once_and_twice_and_no_more() -> None:
    scenario, task = in_progress()
    for due in (at(2024, 3, 18, 1), at(2024, 3, 25, 1)):
        scenario.when(RequestTaskExtension(task=task, reason="下雨"), "li")
        scenario.refused(ExtensionAlreadyRequested, RequestTaskExtension(task=task, reason="下雨"), "li")
        scenario.when(DecideTaskExtension(task=task, granted=True), CENTRE)
        assert state(scenario, task).handling.due == due
    scenario.refused(ExtensionsUsedUp, RequestTaskExtension(task=task, reason="下雨"), "li")


def test_an_extension_is_asked_for_at_the_deadline_and_not_after() -> None:
    scenario, task = in_progress()
    scenario.now = state(scenario, task).handling.due
    late, early = RequestTaskExtension(task=task, reason="下雨"), scenario.now
    scenario.wait(microseconds=1)
    scenario.refused(ItemIsOverdue, late, "li")
    assert scenario.when(late, "li", device_at=early)


def test_a_slow_answer_to_a_request_takes_nothing_from_the_worker() -> None:
    scenario, task = in_progress()
    scenario.when(RequestTaskExtension(task=task, reason="下雨"), "li")
    scenario.wait(days=30)
    scenario.when(DecideTaskExtension(task=task, granted=True), CENTRE)
    assert state(scenario, task).handling.due == at(2024, 3, 18, 1)


def test_a_refused_extension_leaves_the_deadline_and_may_be_asked_for_again() -> None:
    scenario, task = in_progress()
    scenario.refused(NoExtensionRequested, DecideTaskExtension(task=task, granted=True), CENTRE)
    scenario.when(RequestTaskExtension(task=task, reason="下雨"), "li")
    scenario.when(DecideTaskExtension(task=task, granted=False, note="不下了"), CENTRE)
    assert state(scenario, task).handling.due == at(2024, 3, 11, 1)
    assert scenario.when(RequestTaskExtension(task=task, reason="又下了"), "li")


def test_a_person_does_not_grant_the_extension_that_he_asked_for_with_another_account() -> None:
    scenario, task = in_progress()
    desk = AccountAdded(
        at=MONDAY, account="li-desk", name="李", role=Role.OPERATOR, scope=TOWN, member="member-li"
    )
    scenario.given("account:li-desk", desk)
    ask, grant = RequestTaskExtension(task=task, reason="下雨"), DecideTaskExtension(task=task, granted=True)
    scenario.when(ask, "li")
    scenario.refused(OwnExtension, grant, "li-desk")
    scenario.refused(OwnExtension, DecideTaskExtension(task=task, granted=False, note="不下了"), "li-desk")
    assert scenario.when(grant, CENTRE)


def test_a_declined_tasks_extension_is_not_decided() -> None:
    scenario, task = issued()
    scenario.when(AcceptTask(task=task), "li")
    scenario.when(RequestTaskExtension(task=task, reason="下雨"), "li")
    scenario.when(DeclineTask(task=task, reason="不归我"), "li")
    scenario.refused(TaskStatusForbids, DecideTaskExtension(task=task, granted=True), CENTRE)


def test_a_suspension_ends_by_itself_and_paused_time_is_not_counted() -> None:
    scenario, task = in_progress()
    until = MONDAY + timedelta(days=7)
    scenario.when(SuspendTask(task=task, reason="等材料", until=until), CENTRE)
    scenario.wait(days=8)
    events = scenario.when(SubmitTask(task=task, note="已办"), "li")
    assert kinds(events) == ["task.resumed", "task.submitted"]
    resumed = the(events, TaskResumed)
    assert (resumed.at, resumed.by) == (until, None)
    assert state(scenario, task).handling.due == at(2024, 3, 18, 1)


def test_a_suspended_task_waits() -> None:
    scenario, task = in_progress()
    scenario.when(SuspendTask(task=task, reason="等材料", until=MONDAY + timedelta(days=7)), CENTRE)
    scenario.refused(TaskStatusForbids, SubmitTask(task=task, note="已办"), "li")
    assert state(scenario, task).status is Status.SUSPENDED


def test_a_suspension_ended_early_counts_only_what_was_paused() -> None:
    scenario, task = in_progress()
    scenario.when(SuspendTask(task=task, reason="等材料", until=MONDAY + timedelta(days=14)), CENTRE)
    scenario.wait(days=7)
    scenario.when(ResumeTask(task=task), CENTRE)
    assert state(scenario, task).handling.due == at(2024, 3, 18, 1)
    again = SuspendTask(task=task, reason="等材料", until=scenario.now + timedelta(days=1))
    scenario.refused(SuspensionsUsedUp, again, CENTRE)


def test_an_extension_granted_while_suspended_is_kept_when_the_suspension_ends_early() -> None:
    scenario, task = in_progress()
    scenario.when(RequestTaskExtension(task=task, reason="下雨"), "li")
    scenario.when(SuspendTask(task=task, reason="等材料", until=MONDAY + timedelta(days=14)), CENTRE)
    scenario.when(DecideTaskExtension(task=task, granted=True), CENTRE)
    scenario.wait(days=7)
    scenario.when(ResumeTask(task=task), CENTRE)
    assert state(scenario, task).handling.due == at(2024, 3, 25, 1)


YEAR, INSTANT = timedelta(days=366), timedelta(microseconds=1)


@pytest.mark.parametrize("end", [timedelta(0), timedelta(days=-1), YEAR + INSTANT])
def test_a_suspension_ends_after_now_and_within_a_year(end: timedelta) -> None:
    scenario, task = in_progress()
    suspend = SuspendTask(task=task, reason="等材料", until=MONDAY + end)
    scenario.refused(SuspensionEndUnacceptable, suspend, CENTRE)


@pytest.mark.parametrize("end", [INSTANT, YEAR])
def test_a_suspension_may_last_a_whole_year(end: timedelta) -> None:
    scenario, task = in_progress()
    [event] = scenario.when(SuspendTask(task=task, reason="等材料", until=MONDAY + end), CENTRE)
    assert the([event], TaskSuspended).until == MONDAY + end


def test_a_suspension_without_a_zone_is_refused() -> None:
    scenario, task = in_progress()
    naive = (MONDAY + timedelta(days=1)).replace(tzinfo=None)
    scenario.refused(TimeWithoutZone, SuspendTask(task=task, reason="等材料", until=naive), CENTRE)


def test_a_cancelled_task_is_over() -> None:
    scenario, task = in_progress()
    scenario.refused(ReasonMissing, CancelTask(task=task, reason=""), CENTRE)
    scenario.when(CancelTask(task=task, reason="重复"), CENTRE)
    scenario.refused(TaskEnded, SubmitTask(task=task, note="已办"), "li")


def test_a_task_cancelled_while_suspended_never_wakes() -> None:
    scenario, task = in_progress()
    scenario.when(SuspendTask(task=task, reason="等材料", until=MONDAY + timedelta(days=7)), CENTRE)
    scenario.when(CancelTask(task=task, reason="重复"), CENTRE)
    found = state(scenario, task)
    assert (found.status, found.suspended_until) == (Status.CANCELLED, None)


def test_a_leader_instructs() -> None:
    scenario, task = in_progress()
    assert kinds(scenario.when(InstructTask(task=task, note="抓紧"), "supervisor")) == ["task.instructed"]


def test_a_grid_of_another_town_is_drawn_by_the_service_and_reached_by_its_own_operator_only() -> None:
    scenario = Scenario()
    plan = GridPlan(code=ELSEWHERE + "002001", name="新", village="新村")
    scenario.when(DrawGrids(town=ELSEWHERE, grids=(plan,)), SERVICE)
    issue: dict[str, Any] = {"grids": (plan.code,), "title": "巡查", "category": "patrol"}
    assert scenario.when(IssueTasks(**issue), "elsewhere")
