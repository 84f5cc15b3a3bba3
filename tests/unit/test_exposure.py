"""What production is not to serve with: keys that others may read, and plain HTTP beyond this machine."""

from pathlib import Path
from typing import Any

import pytest

from dispatch.service.exposure import exposures
from dispatch.service.settings import Settings


def found(directory: Path, *, https: bool = False, **more: object) -> list[str]:
    values = {"database": f"sqlite:///{directory / 'dispatch.db'}", **more}
    return [one.code for one in exposures(Settings.model_validate(values), https=https)]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_on_this_machine_plain_http_is_nobody_else_s(tmp_path: Path, host: str) -> None:
    assert found(tmp_path, host=host) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "town.example"])
def test_beyond_it_passwords_need_https_or_a_proxy_that_does_it(tmp_path: Path, host: str) -> None:
    assert found(tmp_path, host=host) == ["plain-http-exposed"]
    assert found(tmp_path, host=host, trusted_proxies=" , ") == ["plain-http-exposed"]
    assert found(tmp_path, host=host, trusted_proxies="10.0.0.0/8") == []
    assert found(tmp_path, host=host, https=True) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
@pytest.mark.parametrize(
    "setting",
    [
        "signing_key_file",
        "key_encryption_key_file",
        "oidc_client_secret_file",
        "channels_file",
        "certificate_key_file",
    ],
)
def test_a_key_is_its_owner_s_alone(tmp_path: Path, mode: int, setting: str) -> None:
    path = tmp_path / "key"
    path.write_text("…")
    path.chmod(mode)
    files: dict[str, Any] = {setting: path}
    if setting == "certificate_key_file":
        files["certificate_file"] = path
    assert found(tmp_path, **files) == ["key-readable-by-others"]
    path.chmod(0o400)
    assert found(tmp_path, **files) == []


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("DISPATCH_KEY_ENCRYPTION_KEY=x", True),
        ("DISPATCH_SIGNING_KEY=x", True),
        ("dispatch_oidc_client_secret=x", True),
        ("DISPATCH_DATABASE=postgresql://dispatch:secret@host/dispatch", True),
        ("DISPATCH_DATABASE=postgresql://dispatch@host/dispatch", False),
        ("DISPATCH_KEY_ENCRYPTION_KEY=", False),
    ],
)
def test_settings_that_are_secrets_are_their_owner_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, secret: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"DISPATCH_PORT=8001\n{line}\n")
    (tmp_path / ".env").chmod(0o644)
    assert found(tmp_path) == (["key-readable-by-others"] if secret else [])
    (tmp_path / ".env").chmod(0o600)
    assert found(tmp_path) == []


def test_what_the_environment_says_itself_is_in_no_file(tmp_path: Path) -> None:
    for name in ("dispatch.db.signing-key.pem", "dispatch.db.key-encryption-key"):
        (tmp_path / name).write_text("…")
        (tmp_path / name).chmod(0o644)
    assert len(found(tmp_path)) == 2
    assert found(tmp_path, signing_key="…", key_encryption_key="…") == []
