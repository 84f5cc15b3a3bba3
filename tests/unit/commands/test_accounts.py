"""The rules of accounts and tokens."""

from datetime import timedelta
from typing import Any

import pytest

from commands.accounts.add import (
    AccountAlreadyAdded,
    AccountIdMalformed,
    AddAccount,
    SystemAccountReserved,
    WorkerNeedsMember,
)
from commands.accounts.command import AccountIsRevoked, OwnAccountOnly
from commands.accounts.issue_own_token import IssueOwnToken
from commands.accounts.issue_token import (
    IssueToken,
    OwnTokenOnly,
    TokenAlreadyIssued,
    TokenEndUnacceptable,
    TokenMalformed,
)
from commands.accounts.revoke import RevokeAccount
from commands.accounts.revoke_token import RevokeToken, TokenUnknown
from commands.context import AccountUnknown, CommandUnauthenticated
from commands.tasks.issue import IssueTasks
from commands.towns.command import MemberUnknown
from dispatch.domain.accounts import Account, Role, TokenIssued
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.refusal import OutOfScope
from dispatch.domain.towns import MemberJoined, MemberPosted, Post
from dispatch.domain.working_time import TimeWithoutZone
from tests.unit.commands.scenario import ELSEWHERE, GRID, OTHER_GRID, SERVICE, TOWN, Scenario, kinds

ADMIN = "administrator"
DIGEST = "0" * 64


def add(**fields: Any) -> AddAccount:
    return AddAccount(**{"account": "chen", "name": "陈", "role": Role.OPERATOR, "scope": TOWN, **fields})


def account(scenario: Scenario, key: str) -> Account:
    state = scenario.states[f"account:{key}"].state
    assert isinstance(state, Account)
    return state


def test_an_account_is_added_once() -> None:
    scenario = Scenario()
    assert kinds(scenario.when(add(), ADMIN)) == ["account.added"]
    assert scenario.when(add(), ADMIN) == []
    scenario.refused(AccountAlreadyAdded, add(role=Role.ADMINISTRATOR), ADMIN)


@pytest.mark.parametrize("scope", ["", "500115", ELSEWHERE])
def test_an_account_reaches_no_further_than_who_adds_it(scope: str) -> None:
    Scenario().refused(OutOfScope, add(scope=scope), ADMIN)


def test_a_scope_is_a_place() -> None:
    Scenario().refused(CodeMalformed, add(scope=TOWN + "0"), ADMIN)


def test_nobody_makes_an_account_for_the_service() -> None:
    scenario = Scenario()
    scenario.refused(SystemAccountReserved, add(role=Role.SYSTEM), SERVICE)
    scenario.refused(SystemAccountReserved, add(account="system"), SERVICE)


@pytest.mark.parametrize("name", ["", "a.b", "A", "a:b", "-a", "a" * 65, "陈"])
def test_an_accounts_id_has_no_dot_and_nothing_else_that_would_confuse_a_token(name: str) -> None:
    Scenario().refused(AccountIdMalformed, add(account=name), ADMIN)


def test_a_worker_account_has_a_member_of_its_town() -> None:
    scenario = Scenario()
    scenario.refused(WorkerNeedsMember, add(role=Role.WORKER), ADMIN)
    scenario.refused(MemberUnknown, add(role=Role.WORKER, member="stranger"), ADMIN)
    scenario.refused(WorkerNeedsMember, add(role=Role.WORKER, member="member-li", scope="500115"), SERVICE)
    assert scenario.when(add(role=Role.WORKER, member="member-li"), ADMIN)
    assert account(scenario, "chen").person == "member-li"


VILLAGE = GRID[:12]


def test_a_village_gives_no_account_in_the_name_of_a_member_of_another() -> None:
    scenario = Scenario()
    scenario.when(add(account="village", role=Role.ADMINISTRATOR, scope=VILLAGE), ADMIN)
    joined = MemberJoined(at=scenario.now, member="member-new", name="新")
    both = MemberPosted(at=scenario.now, member="member-wang", place=OTHER_GRID, post=Post.PART_TIME)
    scenario.given(f"town:{TOWN}", joined, both)

    def worker(member: str) -> AddAccount:
        return add(role=Role.WORKER, scope=VILLAGE, member=member)

    # Zhao works in another village, Wang in both, and who has no post yet is the town's.
    for member in ("member-zhao", "member-wang", "member-new"):
        scenario.refused(OutOfScope, worker(member), "village")
    assert kinds(scenario.when(worker("member-li"), "village")) == ["account.added"]
    again = add(account="wang-2", role=Role.WORKER, scope=VILLAGE, member="member-wang")
    assert kinds(scenario.when(again, ADMIN)) == ["account.added"]


