"""Where secrets come from: the environment or files, and never from what is shown of the settings."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from dispatch.domain.accounts import Role
from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.service.installation import shown
from dispatch.service.settings import IDLE, SECRETS_DIRECTORY, Settings


def test_each_setting_may_stand_in_a_file_of_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, pem = "postgresql://dispatch:open-sesame@db/dispatch", new_pem()
    (tmp_path / "dispatch_database").write_text(f"{database}\n")
    (tmp_path / "dispatch_signing_key").write_text(pem)
    (tmp_path / "dispatch_port").write_text("8443")
    monkeypatch.setenv(SECRETS_DIRECTORY, str(tmp_path))
    monkeypatch.delenv("DISPATCH_DATABASE", raising=False)
    settings = Settings()
    assert (settings.database, settings.port) == (database, 8443)
    assert settings.signing_key is not None
    assert settings.signing_key.get_secret_value() == pem.strip()
    monkeypatch.setenv("DISPATCH_PORT", "9000")
    assert Settings().port == 9000


def test_neither_the_settings_nor_what_is_wrong_with_them_show_a_password() -> None:
    assert "open-sesame" not in repr(Settings(database="postgresql://dispatch:open-sesame@db/dispatch"))
    assert "open-sesame" not in shown("postgresql://dispatch:open-sesame@db/dispatch")
    with pytest.raises(ValidationError) as raised:
        Settings(database="mysql://dispatch:open-sesame@db/dispatch")
    assert "open-sesame" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///",
        "postgresql://dispatch@db/dispatch?bogus=1",
        "postgresql://dispatch:open sesame@db/dispatch",
        "postgresql://dispatch:open/sesame@db/dispatch",
        "postgresql://dispatch:open-sesame@db:port/dispatch",
    ],
)
def test_a_url_that_names_no_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(database=url)
    assert "sesame" not in str(raised.value)


def test_a_database_on_several_hosts_is_shown_with_all_of_them() -> None:
    url = "postgresql://dispatch:open-sesame@one:5432,two:5433/dispatch?target_session_attrs=read-write"
    assert shown(Settings(database=url).database) == "postgresql://dispatch@one:5432,two:5433/dispatch"


def test_how_long_a_session_may_lie_unused_is_set_for_all_or_by_role(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().session_idle == IDLE
    monkeypatch.setenv("DISPATCH_SESSION_IDLE", "600")
    assert set(Settings().session_idle.values()) == {600.0}
    monkeypatch.setenv("DISPATCH_SESSION_IDLE", "worker=28800, auditor=300")
    assert Settings().session_idle == {**IDLE, Role.WORKER: 28_800.0, Role.AUDITOR: 300.0}
    for wrong in ("59", "worker=1", "mayor=900", "worker", "system=900"):
        monkeypatch.setenv("DISPATCH_SESSION_IDLE", wrong)
        with pytest.raises(ValidationError):
            Settings()
