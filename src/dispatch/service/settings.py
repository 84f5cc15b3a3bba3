"""What an installation sets: environment variables `DISPATCH_…`, a file `.env`, or a directory of secrets."""

import errno
import os
from collections.abc import Iterator
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from dispatch.domain.accounts import Role
from dispatch.eventlog.vault.ciphers import Suite

SQLITE: Final = "sqlite:///"
DEMANDING: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""The roles that need a second factor in production unless an installation says otherwise."""
IDLE: Final = {
    Role.ADMINISTRATOR: 900.0,
    Role.AUDITOR: 900.0,
    Role.OPERATOR: 1_800.0,
    Role.SUPERVISOR: 1_800.0,
    Role.WORKER: 43_200.0,
}
"""For how many seconds a session may lie unused, by role, unless an installation says otherwise.

A grid worker's phone lies in a pocket between two visits, without a network at times.
"""
SHORTEST_IDLE: Final = 60.0
SECRETS_DIRECTORY: Final = "DISPATCH_SECRETS_DIRECTORY"
"""Names a directory with a file for each setting that is a secret, such as `dispatch_signing_key`."""
BEGINNING: Final = "DISPATCH_"


class Environment(StrEnum):
    """Whether real people's work depends on this installation."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ClockKind(StrEnum):
    """Where the time comes from."""

    SYSTEM = "system"
    SIMULATED = "simulated"


