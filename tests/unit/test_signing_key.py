"""The signing key: made in development for its owner alone, asked for in production."""

from pathlib import Path

import pytest

from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.service.settings import Environment, Settings
from dispatch.service.signing import (
    SigningKeyMissing,
    SigningKeyOfDevelopment,
    SigningKeyUnusable,
    signer_for,
)


def settings(directory: Path, **more: object) -> Settings:
    values = {"database": f"sqlite:///{directory / 'dispatch.db'}", **more}
    return Settings.model_validate(values)


def test_development_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    key = signer_for(settings(tmp_path)).key
    path = tmp_path / "dispatch.db.signing-key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert signer_for(settings(tmp_path)).key == key


def test_production_asks_for_a_key(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyMissing):
        signer_for(settings(tmp_path, environment=Environment.PRODUCTION))
    assert not list(tmp_path.iterdir())
    path = tmp_path / "key.pem"
    path.write_text(new_pem())
    given = settings(tmp_path, environment=Environment.PRODUCTION, signing_key_file=path)
    from_environment = settings(tmp_path, signing_key=path.read_text())
    assert signer_for(given).key == signer_for(from_environment).key


def test_production_doesnt_take_the_key_that_development_left_beside_the_database(tmp_path: Path) -> None:
    key = signer_for(settings(tmp_path)).key
    path = tmp_path / "dispatch.db.signing-key.pem"
    with pytest.raises(SigningKeyOfDevelopment) as refused:
        signer_for(settings(tmp_path, environment=Environment.PRODUCTION))
    assert refused.value.details == {"file": str(path)}
    assert "DISPATCH_SIGNING_KEY_FILE" in refused.value.message
    elsewhere = path.rename(tmp_path / "key.pem")
    given = settings(tmp_path, environment=Environment.PRODUCTION, signing_key_file=elsewhere)
    assert signer_for(given).key == key


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyUnusable):
        signer_for(settings(tmp_path, signing_key="no key"))


def test_a_key_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    pem = new_pem()
    assert pem.splitlines()[1] not in repr(settings(tmp_path, signing_key=pem))


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_origin": "a b"},
        {"log_origin": "a+b"},
        {"public_url": "town.example"},
        {"public_url": "https://town.example/path"},
        {"checkpoint_url": "file:" + "//" + "/etc/passwd"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"spaces|http"):
        settings(tmp_path, **wrong)
