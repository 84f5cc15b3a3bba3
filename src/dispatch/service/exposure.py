"""What lies open to others: keys that they may read, and plain HTTP beyond this machine."""

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource

from dispatch.domain.refusal import NotNow, Refusal
from dispatch.service.settings import Settings
from dispatch.service.signing import beside

OTHERS: Final = 0o077
"""What of a file's mode is of its group and of everybody."""
DOTENV: Final = Path(".env")
SETTINGS: Final = "DISPATCH_CERTIFICATE_FILE, DISPATCH_TRUSTED_PROXIES"


class KeyReadableByOthers(NotNow):
    """A file with a key can be read by others than its owner: chmod 600 it, and change it if they have."""


class PlainHttpExposed(NotNow):
    """Passwords would cross the network in clear: set a certificate, or name the proxy that does HTTPS."""


def exposures(settings: Settings, *, https: bool) -> Iterator[Refusal]:
    """Say what lies open: production is not to serve so, and development says it."""
    for path in _keys(settings):
        with suppress(FileNotFoundError):
            if path.stat().st_mode & OTHERS:
                yield KeyReadableByOthers(file=str(path))
    if not (https or _on_this_machine(settings.host) or settings.trusted_proxies.strip(" ,")):
        yield PlainHttpExposed(host=settings.host, settings=SETTINGS)


def _keys(settings: Settings) -> Iterator[Path]:
    """Give the files whose secrets are in use; what the environment says itself is in none."""
    if settings.signing_key is None and settings.signer is None:
        yield settings.signing_key_file or beside(settings, ".signing-key.pem")
    if settings.key_encryption_key is None:
        yield settings.key_encryption_key_file or beside(settings, ".key-encryption-key")
    given = (settings.certificate_key_file, settings.oidc_client_secret_file, settings.channels_file)
    yield from (path for path in given if path is not None)
    if _holds_secrets(DotEnvSettingsSource(Settings).env_vars):
        yield DOTENV


def _holds_secrets(said: Mapping[str, str | None]) -> bool:
    """Tell whether settings are secrets themselves, or a database's URL with its password."""
    secrets = (
        name for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)
    )
    return any(said.get(f"dispatch_{name}") for name in secrets) or bool(
        urlsplit(said.get("dispatch_database") or "").password
    )


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
