"""Codes of a generator sign in once each, whatever process takes them, and locks end by the real clock."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from dispatch.domain.accounts import Account, Role
from dispatch.service.settings import Settings
from dispatch.service.sign_in.guessing import Claim, Guessing, TooManyGuesses
from dispatch.service.sign_in.second_factor import (
    ENROLLING,
    RECOVERY,
    CodeWrong,
    NothingToConfirm,
    SecondFactors,
)
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, RECOVERY_CODES
from dispatch.service.tokens import digest_of
from tests.vaults import VAULT

STEP = timedelta(seconds=30)


class HandMoved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 4, 1, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


@contextmanager
def store_of(database: str) -> Iterator[SecretStore]:
    store = SecretStore(database)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def clock() -> HandMoved:
    return HandMoved()


@pytest.fixture
def factors(database: str, clock: HandMoved) -> Iterator[SecondFactors]:
    with store_of(database) as store:
        yield SecondFactors(store, clock, "Dispatch", VAULT)


def account(
    factor: str | None = None, *, of: str = "duty-1", retired: frozenset[str] = frozenset()
) -> Account:
    return Account(
        account=of,
        name="duty",
        role=Role.OPERATOR,
        scope="500115101",
        member=None,
        factor=factor,
        retired=retired,
    )


def enrolled(factors: SecondFactors, clock: HandMoved) -> tuple[Account, pyotp.TOTP, tuple[str, ...]]:
    """An account with a generator in force, the generator and its recovery codes."""
    made = asyncio.run(factors.begin(account()))
    generator = pyotp.parse_uri(made.uri)
    assert isinstance(generator, pyotp.TOTP)
    assert (generator.secret, generator.name, generator.issuer) == (made.secret, "duty-1", "Dispatch")
    new = asyncio.run(factors.confirmed(account(), generator.at(clock.now)))
    clock.move(minutes=5)
    return account(new.factor), generator, new.recovery_codes


def proved_by(factors: SecondFactors, whose: Account, code: str) -> str | None:
    return asyncio.run(factors.proved_by(whose, code))


def test_each_code_signs_in_once_and_never_an_older_one(factors: SecondFactors, clock: HandMoved) -> None:
    whose, generator, _ = enrolled(factors, clock)
    code = generator.at(clock.now)
    assert proved_by(factors, whose, code) == "totp"
    assert proved_by(factors, whose, code) is None
    assert proved_by(factors, whose, generator.at(clock.now - STEP)) is None
    clock.move(seconds=30)
    assert proved_by(factors, whose, code) is None
    now = generator.at(clock.now)
    assert proved_by(factors, whose, f"{now[:3]} {now[3:]}") == "totp"


def test_a_generators_clock_may_be_wrong_by_one_step(factors: SecondFactors, clock: HandMoved) -> None:
    whose, generator, _ = enrolled(factors, clock)
    for wrong in (-2, 2):
        assert proved_by(factors, whose, generator.at(clock.now + wrong * STEP)) is None
    for slow_or_fast in (-1, 1):
        assert proved_by(factors, whose, generator.at(clock.now + slow_or_fast * STEP)) == "totp"


def test_a_recovery_code_signs_in_once(factors: SecondFactors, clock: HandMoved) -> None:
    whose, _, codes = enrolled(factors, clock)
    assert len(set(codes)) == RECOVERY
    for code in codes:
        assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){5}", code)
        assert proved_by(factors, whose, code.upper().replace("-", " ")) == "recovery"
        assert proved_by(factors, whose, code) is None
    assert proved_by(factors, account("ab" * 16), codes[0]) is None


def test_a_recovery_code_that_was_put_among_them_from_elsewhere_signs_nobody_in(
    factors: SecondFactors, clock: HandMoved, database: str
) -> None:
    whose, _, codes = enrolled(factors, clock)
    other, _, theirs = enrolled(factors, clock)
    assert whose.factor is not None
    assert other.factor is not None
    with store_of(database) as store:
        theirs_to_his = sa.update(RECOVERY_CODES).where(RECOVERY_CODES.c.factor == other.factor)
        store.rows(theirs_to_his.values(factor=whose.factor))
        made_up = {"digest": digest_of("a" * 24), "factor": whose.factor, "account": whose.account}
        store.rows(store.insert(RECOVERY_CODES).values(made_up))
    for code in (*theirs, "a" * 24):
        assert proved_by(factors, whose, code) is None
    assert proved_by(factors, whose, codes[0]) == "recovery"


def test_what_is_kept_of_recovery_codes_is_no_code(
    factors: SecondFactors, clock: HandMoved, database: str
) -> None:
    _, _, codes = enrolled(factors, clock)
    with store_of(database) as store:
        kept = store.rows(RECOVERY_CODES.select())
    assert len(kept) == RECOVERY
    held = str(kept)
    assert not [code for code in codes if code in held or code.replace("-", "") in held]


def test_a_generator_is_confirmed_by_its_own_code_in_time(factors: SecondFactors, clock: HandMoved) -> None:
    with pytest.raises(NothingToConfirm):
        asyncio.run(factors.confirmed(account(), "123456"))
    first = pyotp.TOTP(asyncio.run(factors.begin(account())).secret)
    second = pyotp.TOTP(asyncio.run(factors.begin(account())).secret)
    with pytest.raises(CodeWrong):
        asyncio.run(factors.confirmed(account(), first.at(clock.now)))
    clock.now += ENROLLING
    with pytest.raises(NothingToConfirm):
        asyncio.run(factors.confirmed(account(), second.at(clock.now)))


def test_a_new_generator_takes_the_place_of_the_old_one_with_its_first_code(
    factors: SecondFactors, clock: HandMoved
) -> None:
    whose, old, codes = enrolled(factors, clock)
    new = pyotp.TOTP(asyncio.run(factors.begin(whose)).secret)
    assert proved_by(factors, whose, new.at(clock.now)) is None
    assert proved_by(factors, whose, old.at(clock.now)) == "totp"
    made = asyncio.run(factors.confirmed(whose, new.at(clock.now)))
    assert whose.factor is not None
    asyncio.run(factors.erase({whose.factor}))
    clock.move(minutes=1)
    renewed = account(made.factor)
    assert proved_by(factors, renewed, old.at(clock.now)) is None
    assert proved_by(factors, renewed, codes[0]) is None
    assert proved_by(factors, renewed, made.recovery_codes[0]) == "recovery"
    asyncio.run(factors.erase({made.factor}))
    assert proved_by(factors, renewed, new.at(clock.now)) is None
    assert proved_by(factors, renewed, made.recovery_codes[1]) is None


def test_a_generator_that_gave_its_first_code_survives_that_another_is_begun(
    factors: SecondFactors, clock: HandMoved
) -> None:
    first = pyotp.TOTP(asyncio.run(factors.begin(account())).secret)
    made = asyncio.run(factors.confirmed(account(), first.at(clock.now)))
    clock.move(minutes=1)
    second = pyotp.TOTP(asyncio.run(factors.begin(account())).secret)
    assert asyncio.run(factors.confirmed(account(), second.at(clock.now))).factor != made.factor
    assert proved_by(factors, account(made.factor), first.at(clock.now)) == "totp"


def test_a_generator_in_force_survives_that_another_is_begun_however_old_it_is(
    factors: SecondFactors, clock: HandMoved
) -> None:
    whose, generator, _ = enrolled(factors, clock)
    clock.move(days=400)
    asyncio.run(factors.begin(whose))
    assert proved_by(factors, whose, generator.at(clock.now)) == "totp"


def test_what_gave_its_first_code_and_never_came_into_force_is_not_kept_for_good(
    factors: SecondFactors, clock: HandMoved, database: str
) -> None:
    enrolled(factors, clock)
    clock.move(minutes=26)
    asyncio.run(factors.begin(account()))
    with store_of(database) as store:
        assert len(store.rows(sa.select(FACTORS.c.factor))) == 1


def test_only_what_waits_for_this_account_is_confirmed(factors: SecondFactors, clock: HandMoved) -> None:
    whose, generator, _ = enrolled(factors, clock)
    assert whose.factor is not None
    for not_waiting in (
        whose,  # it is in force
        account(retired=frozenset({whose.factor})),  # it was, and what is kept of it is not erased yet
        account("ab" * 16, retired=frozenset({whose.factor})),
        account(of="duty-2"),
    ):
        with pytest.raises(NothingToConfirm):
            asyncio.run(factors.confirmed(not_waiting, generator.at(clock.now)))


def test_a_code_is_six_plain_digits(factors: SecondFactors, clock: HandMoved) -> None:
    whose, generator, _ = enrolled(factors, clock)
    code = generator.at(clock.now)
    for other in ("".join(chr(ord(digit) + 0xFEE0) for digit in code), f"0{code}", code[:5], ""):
        assert proved_by(factors, whose, other) is None
    assert proved_by(factors, whose, code) == "totp"


def test_a_recovery_code_that_is_kept_as_that_of_another_generator_is_not_used(
    factors: SecondFactors, clock: HandMoved, database: str
) -> None:
    whose, _, codes = enrolled(factors, clock)
    with store_of(database) as store:
        store.rows(sa.update(RECOVERY_CODES).values(factor="ab" * 16))
        assert proved_by(factors, whose, codes[0]) is None
        store.rows(sa.update(RECOVERY_CODES).values(factor=whose.factor))
    assert proved_by(factors, whose, codes[0]) == "recovery"


def test_a_secret_is_kept_in_another_form_only_if_it_is_as_it_was_found(database: str) -> None:
    with store_of(database) as store:
        store.keep_password("ab" * 16, "duty-1", "first")
        store.keep_password("cd" * 16, "duty-2", "first")
        found = next(one for one in store.secrets() if one.account == "duty-1")
        store.keep_password("ab" * 16, "duty-1", "changed meanwhile")
        assert not store.replace(found, "bound")
        assert store.password("ab" * 16) == "changed meanwhile"
        assert store.replace(found._replace(kept="changed meanwhile"), "bound")
        assert (store.password("ab" * 16), store.password("cd" * 16)) == ("bound", "first")


def test_a_generators_secret_is_kept_sealed_for_it_alone(
    factors: SecondFactors, clock: HandMoved, database: str
) -> None:
    whose, generator, _ = enrolled(factors, clock)
    with store_of(database) as store:
        [(factor, kept)] = store.rows(sa.select(FACTORS.c.factor, FACTORS.c.secret))
        assert factor == whose.factor
        assert VAULT.open_secret(factor, kept) == generator.secret
        assert generator.secret not in kept
        # One that anybody can have put there says nothing.
        store.rows(sa.update(FACTORS).values(secret=generator.secret))
    assert proved_by(factors, whose, generator.at(clock.now)) is None


def test_of_many_at_once_one_signs_in_by_a_code(database: str, clock: HandMoved) -> None:
    with ExitStack() as stack:
        processes = [
            SecondFactors(stack.enter_context(store_of(database)), clock, "Dispatch", VAULT) for _ in range(4)
        ]
        whose, generator, codes = enrolled(processes[0], clock)
        for code in (generator.at(clock.now), codes[0]):
            with ThreadPoolExecutor(12) as crowd:
                sent = [(processes[n % 4], whose, code) for n in range(24)]
                answers = list(crowd.map(lambda one: proved_by(*one), sent))
            assert len([one for one in answers if one is not None]) == 1, answers


def test_a_lock_ends_by_itself_by_the_clock_that_it_is_given(database: str, clock: HandMoved) -> None:
    settings = Settings(database=database, sign_in_guesses=3, sign_in_lock=900)
    claim = Claim("duty-1", "guess")
    with store_of(database) as store:
        guessing = Guessing(store, settings, clock)
        assert [asyncio.run(guessing.count(claim)) for _ in range(3)] == [1, 2, 3]
        with pytest.raises(TooManyGuesses) as refused:
            asyncio.run(guessing.count(claim))
        assert refused.value.details["retry_after"] == 901
        clock.move(seconds=899)
        with pytest.raises(TooManyGuesses):
            asyncio.run(guessing.count(claim))
        clock.move(seconds=1)
        assert asyncio.run(guessing.count(claim)) == 1
        asyncio.run(guessing.was_none(claim))
        assert asyncio.run(guessing.count(claim)) == 1


@pytest.mark.parametrize("limit", [1, 3])
def test_the_last_guess_locks_for_as_long_as_is_set_and_guesses_beyond_it_for_no_longer(
    database: str, clock: HandMoved, limit: int
) -> None:
    settings = Settings(database=database, sign_in_guesses=limit, sign_in_window=60, sign_in_lock=900)
    claim = Claim("duty-1", "guess")
    with store_of(database) as store:
        guessing = Guessing(store, settings, clock)
        for number in range(1, limit + 1):
            assert asyncio.run(guessing.count(claim)) == number
            assert (guessing.locked_until(number) is None) is (number < limit)
        assert guessing.locked_until(limit) == clock.now + timedelta(seconds=900)
        for _ in range(2):
            clock.move(seconds=449.5)
            with pytest.raises(TooManyGuesses):
                asyncio.run(guessing.count(claim))
        clock.move(seconds=1)
        assert asyncio.run(guessing.count(claim)) == 1


def test_a_guess_that_was_none_is_taken_back_once(database: str, clock: HandMoved) -> None:
    settings = Settings(database=database, sign_in_guesses=3)
    claim = Claim("duty-1", "guess", address="::1")
    with store_of(database) as store:
        guessing = Guessing(store, settings, clock)
        asyncio.run(guessing.count(claim))
        for _ in range(3):
            asyncio.run(guessing.was_none(claim))
        assert [asyncio.run(guessing.count(claim)) for _ in range(3)] == [1, 2, 3]
