"""What is kept of a password is Argon2id with the library's parameters, and follows them as they change."""

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type, extract_parameters, profiles

from commands.accounts.add import AddAccount
from commands.command import Command, Outcome, Request
from commands.handler import Handler
from dispatch.domain.accounts import Account, Role
from dispatch.eventlog import open_log
from dispatch.service.calendars import china
from dispatch.service.settings import Settings
from dispatch.service.sign_in.bindings import bound_hash, opened_hash
from dispatch.service.sign_in.guessing import Claim
from dispatch.service.sign_in.reception import SignInRefused, open_reception
from dispatch.service.sign_in.store import SecretStore
from tests.vaults import VAULT

WEAK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""As an earlier version might have kept them."""


def test_a_password_is_kept_as_argon2id_and_anew_when_the_parameters_change(database: str) -> None:
    def clock() -> datetime:
        return datetime(2024, 3, 4, tzinfo=UTC)

    def kept(credential: str) -> str:
        hashed = store.password(credential)
        assert hashed is not None
        return opened_hash(VAULT, "duty_desk", credential, hashed)

    async def story() -> None:
        async def send(command: Command) -> Outcome:
            return await handler.handle(Request(command=command, account="system", source="test"))

        await send(AddAccount(account="duty_desk", name="值班", role=Role.OPERATOR, scope="500115101"))
        made = await reception.first_password("duty_desk", send)
        claim = Claim("duty_desk", made.password)
        account = await handler.state("account:duty_desk")
        assert isinstance(account, Account)
        assert account.credential is not None
        credential = account.credential

        first = kept(credential)
        assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert extract_parameters(first) == profiles.get_default_parameters()
        await reception.prove(claim)
        assert kept(credential) == first

        weak = bound_hash(VAULT, "duty_desk", credential, WEAK.hash(made.password))
        store.keep_password(credential, "duty_desk", weak)
        with pytest.raises(SignInRefused):
            await reception.prove(Claim("duty_desk", "another password"))
        assert extract_parameters(kept(credential)).memory_cost == 64  # a wrong one changes nothing
        await reception.prove(claim)
        renewed = kept(credential)
        assert extract_parameters(renewed).type is Type.ID
        assert extract_parameters(renewed) == profiles.get_default_parameters()
        assert renewed != first
        await reception.prove(claim)

    with open_log(database, clock=clock) as log:
        handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        reception = open_reception(Settings(database=database), handler, clock)
        store = SecretStore(database)
        try:
            asyncio.run(story())
        finally:
            store.close()
            reception.close()


class Counted(PasswordHasher):
    """The library's hasher, which counts what it computes."""

    computed = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        Counted.computed += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        Counted.computed += 1
        return super().verify(hash, password)


def test_the_first_guess_after_a_start_costs_one_hash_whether_there_is_such_an_account_or_not(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clock() -> datetime:
        return datetime(2024, 3, 4, tzinfo=UTC)

    async def story() -> None:
        async def send(command: Command) -> Outcome:
            return await handler.handle(Request(command=command, account="system", source="test"))

        await send(AddAccount(account="duty_desk", name="值班", role=Role.OPERATOR, scope="500115101"))
        opening = open_reception(settings, handler, clock)
        await opening.first_password("duty_desk", send)
        opening.close()
        for account in ("nobody", "duty_desk", "nobody"):
            Counted.computed = 0
            reception = open_reception(settings, handler, clock)  # as after a start
            try:
                with pytest.raises(SignInRefused):
                    await reception.prove(Claim(account, "no password of anybody"))
            finally:
                reception.close()
            assert Counted.computed == 1, account

    monkeypatch.setattr("dispatch.service.sign_in.passwords.PasswordHasher", Counted)
    settings = Settings(database=sqlite_url)
    with open_log(sqlite_url, clock=clock) as log:
        handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        asyncio.run(story())


def test_how_long_a_refusal_takes_does_not_tell_whether_there_is_such_an_account(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clock() -> datetime:
        return datetime(2024, 3, 4, tzinfo=UTC)

    step = 3.0  # longer than hashing takes on a busy machine
    monkeypatch.setattr("dispatch.service.sign_in.reception.STEP", step)

    async def refused(account: str) -> float:
        began = monotonic()
        with pytest.raises(SignInRefused):
            await reception.prove(Claim(account, "no password of anybody"))
        return monotonic() - began

    async def story() -> None:
        command = AddAccount(account="duty_desk", name="值班", role=Role.OPERATOR, scope="500115101")
        await handler.handle(Request(command=command, account="system", source="test"))
        for took in await asyncio.gather(refused("duty_desk"), refused("nobody")):
            assert took >= step

    with open_log(sqlite_url, clock=clock) as log:
        handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        reception = open_reception(Settings(database=sqlite_url), handler, clock)
        try:
            asyncio.run(story())
        finally:
            reception.close()


def test_no_more_guesses_than_the_limit_fall_into_any_window(database: str) -> None:
    store = SecretStore(database)

    def guess(at: int) -> int:
        return store.guess("account", at, limit=5, window=900, lock=900).number

    try:
        assert [guess(at) for at in (0, 897, 898, 899)] == [1, 2, 3, 4]
        # The first is long ago; the others aren't.
        assert [guess(at) for at in (901, 902, 1_801)] == [5, 6, 1]
    finally:
        store.close()
