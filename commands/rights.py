"""The one table of commands: which function decides each, and which roles may send it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from commands.accounts import add as add_account
from commands.accounts import (
    change_password,
    end_sessions,
    issue_own_token,
    issue_token,
    note_failed_sign_in,
    note_refusals,
    remove_second_factor,
    reset_password,
    reset_second_factor,
    revoke_own_token,
    revoke_token,
    set_second_factor,
    sign_in,
    sign_out,
    unlink_identity,
)
from commands.accounts import revoke as revoke_account
from commands.cases import accept as accept_case
from commands.cases import answer_escalation as answer_case
from commands.cases import appeal as appeal_case
from commands.cases import check as check_case
from commands.cases import close as close_case
from commands.cases import decide_appeal, import_case, import_cases, start_check
from commands.cases import decide_extension as decide_extension_case
from commands.cases import decline as decline_case
from commands.cases import dispatch as dispatch_case
from commands.cases import do_not_register as do_not_register_case
from commands.cases import escalate as escalate_case
from commands.cases import finish as finish_case
from commands.cases import follow_up as follow_up_case
from commands.cases import hand_down as hand_down_case
from commands.cases import hand_up as hand_up_case
from commands.cases import handle as handle_case
from commands.cases import instruct as instruct_case
from commands.cases import merge as merge_case
from commands.cases import recalculate as recalculate_case
from commands.cases import refuse as refuse_case
from commands.cases import register as register_case
from commands.cases import reopen as reopen_case
from commands.cases import report as report_case
from commands.cases import request_extension as request_extension_case
from commands.cases import resume as resume_case
from commands.cases import self_handle as self_handle_case
from commands.cases import suspend as suspend_case
from commands.cases import transfer as transfer_case
from commands.cases import unmerge as unmerge_case
from commands.cases import verify as verify_case
from commands.cases import void as void_case
from commands.checkpoints import refuse as refuse_checkpoint
from commands.checkpoints import report_delivered, report_undelivered
from commands.checkpoints import resume as resume_checkpoints
from commands.command import Command, Decision
from commands.context import Context
from commands.digests import issue as issue_digest
from commands.disputes import agree as agree_dispute
from commands.disputes import assign as assign_dispute
from commands.disputes import classify as classify_dispute
from commands.disputes import fail as fail_dispute
from commands.disputes import follow_up as follow_up_dispute
from commands.disputes import mediate as mediate_dispute
from commands.disputes import perform as perform_dispute
from commands.disputes import register as register_dispute
from commands.disputes import return_to_ledger as return_dispute
from commands.disputes import strike_off as strike_off_dispute
from commands.figures import publish as publish_figures
from commands.households import change as change_household
from commands.households import leave as leave_household
from commands.households import record as record_households
from commands.inboxes import read as read_inbox
from commands.modes import end_recalculation
from commands.modes import enter as enter_mode
from commands.modes import leave as leave_mode
from commands.permits import correct as correct_permit
from commands.permits import judge as judge_permit
from commands.permits import record as record_permit
from commands.permits import report as report_permit
from commands.personal import disclose as disclose_personal
from commands.personal import erase as erase_personal
from commands.personal import note_bound, note_rewrap
from commands.personal import search as search_personal
from commands.plans import change as change_plan
from commands.plans import come_round
from commands.plans import end as end_plan
from commands.plans import pause as pause_plan
from commands.plans import resume as resume_plan
from commands.plans import start as start_plan
from commands.policies import set as set_policy
from commands.recipients import set_channels, set_own_channels
from commands.tasks import accept as accept_task
from commands.tasks import answer_escalation as answer_task
from commands.tasks import cancel as cancel_task
from commands.tasks import decide_extension as decide_extension_task
from commands.tasks import decline as decline_task
from commands.tasks import escalate as escalate_task
from commands.tasks import handle as handle_task
from commands.tasks import instruct as instruct_task
from commands.tasks import issue as issue_task
from commands.tasks import recalculate as recalculate_task
from commands.tasks import request_extension as request_extension_task
from commands.tasks import resume as resume_task
from commands.tasks import submit as submit_task
from commands.tasks import suspend as suspend_task
from commands.tasks import transfer as transfer_task
from commands.tasks import verify as verify_task
from commands.towns import (
    change_grid,
    close_department,
    close_grid,
    draw_grids,
    join_members,
    leave_member,
    open_department,
    post_member,
    rename_department,
    rename_member,
    unpost_member,
)
from commands.towns import found as found_town
from commands.towns import rename as rename_town
from dispatch.domain.accounts import Role


class Entry(NamedTuple):
    """How a command is decided and who may send it; what lies within the sender's reach is decided there."""

    decide: Callable[[Any, Context], Decision]
    roles: frozenset[Role]


