"""The key-encryption key: made in development for its owner alone, asked for in production."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.eventlog import open_log
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.clock import system_clock
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Environment, Settings
from dispatch.service.vaults import (
    KeyEncryptionKeyMissing,
    KeyEncryptionKeyOfDevelopment,
    KeyEncryptionKeyUnusable,
    KeyEncryptionKeyWrong,
    require_own,
    vault_at_hand,
    vault_for,
)
from tests.unit.eventlog.making import append


def settings(directory: Path, **more: object) -> Settings:
    values = {"database": f"sqlite:///{directory / 'dispatch.db'}", **more}
    return Settings.model_validate(values)


def test_development_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    made = vault_for(settings(tmp_path))
    path = tmp_path / "dispatch.db.key-encryption-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert vault_for(settings(tmp_path)).id == made.id
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        vaults = list(crowd.map(lambda _: vault_for(settings(tmp_path)), range(16)))
    assert len({vault.id for vault in vaults}) == 1


def test_production_asks_for_a_key_and_doesnt_start_without(tmp_path: Path) -> None:
    with pytest.raises(KeyEncryptionKeyMissing):
        vault_for(settings(tmp_path, environment=Environment.PRODUCTION))
    assert not list(tmp_path.iterdir())
    path = tmp_path / "key"
    path.write_text(new_root())
    given = settings(tmp_path, environment=Environment.PRODUCTION, key_encryption_key_file=path)
    from_environment = settings(tmp_path, key_encryption_key=path.read_text())
    assert vault_for(given).id == vault_for(from_environment).id
    with pytest.raises(KeyEncryptionKeyMissing):
        vault_for(settings(tmp_path, environment=Environment.PRODUCTION, database="sqlite:///:memory:"))


def test_production_doesnt_take_the_key_that_development_left_beside_the_database(tmp_path: Path) -> None:
    made = vault_for(settings(tmp_path))
    path = tmp_path / "dispatch.db.key-encryption-key"
    for take in (vault_for, vault_at_hand):
        with pytest.raises(KeyEncryptionKeyOfDevelopment) as refused:
            take(settings(tmp_path, environment=Environment.PRODUCTION))
        assert refused.value.details == {"file": str(path)}
        assert "DISPATCH_KEY_ENCRYPTION_KEY_FILE" in refused.value.message
    elsewhere = path.rename(tmp_path / "key")
    given = settings(tmp_path, environment=Environment.PRODUCTION, key_encryption_key_file=elsewhere)
    assert vault_for(given).id == made.id


def test_who_only_looks_takes_the_key_that_is_there_and_makes_none(tmp_path: Path) -> None:
    assert vault_at_hand(settings(tmp_path)) is None
    assert vault_at_hand(settings(tmp_path, database="sqlite:///:memory:")) is None
    assert not list(tmp_path.iterdir())
    made = vault_for(settings(tmp_path))
    at_hand = vault_at_hand(settings(tmp_path))
    assert at_hand is not None
    assert at_hand.id == made.id
    assert vault_at_hand(settings(tmp_path / "other", environment=Environment.PRODUCTION)) is None


@pytest.mark.parametrize("wrong", ["no key", "AAAA"])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(KeyEncryptionKeyUnusable):
        vault_for(settings(tmp_path, key_encryption_key=wrong))
    root = new_root()
    assert root not in repr(settings(tmp_path, key_encryption_key=root))


def test_another_key_than_that_of_the_log_stops_the_service(tmp_path: Path) -> None:
    own = Vault(new_root())
    at = settings(tmp_path)
    with open_log(at.database, clock=system_clock) as log:
        assert require_own(own, log) is own
        log.append(replace(append("case:1"), keys=(own.wrap(own.new_key("case:1")),)))
        assert require_own(own, log) is own
        with pytest.raises(KeyEncryptionKeyWrong):
            require_own(Vault(new_root()), log)
        # Of the many that lie under its own, one that doesn't is found wherever it stands.
        other = Vault(new_root())
        for vault, subject in ((other, "case:2"), (own, "case:3")):
            log.append(replace(append(subject), keys=(vault.wrap(vault.new_key(subject)),)))
        with pytest.raises(KeyEncryptionKeyWrong):
            require_own(own, log)
    with pytest.raises(KeyEncryptionKeyWrong):
        open_runtime(at)
