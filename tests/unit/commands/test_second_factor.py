"""The rules of the second factor."""

import pytest

from commands.accounts.command import OwnAccountOnly
from commands.accounts.credential import CredentialMalformed
from commands.accounts.remove_second_factor import RemoveSecondFactor
from commands.accounts.reset_second_factor import ResetSecondFactor
from commands.accounts.revoke import RevokeAccount
from commands.accounts.set_second_factor import SetSecondFactor
from dispatch.domain.accounts import Account, SignedIn
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from tests.unit.commands.scenario import Scenario, kinds

ADMIN = "administrator"
FACTOR, OTHER = "ab" * 16, "cd" * 16


def account(scenario: Scenario, key: str = "operator") -> Account:
    state = scenario.states[f"account:{key}"].state
    assert isinstance(state, Account)
    return state


def signed_in(*sessions: str) -> Scenario:
    """A scenario in which the operator has these sessions."""
    scenario = Scenario()
    for session in sessions:
        scenario.given(
            "account:operator",
            SignedIn(
                at=scenario.now,
                session=session,
                digest="0" * 64,
                expires_at=scenario.now.replace(year=2025),
                method="password",
            ),
        )
    return scenario


def test_a_second_factor_is_set_by_its_owner_and_ends_every_other_session() -> None:
    scenario = signed_in("a" * 16, "b" * 16)
    command = SetSecondFactor(account="operator", factor=FACTOR, kept="a" * 16)
    assert kinds(scenario.when(command, "operator")) == ["account.second_factor_set"]
    assert account(scenario).factor == FACTOR
    assert list(account(scenario).sessions) == ["a" * 16]
    assert scenario.when(command, "operator") == []
    assert scenario.when(SetSecondFactor(account="operator", factor=OTHER), "operator")
    assert account(scenario).factor == OTHER
    assert account(scenario).sessions == {}


def test_nobody_else_sets_or_removes_it() -> None:
    scenario = Scenario()
    scenario.refused(OwnAccountOnly, SetSecondFactor(account="operator", factor=FACTOR), "operator-2")
    scenario.refused(OwnAccountOnly, SetSecondFactor(account="operator", factor=FACTOR), ADMIN)
    scenario.refused(OwnAccountOnly, RemoveSecondFactor(account="operator"), ADMIN)


@pytest.mark.parametrize("factor", ["", "secret", "AB" * 16, "JBSWY3DPEHPK3PXP"])
def test_the_log_holds_no_more_of_it_than_an_id(factor: str) -> None:
    command = SetSecondFactor(account="operator", factor=factor)
    Scenario().refused(CredentialMalformed, command, "operator")


def test_it_is_removed_by_its_owner_who_stays() -> None:
    scenario = signed_in("a" * 16, "b" * 16)
    command = RemoveSecondFactor(account="operator", kept="b" * 16)
    assert scenario.when(command, "operator") == []
    scenario.when(SetSecondFactor(account="operator", factor=FACTOR, kept="b" * 16), "operator")
    assert kinds(scenario.when(command, "operator")) == ["account.second_factor_removed"]
    assert account(scenario).factor is None
    assert list(account(scenario).sessions) == ["b" * 16]


def test_an_administrator_of_its_scope_resets_it_and_nobody_stays() -> None:
    scenario = signed_in("a" * 16)
    scenario.when(SetSecondFactor(account="operator", factor=FACTOR, kept="a" * 16), "operator")
    reset = ResetSecondFactor(account="operator")
    scenario.refused(RoleNotAllowed, reset, "operator-2")
    assert kinds(scenario.when(reset, ADMIN)) == ["account.second_factor_removed"]
    assert account(scenario).sessions == {}
    assert scenario.when(reset, ADMIN) == []
    scenario.refused(OutOfScope, ResetSecondFactor(account="elsewhere"), ADMIN)


def test_a_revoked_account_has_none() -> None:
    scenario = Scenario()
    scenario.when(SetSecondFactor(account="operator", factor=FACTOR), "operator")
    scenario.when(RevokeAccount(account="operator", reason="离岗"), ADMIN)
    assert account(scenario).factor is None