class Settings(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(
        env_prefix=BEGINNING, env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    database: str = Field(
        "sqlite:///var/dispatch.db",
        description="sqlite:///PATH (embedded) or postgresql://USER@HOST/NAME",
        repr=False,
    )
    environment: Environment = Environment.DEVELOPMENT
    clock: ClockKind = Field(ClockKind.SYSTEM, description="simulated: set over HTTP; production refuses it")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    https: bool = Field(
        False, description="development makes a certificate of its own, production needs certificate_file"
    )
    certificate_file: Path | None = Field(
        None, description="PEM: the certificate that HTTPS is served with, and those above it"
    )
    certificate_key_file: Path | None = Field(None, description="PEM: the certificate's private key")
    public_url: str | None = Field(
        None, description="where people reach this, https://HOST; unset: what each request says itself"
    )
    workers: int = Field(1, ge=1, le=64, description="processes; more than one needs PostgreSQL")
    trusted_proxies: str = Field(
        "", description="whose X-Forwarded-For and -Proto are believed: addresses or networks, with commas"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    body_limit: int = Field(1_000_000, ge=1_000, description="the largest request body, in bytes")
    photo_limit: int = Field(5_000_000, ge=1_000, le=50_000_000, description="the largest photo, in bytes")
    webroot: Path | None = Field(None, description="the built pages; by default those of the install")
    requests_per_minute: int = Field(
        6_000,
        ge=0,
        description="how many requests one token or session may send each process; 0: no limit",
    )
    requests_per_minute_per_address: int = Field(
        60_000, ge=0, description="the same of one network address, behind which may be a whole town"
    )
    wait_limit: float = Field(
        10.0, gt=0, le=60, description="the longest time that a read waits for ?after=, in seconds"
    )

    session_idle: Annotated[dict[Role, float], NoDecode] = Field(
        IDLE,
        description="a session that was not used for so long has ended, in seconds: one number for all, or "
        "ROLE=SECONDS with commas; the others keep those of IDLE",
        validate_default=True,
    )
    session_limit: float = Field(
        43_200.0, ge=60, description="a session ends after this time at the latest, in seconds"
    )
    sign_in_guesses: int = Field(5, ge=1, le=100, description="failed sign-ins until an account is locked")
    sign_in_guesses_per_address: int = Field(100, ge=1, description="the same of one network address")
    sign_in_window: float = Field(900.0, ge=1, description="how long a failed sign-in counts, in seconds")
    sign_in_lock: float = Field(900.0, ge=1, description="how long a lock lasts, in seconds")
    second_factor_roles: Annotated[frozenset[Role], NoDecode] | None = Field(
        None,
        description="roles that need a second factor, with commas; in production those of DEMANDING if unset",
    )
    second_factor_issuer: str = Field("Dispatch", description="what an authenticator calls this service")

    oidc_issuer: str | None = Field(
        None, description="the provider that people may sign in at: its issuer, https://…"
    )
    oidc_name: str = Field(
        "", max_length=40, description="what people call it, said on the sign-in page; its host if unset"
    )
    oidc_client_id: str = Field("", description="what the provider knows this service by")
    oidc_client_secret: SecretStr | None = Field(None, description="instead of a file")
    oidc_client_secret_file: Path | None = Field(None, description="what this service proves itself by there")
    oidc_claim: str = Field(
        "preferred_username",
        description="the claim that names the account; one that its people can't change themselves",
    )
    oidc_scope: str = Field("openid profile", description="what the provider is asked for")
    oidc_second_factor: str = Field(
        "mfa otp hwk", description="what the provider says in `amr` when it has asked for a second factor"
    )
    refusals_seconds: float = Field(
        60.0, ge=1, description="how long refusals are counted before one event tells of them"
    )

    log_origin: str = Field(
        "dispatch.local/log", description="what checkpoints call this log and its key: one name, for ever"
    )
    signer: str | None = Field(
        None,
        description="MODULE:FUNCTION that returns who signs in place of Ed25519, such as a module for SM2",
    )
    signing_key: SecretStr | None = Field(None, description="Ed25519 in PEM, instead of a file")
    signing_key_file: Path | None = Field(
        None, description="Ed25519 in PEM; development makes one beside the database, production does not"
    )
    former_keys_file: Path | None = Field(
        None,
        description="public keys that signed this log's checkpoints before, one a line with its last size",
    )
    key_encryption_key: SecretStr | None = Field(
        None, description="32 bytes in base 64, instead of a file: what the keys of personal data lie under"
    )
    key_encryption_key_file: Path | None = Field(
        None, description="the same in a file; development makes one beside the database, production does not"
    )
    personal_cipher: Suite = Field(
        Suite.AES_256_GCM, description="what the personal data of new items is sealed with"
    )
    checkpoint_minutes: float = Field(
        10.0, gt=0, le=10_000, description="how long a recorded event waits for a checkpoint at most"
    )
    checkpoint_events: int = Field(
        10_000, ge=1, description="how many events are recorded without a checkpoint at most"
    )
    checkpoint_directory: Path | None = Field(
        None, description="where checkpoints are delivered to; beside the database by default"
    )
    daily_digest: bool | None = Field(
        None,
        description="whether auditors are told what each day recorded; unset: unless the clock is simulated",
    )
    checkpoint_url: str | None = Field(
        None, description="http(s)://… that each checkpoint is sent to (POST)", repr=False
    )

    channels_file: Path | None = Field(
        None, description='TOML: name = "URL" of each gateway that notifications are sent by'
    )
    channel_seconds: float = Field(10.0, gt=0, le=120, description="how long a gateway may take to answer")
    outbox_attempts: int = Field(
        12, ge=1, le=100, description="after how many attempts a message is given up"
    )
    outbox_pause: float = Field(
        5.0, gt=0, le=3_600, description="seconds before the second attempt; doubled for each further one"
    )

    @property
    def needing_second_factor(self) -> frozenset[Role]:
        """The roles that may do nothing by a password alone but set a second factor."""
        if self.second_factor_roles is not None:
            return self.second_factor_roles
        return DEMANDING if self.environment is Environment.PRODUCTION else frozenset()

    @field_validator("second_factor_roles", mode="before")
    @classmethod
    def _roles_are_listed(cls, roles: object) -> object:
        if not isinstance(roles, str):
            return roles
        return frozenset(role.strip() for role in roles.split(",") if role.strip())

    @field_validator("session_idle", mode="before")
    @classmethod
    def _idle_is_listed(cls, idle: object) -> object:
        if not isinstance(idle, str):
            return idle
        if "=" not in idle:
            return dict.fromkeys(IDLE, idle)
        chosen: dict[str, object] = {str(role): seconds for role, seconds in IDLE.items()}
        pairs = (part.partition("=") for part in idle.split(",") if part.strip())
        chosen.update((role.strip(), seconds) for role, _, seconds in pairs)
        return chosen

    @field_validator("session_idle")
    @classmethod
    def _idle_is_long_enough(cls, idle: dict[Role, float]) -> dict[Role, float]:
        if set(idle) != set(IDLE) or min(idle.values()) < SHORTEST_IDLE:
            msg = "an idle limit is 60 s at least, of the roles that people have"
            raise ValueError(msg)
        return idle

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_known(cls, proxies: str) -> str:
        for one in filter(None, (part.strip() for part in proxies.split(","))):
            ip_network(one)
        return proxies

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what neither the environment nor `.env` says from the directory of secrets.

        Raises `NotADirectoryError`: without its secrets, another database and new keys would be taken.
        """
        named = os.environ.get(SECRETS_DIRECTORY)
        if named and not Path(named).is_dir():
            msg = f"{SECRETS_DIRECTORY} names no directory that is there"
            raise NotADirectoryError(errno.ENOTDIR, msg, named)
        secrets = SecretsSettingsSource(settings_cls, named) if named else file_secret_settings
        return init_settings, env_settings, dotenv_settings, secrets

    @field_validator("log_origin")
    @classmethod
    def _origin_fits_a_note(cls, origin: str) -> str:
        if not origin or "+" in origin or not origin.isprintable() or " " in origin:
            msg = "a log is named without spaces and without +, such as town.example/log"
            raise ValueError(msg)
        return origin

    @field_validator("checkpoint_url")
    @classmethod
    def _endpoint_is_web(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            msg = "checkpoints are sent to http://… or https://…"
            raise ValueError(msg)
        return url

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
            msg = "people reach this at https://HOST or https://HOST:PORT"
            raise ValueError(msg)
        return url.rstrip("/")

    @field_validator("database")
    @classmethod
    def _database_is_known(cls, url: str) -> str:
        if not url.startswith((SQLITE, "postgresql://")):
            msg = "a database is sqlite:///PATH or postgresql://USER@HOST/NAME"
            raise ValueError(msg)
        if url.startswith(SQLITE):
            if not Path(url.removeprefix(SQLITE)).name:
                msg = "the database's file is missing: sqlite:///PATH, with four slashes for an absolute one"
                raise ValueError(msg)
            return url
        try:
            ports = str(conninfo_to_dict(url).get("port") or "").split(",")
            known = all(port.isdigit() or not port for port in ports)
        except ProgrammingError:  # what it says may hold the password
            known = False
        if not known:
            msg = (
                "this can't be read as postgresql://USER@HOST:PORT/NAME?SETTING=VALUE; within a part of it "
                "what isn't a letter or digit is written as %XX"
            )
            raise ValueError(msg)
        return url

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_is_safe(cls, issuer: str | None) -> str | None:
        if issuer is None:
            return None
        url = urlsplit(issuer)
        if url.scheme != "https" and url.hostname not in {"127.0.0.1", "::1", "localhost"}:
            msg = "a provider is https://…; without TLS it is believed on this machine only"
            raise ValueError(msg)
        return issuer

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.environment is Environment.PRODUCTION and self.clock is ClockKind.SIMULATED:
            msg = "a simulated clock is for the demonstration and for tests: production refuses it"
            raise ValueError(msg)
        if (self.certificate_file is None) != (self.certificate_key_file is None):
            msg = "a certificate and its key belong together: set certificate_file and certificate_key_file"
            raise ValueError(msg)
        if self.workers > 1 and self.database.startswith(SQLITE):
            msg = "SQLite serves one process: set DISPATCH_DATABASE=postgresql://… for more workers"
            raise ValueError(msg)
        return self


def of_no_effect() -> Iterator[str]:
    """Give each name that is set and begins as the settings' names do, but is none; with the one meant."""
    known = [name.upper() for name in Settings.model_fields]
    given = {*os.environ, *DotEnvSettingsSource(Settings).env_vars}
    directory = os.environ.get(SECRETS_DIRECTORY)
    if directory:
        given |= {path.name for path in Path(directory).iterdir()}
    for name in sorted({one.upper() for one in given if one.upper().startswith(BEGINNING)}):
        said = name.removeprefix(BEGINNING)
        if said not in known and name != SECRETS_DIRECTORY:
            meant = [one for one in known if one.startswith(said)] or get_close_matches(said, known, 1, 0.75)
            yield f"{name} (did you mean {BEGINNING}{meant[0]}?)" if len(meant) == 1 else name