def _may(*roles: Role) -> frozenset[Role]:
    """Return these roles and the service itself, which may send every command."""
    return frozenset({*roles, Role.SYSTEM})


# Source: DOMAIN.md, People and rights. An auditor changes nothing but how the own account signs in and is
# reached, so the role stands nowhere else.
EVERYBODY: Final = frozenset(Role)
CENTRE: Final = _may(Role.OPERATOR)
GRID: Final = _may(Role.WORKER)
CENTRE_AND_GRID: Final = CENTRE | GRID
LEADER: Final = _may(Role.SUPERVISOR)
LEADER_AND_GRID: Final = LEADER | GRID
SERVICE: Final = _may()
ADMINISTRATION: Final = _may(Role.ADMINISTRATOR)
OVERSIGHT: Final = CENTRE | LEADER
REGISTRY: Final = CENTRE | ADMINISTRATION
ANY_READER: Final = CENTRE_AND_GRID | LEADER | ADMINISTRATION

TASKS: Final[dict[type[Command], Entry]] = {
    issue_task.IssueTasks: Entry(issue_task.decide, CENTRE),
    transfer_task.TransferTask: Entry(transfer_task.decide, CENTRE),
    cancel_task.CancelTask: Entry(cancel_task.decide, CENTRE),
    verify_task.VerifyTask: Entry(verify_task.decide, CENTRE),
    suspend_task.SuspendTask: Entry(suspend_task.decide, CENTRE),
    resume_task.ResumeTask: Entry(resume_task.decide, CENTRE),
    decide_extension_task.DecideTaskExtension: Entry(decide_extension_task.decide, CENTRE),
    accept_task.AcceptTask: Entry(accept_task.decide, GRID),
    decline_task.DeclineTask: Entry(decline_task.decide, GRID),
    handle_task.HandleTask: Entry(handle_task.decide, GRID),
    submit_task.SubmitTask: Entry(submit_task.decide, GRID),
    request_extension_task.RequestTaskExtension: Entry(request_extension_task.decide, GRID),
    instruct_task.InstructTask: Entry(instruct_task.decide, LEADER),
    answer_task.AnswerTaskEscalation: Entry(answer_task.decide, LEADER_AND_GRID),
    escalate_task.EscalateTask: Entry(escalate_task.decide, SERVICE),
    recalculate_task.RecalculateTask: Entry(recalculate_task.decide, SERVICE),
}

CASES: Final[dict[type[Command], Entry]] = {
    report_case.ReportCase: Entry(report_case.decide, CENTRE_AND_GRID),
    self_handle_case.SelfHandleCase: Entry(self_handle_case.decide, GRID),
    accept_case.AcceptCase: Entry(accept_case.decide, CENTRE),
    refuse_case.RefuseCase: Entry(refuse_case.decide, CENTRE),
    verify_case.VerifyCase: Entry(verify_case.decide, CENTRE_AND_GRID),
    register_case.RegisterCase: Entry(register_case.decide, CENTRE),
    do_not_register_case.DoNotRegisterCase: Entry(do_not_register_case.decide, CENTRE),
    dispatch_case.DispatchCase: Entry(dispatch_case.decide, CENTRE),
    hand_down_case.HandDownCase: Entry(hand_down_case.decide, CENTRE),
    hand_up_case.HandUpCase: Entry(hand_up_case.decide, CENTRE),
    transfer_case.TransferCase: Entry(transfer_case.decide, CENTRE),
    decline_case.DeclineCase: Entry(decline_case.decide, CENTRE_AND_GRID),
    handle_case.HandleCase: Entry(handle_case.decide, CENTRE_AND_GRID),
    finish_case.FinishCase: Entry(finish_case.decide, CENTRE_AND_GRID),
    start_check.StartCheck: Entry(start_check.decide, CENTRE),
    check_case.CheckCase: Entry(check_case.decide, CENTRE_AND_GRID),
    close_case.CloseCase: Entry(close_case.decide, CENTRE),
    follow_up_case.FollowUpCase: Entry(follow_up_case.decide, CENTRE),
    reopen_case.ReopenCase: Entry(reopen_case.decide, CENTRE),
    merge_case.MergeCase: Entry(merge_case.decide, CENTRE),
    unmerge_case.UnmergeCase: Entry(unmerge_case.decide, CENTRE),
    void_case.VoidCase: Entry(void_case.decide, CENTRE),
    appeal_case.AppealCase: Entry(appeal_case.decide, CENTRE_AND_GRID),
    decide_appeal.DecideAppeal: Entry(decide_appeal.decide, CENTRE),
    suspend_case.SuspendCase: Entry(suspend_case.decide, CENTRE),
    resume_case.ResumeCase: Entry(resume_case.decide, CENTRE),
    request_extension_case.RequestCaseExtension: Entry(request_extension_case.decide, CENTRE_AND_GRID),
    decide_extension_case.DecideCaseExtension: Entry(decide_extension_case.decide, CENTRE),
    instruct_case.InstructCase: Entry(instruct_case.decide, LEADER),
    answer_case.AnswerCaseEscalation: Entry(answer_case.decide, LEADER_AND_GRID),
    escalate_case.EscalateCase: Entry(escalate_case.decide, SERVICE),
    recalculate_case.RecalculateCase: Entry(recalculate_case.decide, SERVICE),
    import_case.ImportCase: Entry(import_case.decide, ADMINISTRATION),
    import_cases.ImportCases: Entry(import_cases.decide, SERVICE),
}

