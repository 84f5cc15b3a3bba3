"""`dispatch personal rewrap`: everything lies under another key-encryption key, all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.domain.personal import PersonalRewrapped
from dispatch.eventlog.log import micros
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.rewrapping import rewrap
from dispatch.service.runtime import open_generations
from dispatch.service.sign_in.bindings import bound_code, bound_hash, bound_landing, opened_code, opened_hash
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, JOURNEYS, PASSWORDS, RECOVERY_CODES
from tests.integration.cli.conftest import Dispatch
from tests.integration.cli.test_personal import NUMBER, case
from tests.integration.service.test_sealed_texts import exchanged

__all__ = ["case"]

OLD, NEW, OTHER = new_root(), new_root(), new_root()
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The key of the settings: the old one, until a test sets another."""

    def set_to(key: str) -> None:
        monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY", key)

    set_to(OLD)
    return set_to


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new-key"
    path.write_text(f"{NEW}\n", encoding="ascii")
    return path


@pytest.fixture
def factor(database: str) -> str:
    """A second factor as it is kept, and a password and a recovery code with it."""
    sealed = Vault(OLD).seal_secret("factor-1", SEED)
    with secrets(database) as store:
        row = {"factor": "factor-1", "account": "duty", "secret": sealed, "used_step": 0, "made_at": 1}
        store.rows(store.insert(FACTORS).values(**row))
        store.keep_password("password-1", "duty", bound_hash(Vault(OLD), "duty", "password-1", "a hash"))
        code = bound_code(Vault(OLD), "duty", "factor-1", "a digest")
        row = {"digest": code, "factor": "factor-1", "account": "duty"}
        store.rows(store.insert(RECOVERY_CODES).values(**row))
    return "factor-1"


@contextmanager
def secrets(database: str) -> Iterator[SecretStore]:
    store = SecretStore(database)
    try:
        yield store
    finally:
        store.close()


def kept(database: str) -> tuple[Any, list[Any]]:
    """Return all that lies under the key-encryption key, as the database holds it."""
    with installation(database) as at, secrets(database) as store:
        return at.log.some_keys(), [tuple(row) for row in store.rows(sa.select(FACTORS))]


def bound(database: str, key: str) -> dict[str, str]:
    """Return what is bound to an account under a key: the hash of its password, and its recovery code."""
    with secrets(database) as store:
        kept = {one.table: one.kept for one in store.secrets()}
    return {
        "hash": opened_hash(Vault(key), "duty", "password-1", kept[PASSWORDS]),
        "code": opened_code(Vault(key), "duty", "factor-1", kept[RECOVERY_CODES]),
    }


def test_what_lay_under_the_old_key_lies_under_the_new_one(
    database: str, dispatch: Dispatch, case: str, factor: str, file: Path, *, present: Any
) -> None:
    ran = dispatch("personal", "rewrap", file, "--yes", "--json")
    counted = {"keys": 1, "telephones": 1, "factors": 1, "passwords": 1, "recovery_codes": 1}
    assert ran.json == {**counted, "wiped": True}
    assert "1 of 1 key\n" in ran.err
    old = dispatch("personal", "find", "--telephone", NUMBER)
    assert (old.status, "key-encryption key isn't the one" in old.err) == (1, True)
    present(NEW)
    assert dispatch("personal", "find", "--telephone", "+86 13800001234", "--json").json == {
        "subjects": [case]
    }
    [key], [(_, _, secret, *_)] = kept(database)
    assert key.wrapped_by == Vault(NEW).id
    assert Vault(NEW).open_secret(factor, secret) == SEED
    with pytest.raises(Unopenable):
        Vault(OLD).open_secret(factor, secret)
    assert bound(database, NEW) == {"hash": "a hash", "code": "a digest"}
    with pytest.raises(Unopenable):
        bound(database, OLD)
    assert dispatch("verify", "--log-only").status == 0
    # Done once more it changes nothing, and what was erased is not found under any key.
    present(OLD)
    again = dispatch("personal", "rewrap", file, "--yes", "--json").json
    assert again == {**dict.fromkeys(counted, 0), "wiped": True}
    present(NEW)
    former, now = Vault(OLD).id.hex(), Vault(NEW).id.hex()
    with installation(database) as at:
        noted = [decode(one).event for one in at.log.read_stream("personal:account:system")]
    assert [
        (one.former, one.present, one.keys, one.digests, one.factors, one.passwords, one.recovery_codes)
        for one in noted
        if isinstance(one, PersonalRewrapped)
    ] == [(former, now, 1, 1, 1, 1, 1), (former, now, 0, 0, 0, 0, 0)]
    assert "更换主密钥" in dispatch("audit", "trail", "account:system").out
    assert dispatch("personal", "erase", case, "--ground", "request", "--yes").status == 0
    assert dispatch("personal", "find", "--telephone", NUMBER, "--json").json == {"subjects": []}