def test_a_token_is_issued_once_and_revoked() -> None:
    scenario = Scenario()
    issue = IssueToken(account="li", token="t1", digest=DIGEST)
    assert kinds(scenario.when(issue, ADMIN)) == ["account.token_issued"]
    assert scenario.when(issue, ADMIN) == []
    scenario.refused(TokenAlreadyIssued, IssueToken(account="li", token="t1", digest="1" * 64), ADMIN)
    assert kinds(scenario.when(RevokeToken(account="li", token="t1"), ADMIN)) == ["account.token_revoked"]
    scenario.refused(TokenUnknown, RevokeToken(account="li", token="t1"), ADMIN)


def test_a_token_ends_after_now() -> None:
    scenario = Scenario()
    past = IssueToken(account="li", token="t1", digest=DIGEST, expires_at=scenario.now)
    scenario.refused(TokenEndUnacceptable, past, ADMIN)
    naive = (scenario.now + timedelta(days=1)).replace(tzinfo=None)
    scenario.refused(
        TimeWithoutZone, IssueToken(account="li", token="t1", digest=DIGEST, expires_at=naive), ADMIN
    )


def test_the_log_holds_digests_and_no_secrets() -> None:
    scenario = Scenario()
    scenario.refused(TokenMalformed, IssueToken(account="li", token="t1", digest="secret"), ADMIN)
    scenario.refused(TokenMalformed, IssueToken(account="li", token=" ", digest=DIGEST), ADMIN)


def test_a_revoked_account_may_do_nothing() -> None:
    scenario = Scenario()
    scenario.when(IssueToken(account="operator", token="t1", digest=DIGEST), ADMIN)
    assert kinds(scenario.when(RevokeAccount(account="operator", reason="离岗"), ADMIN)) == [
        "account.revoked"
    ]
    assert scenario.when(RevokeAccount(account="operator", reason="离岗"), ADMIN) == []
    assert account(scenario, "operator").tokens == {}
    scenario.refused(
        CommandUnauthenticated, IssueTasks(grids=(GRID,), title="巡查", category="patrol"), "operator"
    )
    scenario.refused(AccountIsRevoked, IssueToken(account="operator", token="t2", digest=DIGEST), ADMIN)


def test_an_administrator_keeps_the_accounts_of_the_own_scope() -> None:
    scenario = Scenario()
    scenario.refused(OutOfScope, RevokeAccount(account="elsewhere", reason="离岗"), ADMIN)
    scenario.refused(AccountUnknown, RevokeAccount(account="nobody", reason="离岗"), ADMIN)


def test_an_administrator_makes_tokens_for_grid_workers_and_the_first_one_of_others() -> None:
    scenario = Scenario()
    for number, key in enumerate(("li", "li", "operator", "auditor")):
        issue = IssueToken(account=key, token=f"t{number}", digest=DIGEST)
        who = ADMIN if key != "auditor" else SERVICE
        assert kinds(scenario.when(issue, who)) == ["account.token_issued"]
    assert scenario.streams["account:li"][-1].by == ADMIN  # type: ignore[attr-defined] # a token was issued
    again = IssueToken(account="operator", token="t9", digest=DIGEST)
    scenario.refused(OwnTokenOnly, again, ADMIN)
    assert kinds(scenario.when(again, SERVICE)) == ["account.token_issued"]


def test_who_gets_in_makes_his_own_tokens_and_nobody_elses() -> None:
    scenario = Scenario()
    own = IssueOwnToken(account="operator", token="t1", digest=DIGEST)
    scenario.refused(OwnAccountOnly, own, ADMIN)
    [issued] = scenario.when(own, "operator")
    assert issued == TokenIssued(at=scenario.now, token="t1", digest=DIGEST)