DISPUTES: Final[dict[type[Command], Entry]] = {
    register_dispute.RegisterDispute: Entry(register_dispute.decide, CENTRE),
    classify_dispute.ClassifyDispute: Entry(classify_dispute.decide, CENTRE),
    assign_dispute.AssignDispute: Entry(assign_dispute.decide, CENTRE),
    mediate_dispute.MediateDispute: Entry(mediate_dispute.decide, CENTRE_AND_GRID),
    agree_dispute.AgreeDispute: Entry(agree_dispute.decide, CENTRE_AND_GRID),
    fail_dispute.FailDispute: Entry(fail_dispute.decide, CENTRE_AND_GRID),
    perform_dispute.PerformDispute: Entry(perform_dispute.decide, CENTRE_AND_GRID),
    follow_up_dispute.FollowUpDispute: Entry(follow_up_dispute.decide, CENTRE_AND_GRID),
    strike_off_dispute.StrikeOffDispute: Entry(strike_off_dispute.decide, CENTRE),
    return_dispute.ReturnDisputeToLedger: Entry(return_dispute.decide, CENTRE),
}

PERMITS: Final[dict[type[Command], Entry]] = {
    record_permit.RecordPermit: Entry(record_permit.decide, CENTRE),
    report_permit.ReportPermit: Entry(report_permit.decide, CENTRE),
    judge_permit.JudgePermit: Entry(judge_permit.decide, CENTRE),
    correct_permit.CorrectPermit: Entry(correct_permit.decide, CENTRE),
}

TOWNS: Final[dict[type[Command], Entry]] = {
    found_town.FoundTown: Entry(found_town.decide, ADMINISTRATION),
    rename_town.RenameTown: Entry(rename_town.decide, ADMINISTRATION),
    draw_grids.DrawGrids: Entry(draw_grids.decide, ADMINISTRATION),
    change_grid.ChangeGrid: Entry(change_grid.decide, ADMINISTRATION),
    close_grid.CloseGrid: Entry(close_grid.decide, ADMINISTRATION),
    open_department.OpenDepartment: Entry(open_department.decide, ADMINISTRATION),
    rename_department.RenameDepartment: Entry(rename_department.decide, ADMINISTRATION),
    close_department.CloseDepartment: Entry(close_department.decide, ADMINISTRATION),
    join_members.JoinMembers: Entry(join_members.decide, ADMINISTRATION),
    rename_member.RenameMember: Entry(rename_member.decide, ADMINISTRATION),
    leave_member.LeaveMember: Entry(leave_member.decide, ADMINISTRATION),
    post_member.PostMember: Entry(post_member.decide, ADMINISTRATION),
    unpost_member.UnpostMember: Entry(unpost_member.decide, ADMINISTRATION),
}

ACCOUNTS: Final[dict[type[Command], Entry]] = {
    add_account.AddAccount: Entry(add_account.decide, ADMINISTRATION),
    issue_token.IssueToken: Entry(issue_token.decide, ADMINISTRATION),
    revoke_token.RevokeToken: Entry(revoke_token.decide, ADMINISTRATION),
    revoke_account.RevokeAccount: Entry(revoke_account.decide, ADMINISTRATION),
    reset_password.ResetPassword: Entry(reset_password.decide, ADMINISTRATION),
    unlink_identity.UnlinkIdentity: Entry(unlink_identity.decide, ADMINISTRATION),
    end_sessions.EndSessions: Entry(end_sessions.decide, ADMINISTRATION),
    reset_second_factor.ResetSecondFactor: Entry(reset_second_factor.decide, ADMINISTRATION),
}

