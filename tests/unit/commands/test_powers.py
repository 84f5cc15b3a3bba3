"""Administrator, operator and auditor are three persons, as far as members are named."""

from itertools import permutations

import pytest

from commands.accounts.add import AddAccount, PowersCombined
from commands.accounts.revoke import RevokeAccount
from dispatch.domain.accounts import Role
from dispatch.domain.powers import POWERS
from tests.unit.commands.scenario import SERVICE, TOWN, Scenario, kinds

ADMIN = "administrator"


def add(
    role: Role, account: str = "first", member: str | None = "member-li", scope: str = TOWN
) -> AddAccount:
    return AddAccount(account=account, name="李", role=role, scope=scope, member=member)


@pytest.mark.parametrize(("one", "other"), list(permutations(sorted(POWERS), 2)))
def test_no_member_holds_two_of_the_three_powers(one: Role, other: Role) -> None:
    scenario = Scenario()
    assert kinds(scenario.when(add(one), ADMIN)) == ["account.added", "powers.given"]
    refused = scenario.refused(PowersCombined, add(other, "second"), ADMIN)
    assert refused.details == {"member": "member-li", "holds": [one]}
    # A part of the town is no way around it, and neither is who adds it.
    scenario.refused(PowersCombined, add(other, "second", scope=f"{TOWN}001"), SERVICE)
    assert scenario.when(add(other, "second", "member-wang"), ADMIN)


def test_the_same_power_may_be_held_with_two_accounts_and_goes_with_the_last_of_them() -> None:
    scenario = Scenario()
    for account in ("first", "second"):
        scenario.when(add(Role.OPERATOR, account), ADMIN)
    revoked = scenario.when(RevokeAccount(account="first", reason="离岗"), ADMIN)
    assert kinds(revoked) == ["account.revoked", "powers.taken"]
    scenario.refused(PowersCombined, add(Role.AUDITOR, "third"), ADMIN)
    scenario.when(RevokeAccount(account="second", reason="离岗"), ADMIN)
    assert scenario.when(add(Role.AUDITOR, "third"), ADMIN)


@pytest.mark.parametrize("role", [Role.WORKER, Role.SUPERVISOR])
def test_other_roles_stand_beside_a_power(role: Role) -> None:
    scenario = Scenario()
    assert kinds(scenario.when(add(role), ADMIN)) == ["account.added"]
    assert scenario.when(add(Role.OPERATOR, "second"), ADMIN)
    assert kinds(scenario.when(RevokeAccount(account="first", reason="离岗"), ADMIN)) == ["account.revoked"]


def test_the_same_account_again_is_no_second_one() -> None:
    scenario = Scenario()
    scenario.when(add(Role.OPERATOR), ADMIN)
    assert scenario.when(add(Role.OPERATOR), ADMIN) == []
    assert kinds(scenario.when(add(Role.AUDITOR, "desk", None), ADMIN)) == ["account.added"]
