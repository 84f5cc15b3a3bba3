"""What signs in is held against the log; what was kept before anything was bound is taken over with care."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from commands.handler import Handler
from dispatch.domain.accounts import (
    AccountAdded,
    AccountRevoked,
    PasswordSet,
    Role,
    SecondFactorRemoved,
    SecondFactorSet,
)
from dispatch.domain.event import Event
from dispatch.domain.personal import PersonalBound
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.sign_in.bindings import bound_code, bound_hash, bound_secret, opened_hash
from dispatch.service.sign_in.checking import UNOPENED, SignInCheck
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, RECOVERY_CODES
from dispatch.service.sign_in.taking_over import take_over
from dispatch.service.tokens import digest_of
from tests import histories
from tests.vaults import VAULT

AT = datetime(2024, 3, 4, tzinfo=UTC)
OWN, BEFORE, FACTOR = "ab" * 16, "ba" * 16, "cd" * 16
HASH = "$argon2id$a hash"
OTHER = Vault(new_root())


class Records:
    """A log with the account `zhou`, and what is kept of what signs in."""

    def __init__(self, database: str, log: DatabaseLog, store: SecretStore) -> None:
        self.database, self.log, self.store = database, log, store

    def record(self, *events: Event) -> None:
        stream = "account:zhou"
        histories.record(self.log, [(stream, one) for one in events], versions=self.log.versions([stream]))

    def keep(self, credential: str, kept: str) -> None:
        self.store.keep_password(credential, "zhou", kept)

    def keep_factor(self, *, codes_of: str = FACTOR) -> None:
        secret, code = (
            bound_secret(VAULT, "zhou", FACTOR, "seed"),
            bound_code(VAULT, "zhou", FACTOR, digest_of("a")),
        )
        row = {"factor": FACTOR, "account": "zhou", "secret": secret, "used_step": 0, "made_at": 1}
        self.store.rows(sa.insert(FACTORS).values(row))
        codes = {"digest": code, "factor": codes_of, "account": "zhou"}
        self.store.rows(sa.insert(RECOVERY_CODES).values(codes))

    def found(self, vault: Vault | None = VAULT) -> tuple[list[str], list[str]]:
        """Return what is wrong, and what was not looked at."""
        check = SignInCheck(self.database, self.log, vault)
        check.look(self.log.read())
        return [fault.what for fault in check.faults()], check.unchecked

    def take_over(self, vault: Vault) -> None:
        handler = Handler(self.log, calendar=china(), clock=system_clock, vault=vault)
        asyncio.run(take_over(self.store, handler))


@contextmanager
def recorded(database: str) -> Iterator[Records]:
    with open_log(database, clock=system_clock) as log:
        store = SecretStore(database)
        try:
            records = Records(database, log, store)
            records.record(
                AccountAdded(
                    at=AT, account="zhou", name="x", role=Role.OPERATOR, scope="500115101", member=None
                )
            )
            yield records
        finally:
            store.close()


@pytest.fixture
def records(database: str) -> Iterator[Records]:
    with recorded(database) as found:
        yield found


def test_what_is_in_force_no_more_is_not_missed(records: Records) -> None:
    records.record(
        PasswordSet(at=AT, credential=OWN, temporary=False, bound=True),
        SecondFactorSet(at=AT, factor=FACTOR, bound=True),
    )
    records.keep(OWN, bound_hash(VAULT, "zhou", OWN, HASH))
    assert records.found() == (["the second factor of zhou is missing"], [])
    records.record(SecondFactorRemoved(at=AT, factor=FACTOR))
    assert records.found() == ([], [])
    records.record(SecondFactorSet(at=AT, factor=FACTOR, bound=True))
    records.store.erase_passwords([OWN])
    assert len(records.found()[0]) == 2
    records.record(AccountRevoked(at=AT, reason="离职"))
    assert records.found() == ([], [])


def test_what_was_bound_from_the_first_is_never_as_it_was_before(records: Records) -> None:
    records.record(PasswordSet(at=AT, credential=OWN, temporary=False, bound=True))
    records.keep(OWN, HASH)
    for vault in (VAULT, None):
        assert records.found(vault)[0] == ["the password of zhou isn't bound to the account"]
    records.keep(OWN, bound_hash(VAULT, "zhou", OWN, HASH))
    assert records.found() == ([], [])


def test_what_could_not_be_looked_at_is_said(database: str) -> None:
    with open_log(database, clock=system_clock) as log:
        added = AccountAdded(
            at=AT, account="zhou", name="x", role=Role.OPERATOR, scope="500115101", member=None
        )
        own = PasswordSet(at=AT, credential=OWN, temporary=False, bound=True)
        histories.record(log, [("account:zhou", one) for one in (added, own)])
        check = SignInCheck(database, log, VAULT)
        check.look(log.read())
        assert list(check.faults()) == []
        assert check.unchecked == ["passwords and second factors, of which none is there"]
        store = SecretStore(database)
        try:
            records = Records(database, log, store)
            records.keep(OWN, bound_hash(OTHER, "zhou", OWN, HASH))
            assert records.found(None) == ([], [UNOPENED])
        finally:
            store.close()


def test_a_recovery_code_that_was_put_aside_is_told_of(records: Records) -> None:
    records.record(SecondFactorSet(at=AT, factor=FACTOR, bound=True))
    records.keep_factor(codes_of="ef" * 16)
    assert records.found() == (["a recovery code of zhou is kept as that of another second factor"], [])


def test_what_another_key_has_bound_is_left_as_it_is_and_nothing_is_noted(records: Records) -> None:
    records.record(PasswordSet(at=AT, credential=OWN, temporary=False))
    kept = bound_hash(OTHER, "zhou", OWN, HASH)
    records.keep(OWN, kept)
    head = records.log.head()
    with capture_logs() as said:
        records.take_over(VAULT)
    assert [(one["event"], one["accounts"]) for one in said] == [("secrets_not_bound", ["zhou"])]
    assert records.store.password(OWN) == kept
    assert records.log.head() == head


def test_only_what_is_in_force_is_taken_over(records: Records) -> None:
    records.record(
        PasswordSet(at=AT, credential=BEFORE, temporary=True),
        PasswordSet(at=AT, credential=OWN, temporary=False),
    )
    for credential in (BEFORE, OWN):
        records.keep(credential, HASH)
    with capture_logs() as said:
        records.take_over(VAULT)
    assert said == []
    kept = records.store.password(OWN)
    assert kept is not None
    assert opened_hash(VAULT, "zhou", OWN, kept) == HASH
    assert records.store.password(BEFORE) == HASH
    noted = decode(records.log.read()[-1]).event
    assert isinstance(noted, PersonalBound)
    assert noted.passwords == 1
    assert records.found() == ([], [])