SIGN_IN: Final[dict[type[Command], Entry]] = {
    sign_in.SignIn: Entry(sign_in.decide, EVERYBODY),
    issue_own_token.IssueOwnToken: Entry(issue_own_token.decide, EVERYBODY),
    revoke_own_token.RevokeOwnToken: Entry(revoke_own_token.decide, EVERYBODY),
    sign_out.SignOut: Entry(sign_out.decide, EVERYBODY),
    change_password.ChangePassword: Entry(change_password.decide, EVERYBODY),
    set_second_factor.SetSecondFactor: Entry(set_second_factor.decide, EVERYBODY),
    remove_second_factor.RemoveSecondFactor: Entry(remove_second_factor.decide, EVERYBODY),
    note_failed_sign_in.NoteFailedSignIn: Entry(note_failed_sign_in.decide, SERVICE),
    note_refusals.NoteRefusals: Entry(note_refusals.decide, SERVICE),
}
"""What an account does with itself, and what the service notes about it."""

POLICIES: Final[dict[type[Command], Entry]] = {
    set_policy.SetPolicy: Entry(set_policy.decide, ADMINISTRATION),
}

INBOXES: Final[dict[type[Command], Entry]] = {
    read_inbox.ReadInbox: Entry(read_inbox.decide, ANY_READER),
    set_own_channels.SetOwnChannels: Entry(set_own_channels.decide, EVERYBODY),
    set_channels.SetChannels: Entry(set_channels.decide, ADMINISTRATION),
}

HOUSEHOLDS: Final[dict[type[Command], Entry]] = {
    record_households.RecordHouseholds: Entry(record_households.decide, REGISTRY),
    change_household.ChangeHousehold: Entry(change_household.decide, REGISTRY),
    leave_household.LeaveHousehold: Entry(leave_household.decide, REGISTRY),
}

PLANS: Final[dict[type[Command], Entry]] = {
    start_plan.StartPlan: Entry(start_plan.decide, CENTRE),
    change_plan.ChangePlan: Entry(change_plan.decide, CENTRE),
    pause_plan.PausePlan: Entry(pause_plan.decide, CENTRE),
    resume_plan.ResumePlan: Entry(resume_plan.decide, CENTRE),
    end_plan.EndPlan: Entry(end_plan.decide, CENTRE),
    come_round.ComeRound: Entry(come_round.decide, SERVICE),
}

MODES: Final[dict[type[Command], Entry]] = {
    enter_mode.EnterEmergency: Entry(enter_mode.decide, CENTRE),
    leave_mode.LeaveEmergency: Entry(leave_mode.decide, CENTRE),
    end_recalculation.EndRecalculation: Entry(end_recalculation.decide, SERVICE),
}

FIGURES: Final[dict[type[Command], Entry]] = {
    publish_figures.PublishFigures: Entry(publish_figures.decide, OVERSIGHT),
}

PERSONAL: Final[dict[type[Command], Entry]] = {
    disclose_personal.DisclosePersonal: Entry(disclose_personal.decide, CENTRE_AND_GRID),
    search_personal.SearchPersonal: Entry(search_personal.decide, CENTRE),
    note_bound.NoteBound: Entry(note_bound.decide, SERVICE),
    note_rewrap.NoteRewrap: Entry(note_rewrap.decide, SERVICE),
    # Not who works on the item, lest its evidence go with it; nor who doesn't see what he would erase.
    erase_personal.ErasePersonal: Entry(erase_personal.decide, LEADER),
}

THE_LOG: Final[dict[type[Command], Entry]] = {
    refuse_checkpoint.RefuseCheckpoint: Entry(refuse_checkpoint.decide, SERVICE),
    resume_checkpoints.ResumeCheckpoints: Entry(resume_checkpoints.decide, SERVICE),
    report_undelivered.ReportUndelivered: Entry(report_undelivered.decide, SERVICE),
    report_delivered.ReportDelivered: Entry(report_delivered.decide, SERVICE),
    issue_digest.IssueDigest: Entry(issue_digest.decide, SERVICE),
}

CATALOGUE: Final[dict[type[Command], Entry]] = (
    TASKS
    | CASES
    | DISPUTES
    | PERMITS
    | TOWNS
    | ACCOUNTS
    | SIGN_IN
    | POLICIES
    | HOUSEHOLDS
    | PLANS
    | INBOXES
    | MODES
    | FIGURES
    | PERSONAL
    | THE_LOG
)
"""Every command that there is."""
