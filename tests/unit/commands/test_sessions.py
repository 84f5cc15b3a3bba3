"""The rules of sessions: whose they are, how many there are, and who ends them."""

from datetime import timedelta

from msgspec.structs import replace

from commands.accounts.command import OwnAccountOnly
from commands.accounts.end_sessions import EndSessions
from commands.accounts.sign_in import MOST_SESSIONS, IdentityDiffers, SessionMalformed, SignIn
from commands.accounts.sign_out import SessionUnknown, SignOut
from commands.accounts.unlink_identity import UnlinkIdentity
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from tests.unit.commands.scenario import Scenario, kinds

ADMIN = "administrator"


def sign_in(scenario: Scenario, number: int = 1, *, account: str = "operator") -> SignIn:
    ends = scenario.now + timedelta(hours=12)
    return SignIn(
        account=account, session=f"{number:016x}", digest="0" * 64, expires_at=ends, method="password"
    )


def sessions(scenario: Scenario) -> list[str]:
    account = scenario.states["account:operator"].state
    assert isinstance(account, Account)
    return [key[-2:] for key in account.sessions]


def test_one_session_ends_or_all_of_them() -> None:
    scenario = Scenario()
    for number in (1, 2, 3):
        assert kinds(scenario.when(sign_in(scenario, number), "operator")) == ["account.signed_in"]
    scenario.when(SignOut(account="operator", session=f"{2:016x}"), "operator")
    assert sessions(scenario) == ["01", "03"]
    scenario.refused(SessionUnknown, SignOut(account="operator", session=f"{2:016x}"), "operator")
    assert kinds(scenario.when(SignOut(account="operator"), "operator")) == ["account.signed_out"]
    assert scenario.when(SignOut(account="operator"), "operator") == []


def test_one_more_than_there_may_be_ends_the_oldest() -> None:
    scenario = Scenario()
    for number in range(MOST_SESSIONS + 1):
        scenario.when(sign_in(scenario, number), "operator")
        scenario.wait(minutes=1)
    assert len(sessions(scenario)) == MOST_SESSIONS
    assert sessions(scenario)[0] == "01"


def test_a_session_is_the_own_accounts_and_ends_after_now() -> None:
    scenario = Scenario()
    scenario.refused(OwnAccountOnly, sign_in(scenario, account="operator-2"), "operator")
    late = sign_in(scenario)
    scenario.wait(hours=12)
    scenario.refused(SessionMalformed, late, "operator")
    scenario.refused(OwnAccountOnly, SignOut(account="operator"), ADMIN)


def test_the_first_identity_of_a_provider_is_the_accounts_only_one() -> None:
    scenario = Scenario()
    first, other = "1" * 64, "2" * 64
    begun = replace(sign_in(scenario), identity=first)
    assert kinds(scenario.when(begun, "operator")) == ["account.identity_linked", "account.signed_in"]
    assert kinds(scenario.when(replace(begun, session="2" * 16), "operator")) == ["account.signed_in"]
    refused = replace(begun, session="3" * 16, identity=other)
    scenario.refused(IdentityDiffers, refused, "operator")
    unlink = UnlinkIdentity(account="operator")
    scenario.refused(RoleNotAllowed, unlink, "operator")
    assert kinds(scenario.when(unlink, ADMIN)) == ["account.identity_unlinked"]
    assert sessions(scenario) == []
    assert scenario.when(unlink, ADMIN) == []
    scenario.refused(SessionMalformed, replace(refused, identity="person-1"), "operator")
    assert scenario.when(refused, "operator")


def test_an_administrator_of_its_scope_ends_the_sessions_of_an_account() -> None:
    scenario = Scenario()
    scenario.when(sign_in(scenario), "operator")
    end = EndSessions(account="operator")
    scenario.refused(RoleNotAllowed, end, "supervisor")
    assert kinds(scenario.when(end, ADMIN)) == ["account.signed_out"]
    assert sessions(scenario) == []
    assert scenario.when(end, ADMIN) == []
    scenario.refused(OutOfScope, EndSessions(account="elsewhere"), ADMIN)
