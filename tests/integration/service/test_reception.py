"""Who comes in, with what proof, for how long, and what of it is on record."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pyotp
import pytest
import sqlalchemy as sa

from commands.accounts.add import AddAccount
from commands.accounts.revoke import RevokeAccount
from commands.accounts.set_second_factor import SetSecondFactor
from commands.accounts.sign_in import SignIn
from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.leave_member import LeaveMember
from dispatch.domain.accounts import Account, Role, SignedOut, SignInFailed
from dispatch.domain.event import Event
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.settings import Settings
from dispatch.service.sign_in.guessing import Claim, TooManyGuesses
from dispatch.service.sign_in.oidc import Arrival
from dispatch.service.sign_in.passwords import PasswordUnacceptable
from dispatch.service.sign_in.reception import (
    NewSession,
    PasswordWrong,
    ProviderFactorNeeded,
    Reception,
    SecondFactorNeeded,
    SecondFactorWrong,
    SignInRefused,
)
from dispatch.service.sign_in.second_factor import CodeWrong
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, PASSWORDS, RECOVERY_CODES
from dispatch.service.tokens import Unauthenticated
from tests.vaults import VAULT

TOWN = "500115101"
WRONG = "no password of anybody"
T = TypeVar("T")


class Desk:
    """A reception with a town: three guesses, and sessions of an hour, or two minutes if nobody uses them."""

    def __init__(self, database: str, log: DatabaseLog) -> None:
        self.log, self.store = log, SecretStore(database)
        self.clock = datetime(2024, 3, 4, 1, tzinfo=UTC)
        self.real = datetime(2025, 6, 7, 8, tzinfo=UTC)
        self.handler = Handler(log, calendar=china(), clock=lambda: self.clock, vault=VAULT)
        settings = Settings.model_validate(
            {
                "database": database,
                "second_factor_roles": "auditor",
                "sign_in_guesses": 3,
                "sign_in_lock": 600,
                "session_limit": 3_600,
                "session_idle": "120",
            }
        )
        self.reception = Reception(self.store, self.handler, settings, lambda: self.clock, lambda: self.real)
        self.send(
            FoundTown(town=TOWN, name="万顺镇"),
            JoinMembers(town=TOWN, members=(MemberPlan(member="chen", name="陈芳"),)),
        )

    def wait(self, **time: float) -> None:
        self.clock += timedelta(**time)
        self.real += timedelta(**time)

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(what)

    def send(self, *commands: Command, account: str = "system") -> None:
        for command in commands:
            self.do(self.handler.handle(Request(command=command, account=account, source="test")))

    def add(self, account: str, role: Role = Role.OPERATOR, member: str | None = None) -> str:
        """Add an account and return its first password."""
        self.send(
            AddAccount(account=account, name=f"name of {account}", role=role, scope=TOWN, member=member)
        )
        return self.first_password(account)

    def first_password(self, account: str) -> str:
        async def send(command: Command) -> Outcome:
            return await self.handler.handle(Request(command=command, account="system", source="test"))

        return self.do(self.reception.first_password(account, send)).password

    def account(self, account: str) -> Account:
        found = self.do(self.handler.state(f"account:{account}"))
        assert isinstance(found, Account)
        return found

    def prove(self, account: str, password: str, code: str | None = None) -> str:
        return self.do(self.reception.prove(Claim(account, password, code))).method

    def enrol(self, account: str) -> tuple[pyotp.TOTP, str]:
        """Give an account a second factor, and return its generator and a recovery code."""
        factors = self.reception.factors
        generator = pyotp.TOTP(self.do(factors.begin(self.account(account))).secret)
        made = self.do(factors.confirmed(self.account(account), generator.at(self.real)))
        self.send(SetSecondFactor(account=account, factor=made.factor), account=account)
        self.wait(minutes=1)
        return generator, made.recovery_codes[0]

    def recognise(self, account: str, *methods: str) -> str:
        arrival = Arrival(account, "ab" * 32, frozenset(methods), "/ui/board", None)
        return self.do(self.reception.recognise(arrival)).method

    def begin(self, account: str) -> NewSession:
        made = self.do(self.reception.new_session(self.account(account)))
        command = SignIn(
            account=account,
            session=made.session,
            digest=made.digest,
            expires_at=made.expires_at,
            method="password",
        )
        self.send(command, account=account)
        return made

    def enters(self, made: NewSession, *, use: bool = True) -> bool:
        with suppress(Unauthenticated):
            account, session = self.do(self.reception.enter(made.secret, fresh=False, use=use))
            assert session == made.session
            return made.secret.startswith(f"{account.account}.")
        return False

    def noted(self, account: str) -> list[Event]:
        return [decode(one).event for one in self.log.read_stream(f"account:{account}")]

    def failures(self, account: str) -> list[int]:
        return [one.failures for one in self.noted(account) if isinstance(one, SignInFailed)]


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with open_log(sqlite_url, clock=lambda: datetime.now(UTC)) as log:
        desk = Desk(sqlite_url, log)
        yield desk
        desk.reception.close()


def both_ways(desk: Desk, account: str, password: str) -> tuple[Callable[[], str], Callable[[], str]]:
    return lambda: desk.prove(account, password), lambda: desk.recognise(account)


def test_who_was_revoked_or_has_left_comes_in_neither_here_nor_by_the_provider(desk: Desk) -> None:
    password = desk.add("zhou", member="chen")
    for come_in in both_ways(desk, "zhou", password):
        come_in()
    desk.send(LeaveMember(town=TOWN, member="chen", reason="调离"))
    for come_in in both_ways(desk, "zhou", password):
        with pytest.raises(SignInRefused):
            come_in()
    desk.send(JoinMembers(town=TOWN, members=(MemberPlan(member="chen", name="陈芳"),)))
    for come_in in both_ways(desk, "zhou", password):
        come_in()
    desk.send(RevokeAccount(account="zhou", reason="离职"))
    for come_in in both_ways(desk, "zhou", password):
        with pytest.raises(SignInRefused):
            come_in()
    with pytest.raises(SignInRefused):
        desk.recognise("nobody")


def test_the_provider_asks_for_a_second_factor_where_the_account_or_its_role_needs_one(desk: Desk) -> None:
    desk.add("zhou")
    desk.add("audits", Role.AUDITOR)
    assert desk.recognise("zhou") == desk.recognise("zhou", "pwd") == "oidc"
    assert desk.recognise("zhou", "pwd", "otp") == "oidc+mfa"
    desk.enrol("zhou")
    for account in ("zhou", "audits"):
        with pytest.raises(ProviderFactorNeeded):
            desk.recognise(account, "pwd")
        assert desk.recognise(account, "pwd", "mfa") == "oidc+mfa"


def test_with_a_second_factor_a_password_alone_is_half_of_it_and_frees_nothing(desk: Desk) -> None:
    password = desk.add("zhou")
    generator, recovery = desk.enrol("zhou")
    with pytest.raises(SignInRefused):
        desk.prove("zhou", WRONG)
    for _ in range(4):
        with pytest.raises(SecondFactorNeeded):
            desk.prove("zhou", password)
    assert desk.failures("zhou") == [1]
    with pytest.raises(SecondFactorWrong):
        desk.prove("zhou", password, "000000")
    assert desk.failures("zhou") == [1, 2]
    assert desk.prove("zhou", password, generator.at(desk.real)) == "password+totp"
    assert desk.prove("zhou", password, recovery) == "password+recovery"
    for code in ("000000", recovery, "000000"):
        with pytest.raises(SecondFactorWrong):
            desk.prove("zhou", password, code)
    assert desk.failures("zhou") == [1, 2, 1, 2, 3]
    with pytest.raises(TooManyGuesses):
        desk.prove("zhou", password, generator.at(desk.real))


def test_who_has_signed_in_proves_it_once_more_by_all_that_he_has(desk: Desk) -> None:
    password = desk.add("zhou")
    generator, _ = desk.enrol("zhou")

    def prove(said: str, code: str | None) -> None:
        desk.do(desk.reception.prove_again(desk.account("zhou"), Claim("zhou", said, code)))

    for said, code, refusal in (
        (WRONG, generator.at(desk.real), PasswordWrong),
        (password, "000000", CodeWrong),
        (password, None, SecondFactorNeeded),
    ):
        with pytest.raises(refusal):
            prove(said, code)
    assert desk.failures("zhou") == [1, 2]
    prove(password, generator.at(desk.real))
    for number in (1, 2, 3):
        with pytest.raises(PasswordWrong):
            prove(WRONG, None)
        assert desk.failures("zhou")[-1] == number
    with pytest.raises(TooManyGuesses):
        prove(password, generator.at(desk.real))


def test_a_lock_is_on_record_ends_by_the_real_clock_or_with_a_new_password(desk: Desk) -> None:
    desk.add("zhou")

    def guess() -> None:
        with pytest.raises(SignInRefused):
            desk.prove("zhou", WRONG)

    for _ in range(3):
        guess()
    locked = [one.locked_until for one in desk.noted("zhou") if isinstance(one, SignInFailed)]
    assert locked == [None, None, desk.real + timedelta(minutes=10)]
    desk.clock += timedelta(days=1)
    with pytest.raises(TooManyGuesses):
        desk.prove("zhou", WRONG)
    desk.real += timedelta(minutes=10)
    for _ in range(3):
        guess()
    assert desk.prove("zhou", desk.first_password("zhou")) == "password"


def test_an_own_password_takes_the_present_one_and_is_not_what_everybody_knows(desk: Desk) -> None:
    present = desk.add("zhou")

    def take(new: str, said: str = present) -> str:
        claim = Claim("zhou", said)
        return desk.do(desk.reception.new_password(desk.account("zhou"), claim, new))

    with pytest.raises(PasswordWrong):
        take("zebra kite 1998 quilt", WRONG)
    assert desk.failures("zhou") == [1]
    # The town's name is known to the service; as often as he likes, since his password is right each time.
    for _ in range(4):
        with pytest.raises(PasswordUnacceptable):
            take("万顺镇 万顺 万顺镇 Ky4q")
    with pytest.raises(PasswordUnacceptable):
        take(present)
    credential = take("zebra kite 1998 quilt")
    assert credential != desk.account("zhou").credential
    assert desk.store.password(credential) is not None


def test_what_was_in_force_is_erased_once_it_is_no_more(desk: Desk) -> None:
    desk.add("zhou")
    desk.enrol("zhou")
    desk.add("other")
    desk.enrol("other")
    first = desk.account("zhou")
    desk.first_password("zhou")
    assert first.credential is not None
    assert desk.store.password(first.credential) is None
    desk.send(RevokeAccount(account="zhou", reason="离职"))
    desk.do(desk.reception.settled("zhou"))
    for table in (PASSWORDS, FACTORS, RECOVERY_CODES):
        kept = desk.store.rows(sa.select(table.c.account).distinct())
        assert [row.account for row in kept] == ["other"], table.name


def test_a_session_ends_at_its_limit_however_much_it_is_used(desk: Desk) -> None:
    desk.add("zhou")
    made = desk.begin("zhou")
    assert made.expires_at == desk.clock + timedelta(hours=1)
    for _ in range(59):
        desk.wait(minutes=1)
        assert desk.enters(made)
    assert list(desk.do(desk.reception.live(desk.account("zhou")))) == [made.session]
    desk.wait(minutes=1)
    assert not desk.enters(made)
    assert desk.do(desk.reception.live(desk.account("zhou"))) == {}


@pytest.mark.parametrize("use", [True, False])
def test_a_session_that_nobody_uses_ends_and_what_a_page_asks_by_itself_is_no_use(
    desk: Desk, *, use: bool
) -> None:
    desk.add("zhou")
    made, unused = desk.begin("zhou"), desk.begin("zhou")
    for _ in range(2):
        desk.wait(seconds=59)
        assert desk.enters(made, use=use)
    desk.wait(seconds=3)
    live = desk.do(desk.reception.live(desk.account("zhou")))
    assert list(live) == ([made.session] if use else [])
    assert desk.enters(made, use=False) is use
    assert not desk.enters(unused)
    ended = [(one.session, one.why) for one in desk.noted("zhou") if isinstance(one, SignedOut)]
    assert ended == [(one.session, "idle") for one in ([unused] if use else [made, unused])]