def test_who_is_on_the_way_at_the_provider_begins_anew(
    database: str, dispatch: Dispatch, case: str, file: Path, *, present: Any
) -> None:
    until = micros(system_clock()) + 600_000_000
    journey = {"state": "s", "browser": "b", "nonce": "n", "verifier": "v", "landing": "/ui/board"}
    with secrets(database) as store:
        landing = bound_landing(Vault(OLD), journey | {"until": until})
        store.rows(store.insert(JOURNEYS).values(**journey | {"until": until, "landing": landing}))
    assert dispatch("verify", "--log-only").status == 0
    assert dispatch("personal", "rewrap", file, "--yes").status == 0
    present(NEW)
    assert dispatch("verify", "--log-only").status == 0
    with secrets(database) as store:
        assert store.journeys(0) == []


def test_no_byte_that_lay_under_the_old_key_is_left_in_a_file(
    database: str, dispatch: Dispatch, case: str, factor: str, file: Path
) -> None:
    [(_, _, before, *_)] = kept(database)[1]
    where = sa.text("SELECT pg_relation_filenode('dispatch_sign_in.factors')")
    with secrets(database) as store:
        written = [] if database.startswith("sqlite") else store.rows(where)
    assert dispatch("personal", "rewrap", file, "--yes", "--json").json["wiped"]
    if database.startswith("sqlite"):
        assert before.encode() not in Path(f"{database.removeprefix('sqlite:///')}.sign-in").read_bytes()
        return
    # PostgreSQL keeps an old row in its table's pages until the table is written anew, into another file.
    with secrets(database) as store:
        assert store.rows(where) != written


def test_a_wrong_old_key_is_refused_and_changes_nothing(
    database: str, dispatch: Dispatch, case: str, factor: str, file: Path, *, present: Any
) -> None:
    before = kept(database)
    present(OTHER)
    ran = dispatch("personal", "rewrap", file, "--yes")
    assert (ran.status, "isn't the one" in ran.err) == (1, True)
    assert kept(database) == before
    present(OLD)
    assert dispatch("personal", "find", "--telephone", NUMBER, "--json").json == {"subjects": [case]}
    assert Vault(OLD).open_secret(factor, before[1][0][2]) == SEED


@pytest.mark.parametrize(
    "written", [OLD, "", "not a key", "QUJD"], ids=["present", "empty", "no key", "short"]
)
def test_a_new_key_that_is_none_or_the_present_one_is_refused(
    database: str, dispatch: Dispatch, case: str, file: Path, written: str
) -> None:
    before = kept(database)
    file.write_text(written, encoding="ascii")
    assert dispatch("personal", "rewrap", file, "--yes").status == 1
    assert dispatch("personal", "rewrap", file.with_name("not-there"), "--yes").status == 1
    assert kept(database) == before


def test_while_a_service_runs_nothing_is_changed(
    database: str, dispatch: Dispatch, case: str, file: Path
) -> None:
    before = kept(database)
    generations = open_generations(database)
    try:
        generations.claim()
        with generations.session() as session:
            assert session.lead()
            ran = dispatch("personal", "rewrap", file, "--yes")
            assert (ran.status, "stop it first" in ran.err) == (1, True)
    finally:
        generations.close()
    assert kept(database) == before
    assert dispatch("personal", "rewrap", file, "--yes").status == 0


def test_a_number_that_was_exchanged_for_another_text_is_not_made_one_to_search_by(
    database: str, dispatch: Dispatch, case: str, file: Path
) -> None:
    before = kept(database)
    exchanged(database, case, first=(1, "reporter.telephone"), second=(1, "reporter.name"))
    ran = dispatch("personal", "rewrap", file, "--yes")
    assert (ran.status, "`dispatch verify` says where" in ran.err) == (1, True)
    assert kept(database) == before


def test_broken_off_it_has_changed_nothing(database: str, case: str, factor: str) -> None:
    class BrokenOffError(Exception):
        pass

    def break_off(seen: int, total: int) -> None:
        raise BrokenOffError(seen, total)

    before = kept(database)
    with installation(database) as at, pytest.raises(BrokenOffError):
        rewrap(
            at.log,
            database,
            open_generations(database),
            old=Vault(OLD),
            new=Vault(NEW),
            progress=break_off,
        )
    assert kept(database) == before
