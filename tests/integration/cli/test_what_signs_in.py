"""What signs in is bound to its account: whoever can write to its tables signs in as nobody by that."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from dispatch.domain.accounts import AccountAdded, PasswordSet, Role, SecondFactorSet
from dispatch.domain.event import Event
from dispatch.domain.personal import PersonalBound
from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.stream_check import hidden
from dispatch.eventlog.vault.vault import new_root
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.settings import Settings
from dispatch.service.sign_in.guessing import Claim
from dispatch.service.sign_in.reception import (
    Reception,
    SecondFactorWrong,
    SignInRefused,
    open_reception,
)
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, PASSWORDS, RECOVERY_CODES
from dispatch.service.tokens import digest_of
from tests import histories
from tests.integration.cli.conftest import Dispatch
from tests.vaults import ROOT

WEAK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
KNOWN = "what the thief knows"
CODE = "aaaabbbbccccddddeeeeffff"
OWN, FACTOR, SEED = "ab" * 16, "cd" * 16, "JBSWY3DPEHPK3PXP" * 2
AT = datetime(2024, 3, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY", ROOT)


@pytest.fixture
def store(database: str) -> Iterator[SecretStore]:
    store = SecretStore(database)
    yield store
    store.close()


def signed_in(database: str, *claims: Claim, take_over: bool = False) -> list[str]:
    """Return by what each claim proves who somebody is, or how it is refused."""

    async def each(reception: Reception) -> list[str]:
        if take_over:
            await reception.take_over()
        return [await one(reception, claim) for claim in claims]

    async def one(reception: Reception, claim: Claim) -> str:
        try:
            return (await reception.prove(claim)).method
        except (SignInRefused, SecondFactorWrong) as refused:
            return type(refused).__name__

    with installation(database) as at:
        reception = open_reception(Settings(database=database, sign_in_guesses=100), at.handler, at.clock)
        try:
            return asyncio.run(each(reception))
        finally:
            reception.close()


def verified(dispatch: Dispatch) -> tuple[int, list[str], list[str]]:
    """Return how `dispatch verify` ends, what it says is wrong, and what it couldn't look at."""
    ran = dispatch("verify", "--log-only", "--json")
    return ran.status, [one["what"] for one in ran.json["faults"]], ran.json["unchecked"]


def put(store: SecretStore, table: sa.Table, **what: Any) -> None:
    store.rows(store.insert(table).values(**what))


def test_a_hash_that_is_put_in_the_place_of_anothers_signs_nobody_in(
    database: str, dispatch: Dispatch, store: SecretStore
) -> None:
    added = ("accounts", "add", "x", "--role", "operator", "--scope", "500115101", "--password", "--json")
    passwords = {
        account: dispatch(*added, "--id", account).json["password"] for account in ("owner", "thief")
    }
    owner, thief = Claim("owner", passwords["owner"]), Claim("thief", passwords["thief"])
    as_owner = Claim("owner", passwords["thief"])
    assert signed_in(database, owner, thief, as_owner) == ["password", "password", "SignInRefused"]
    assert verified(dispatch) == (0, [], [])

    kept = {one.account: one for one in store.secrets()}
    assert not any("argon2" in one.kept for one in kept.values())
    wrong = ["the password of owner isn't bound to the account"]
    for planted in (kept["thief"].kept, WEAK.hash(passwords["thief"])):
        store.keep_password(kept["owner"].key, "owner", planted)
        assert signed_in(database, as_owner, owner, take_over=True) == ["SignInRefused"] * 2
        assert verified(dispatch) == (1, wrong, [])
    store.keep_password(kept["owner"].key, "owner", kept["owner"].kept)
    assert signed_in(database, owner) == ["password"]
    assert verified(dispatch) == (0, [], [])
    store.erase_passwords([kept["owner"].key])
    assert verified(dispatch) == (1, ["the password of owner is missing"], [])


def test_a_password_that_would_never_sign_in_is_not_made(
    database: str, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = ("accounts", "add", "x", "--role", "operator", "--scope", "500115101", "--password", "--json")
    reset = ("accounts", "reset-password", "owner", "--json")
    assert dispatch(*added, "--id", "owner").status == 0
    assert dispatch(*reset).status == 0
    monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY", new_root())
    for command in (reset, (*added, "--id", "other")):
        refused = dispatch(*command)
        assert (refused.status, refused.out) == (1, "")
        assert "Nobody's password is kept under this key-encryption key" in refused.err
    assert [one["id"] for one in dispatch("accounts", "list", "--json").json["accounts"]] == ["owner"]
    # Where the key is lost, the first one that is reset says which there is now.
    password = dispatch(*reset, "--key-lost").json["password"]
    assert signed_in(database, Claim("owner", password)) == ["password"]
    assert dispatch(*added, "--id", "other").status == 0


def test_what_was_kept_before_is_taken_over_once_and_nothing_that_is_put_there_later(
    database: str, dispatch: Dispatch, store: SecretStore
) -> None:
    events: list[tuple[type[Event], dict[str, Any]]] = [
        (AccountAdded, {"account": "old", "name": "x", "role": Role.OPERATOR, "scope": "500115101"}),
        (PasswordSet, {"credential": OWN, "temporary": False}),
        (SecondFactorSet, {"factor": FACTOR}),
    ]
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [("account:old", kind(at=AT, **said)) for kind, said in events])
    store.keep_password(OWN, "old", WEAK.hash(KNOWN))
    put(store, FACTORS, factor=FACTOR, account="old", secret=SEED, used_step=0, made_at=1)
    put(store, RECOVERY_CODES, digest=digest_of(CODE), factor=FACTOR, account="old")

    def generated() -> str:
        return pyotp.TOTP(SEED).now()

    with_code = Claim("old", KNOWN, CODE)
    assert signed_in(database, with_code) == ["SignInRefused"]  # not before the service has started
    status, wrong, unchecked = verified(dispatch)
    assert (status, wrong) == (0, [])
    assert unchecked == ["3 of what signs in, which the service binds when it starts"]
    by_generator = Claim("old", KNOWN, generated())
    assert signed_in(database, with_code, by_generator, take_over=True) == [
        "password+recovery",
        "password+totp",
    ]
    assert verified(dispatch) == (0, [], [])
    with installation(database) as at:
        assert hidden(at.log) == []
        assert at.log.tallies_by_position(["account:"], 0, 9)["account:old"].events == 4
        [noted] = [decode(one).event for one in at.log.read_stream("personal:account:system")]
    assert isinstance(noted, PersonalBound)
    assert (noted.passwords, noted.factors, noted.recovery_codes) == (1, 1, 1)

    put(store, RECOVERY_CODES, digest=digest_of(CODE), factor=FACTOR, account="old")
    assert signed_in(database, with_code, take_over=True) == ["SecondFactorWrong"]
    assert verified(dispatch)[:2] == (1, ["the recovery code of old isn't bound to the account"])
    store.rows(sa.delete(RECOVERY_CODES))
    store.rows(sa.update(FACTORS).values(secret=SEED, used_step=0))
    assert signed_in(database, Claim("old", KNOWN, generated()), take_over=True) == ["SecondFactorWrong"]
    store.rows(sa.update(PASSWORDS).values(hash=WEAK.hash(KNOWN)))
    assert signed_in(database, with_code, take_over=True) == ["SignInRefused"]
    assert verified(dispatch)[1] == [
        "the password of old isn't bound to the account",
        "the second factor of old isn't bound to the account",
    ]
