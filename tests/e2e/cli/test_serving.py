"""`dispatch serve` as a process: it says its address, works beside other commands, and stops gracefully."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from dispatch.eventlog import open_log
from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.clock import system_clock
from tests.unit.eventlog.making import append

PROGRAM = (sys.executable, "-c", "from dispatch.cli import main; main()")
PATIENCE = 60


def dispatch(database: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    # What the run of tests itself sets there is no setting of the service.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")}
    environment |= {"DISPATCH_DATABASE": database}
    environment |= {f"DISPATCH_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False
    )


@contextmanager
def serving(database: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve on a free port for the length of a block; gives the process and its address."""
    command = [*PROGRAM, "serve", "--port", "0", *options]
    environment = os.environ | {"DISPATCH_DATABASE": database}
    with subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "Serving http://" not in said:
                said = process.stderr.readline()
                assert said, "the service ended before it served"
            yield process, said.split()[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def get(address: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def test_it_says_its_address_and_lets_in_an_account_made_meanwhile(database: str, tmp_path: Path) -> None:
    with serving(database) as (process, address):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{address}/me")
        made = dispatch(
            database, "accounts", "add", "Desk", "--role", "operator", "--scope", "500115101", "--json"
        )
        token = json.loads(made.stdout)["token"]
        assert get(f"{address}/me", token)["account"] == "desk"
        (tmp_path / "one.csv").write_text("id,grid,reported\nA1,G1,2023-01-01\n")
        taken = dispatch(
            database,
            "import",
            "cases",
            str(tmp_path / "one.csv"),
            "--town",
            "500115101",
            "--create-grids",
            "--json",
        )
        assert json.loads(taken.stdout)["imported"] == 1, taken.stderr
        figures = dispatch(database, "figures", "--scope", "500115101", "--json")
        assert json.loads(figures.stdout)["figures"]["closure_rate"]["denominator"] == 1
    assert process.returncode == 0


def test_a_second_process_on_sqlite_is_refused_and_told_why(sqlite_url: str) -> None:
    with serving(sqlite_url):
        for command in (("serve", "--port", "0"), ("rebuild",)):
            second = dispatch(sqlite_url, *command)
            assert second.returncode == 1
            assert "SQLite serves one process at a time" in second.stderr
            assert "Traceback" not in second.stderr
    assert dispatch(sqlite_url, "rebuild").returncode == 0


def test_several_processes_serve_one_postgresql(postgres_url: str) -> None:
    with serving(postgres_url, "--workers", "2") as (process, address):
        made = dispatch(
            postgres_url, "accounts", "add", "Desk", "--role", "operator", "--scope", "all", "--json"
        )
        token = json.loads(made.stdout)["token"]
        assert all(get(f"{address}/me", token)["account"] == "desk" for _ in range(10))
        assert dispatch(postgres_url, "rebuild", "--json").returncode == 0
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--workers", "2"), 2, "SQLite serves one process"),
        (("--port", "70000"), 2, "less than or equal to 65535"),
        (("--host", "203.0.113.7"), 1, "can't listen at that address"),
        (("--database", "mysql://somewhere"), 2, "sqlite:///PATH or postgresql://"),
    ],
)
def test_what_can_not_be_served_is_said_in_one_sentence(
    sqlite_url: str, options: tuple[str, ...], status: int, said: str
) -> None:
    ran = dispatch(sqlite_url, "serve", "--port", "0", *options)
    assert ran.returncode == status
    assert said in " ".join(ran.stderr.replace("│", " ").split())
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("setting", "text", "said"),
    [
        ("signing_key", "rubbish", "The signing key of the checkpoints can't be used"),
        ("signer", "nowhere:sign", "What is to sign the checkpoints, DISPATCH_SIGNER=MODULE:FUNCTION"),
        ("former_keys_file", None, "The former keys of the checkpoints can't be used"),
        ("channels_file", None, "The file of channels, DISPATCH_CHANNELS_FILE, can't be used"),
        ("channels_file", "mail = = x", "(file {file}; error Invalid value (at line 1, column 8))"),
        ("channels_file", 'pigeon = "pigeon://loft"', "(file {file}; channel pigeon)"),
        (
            "secrets_directory",
            None,
            "{file} can't be used: DISPATCH_SECRETS_DIRECTORY names no directory that is there",
        ),
        (
            "secrets_directory",
            "no directory",
            "{file} can't be used: DISPATCH_SECRETS_DIRECTORY names no directory that is there",
        ),
        (
            "oidc_client_secret_file",
            None,
            "{file} can't be used: No such file or directory",
        ),
    ],
)
def test_a_setting_that_can_not_be_used_is_said_before_anything_is_served(
    sqlite_url: str, tmp_path: Path, setting: str, text: str | None, said: str
) -> None:
    value: object = text
    if setting.endswith(("_file", "_directory")):
        value = tmp_path / "given"
        if text is not None:
            secret(tmp_path / "given", text)
    ran = dispatch(
        sqlite_url, "serve", "--port", "0", oidc_issuer="https://provider.example", **{setting: value}
    )
    refused(ran, said.format(file=value))


@pytest.mark.parametrize("content", [b"no certificate", None])
def test_a_certificate_that_can_not_be_used_is_named(
    sqlite_url: str, tmp_path: Path, content: bytes | None
) -> None:
    given = tmp_path / "given"
    given.mkdir() if content is None else given.write_bytes(content)
    given.chmod(0o700)
    ran = dispatch(sqlite_url, "serve", "--port", "0", certificate_file=given, certificate_key_file=given)
    refused(
        ran,
        f"HTTPS can't be served with DISPATCH_CERTIFICATE_FILE and DISPATCH_CERTIFICATE_KEY_FILE as "
        f"they are. (file {given}",
    )


def test_a_name_that_no_setting_has_is_said_to_have_no_effect(sqlite_url: str) -> None:
    nowhere = ("--host", "203.0.113.7", "--port", "0")  # not this machine's: it ends here
    ran = dispatch(sqlite_url, "serve", *nowhere, checkpoint_dir="/mnt/outside", parrot="1")
    assert (
        "Of no effect, as no setting is called so: DISPATCH_CHECKPOINT_DIR (did you mean "
        "DISPATCH_CHECKPOINT_DIRECTORY?), DISPATCH_PARROT\n"
    ) in ran.stderr


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_pages_is_said_to_have_none(sqlite_url: str, tmp_path: Path, there: bool) -> None:
    nowhere = ("--host", "203.0.113.7", "--port", "0")  # not this machine's: it ends here
    webroot = tmp_path / "webroot"
    if there:
        webroot.mkdir()
    ran = dispatch(sqlite_url, "serve", *nowhere, webroot=webroot)
    assert (
        f"There are no built pages in {webroot}, which DISPATCH_WEBROOT names: only the API is se"
        in ran.stderr
    )
    (webroot / "ui").mkdir(parents=True)
    (webroot / "ui" / "index.html").touch()
    assert "no built pages" not in dispatch(sqlite_url, "serve", *nowhere, webroot=webroot).stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_away_ends_a_start_in_one_sentence(workers: str) -> None:
    ran = dispatch("postgresql://nobody@127.0.0.1:1/none", "serve", "--port", "0", "--workers", workers)
    refused(ran, "The database is away: PostgreSQL: connection failed")
    assert "Connection refused" in ran.stderr


@pytest.mark.parametrize(
    ("rights", "lacks", "workers"),
    [
        ("IN ROLE pg_read_all_data", "lacks CREATE on the database dispatch_", "1"),
        ("IN ROLE pg_read_all_data", ", INSERT on dispatch_log.events, ", "2"),
        ("SUPERUSER", "lacks a session that may write", "1"),
    ],
)
def test_a_role_that_may_only_read_is_told_what_it_lacks_before_anything_is_served(
    postgres_url: str, rights: str, lacks: str, workers: str
) -> None:
    dispatch(postgres_url, "accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    role = f"reader_{uuid4().hex}"
    name = sql.Identifier(role)
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(sql.SQL("CREATE ROLE {} LOGIN " + rights).format(name))
        if rights == "SUPERUSER":
            session.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name))
        try:
            url = postgres_url.replace("postgres@", f"{role}@", 1)
            ran = dispatch(url, "serve", "--port", "0", "--workers", workers)
        finally:
            session.execute(sql.SQL("DROP ROLE {}").format(name))
    refused(ran, "The service can't write this database: grant its role what is named, or use the service's")
    assert lacks in ran.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nobody@", 'role "nobody" does not exist'),
        ("postgres:not-to-be-told@nowhere", 'database "nowhere" does not exist'),
    ],
)
def test_a_server_that_lets_nobody_in_is_not_away(postgres_url: str, url: str, said: str) -> None:
    role, _, name = url.partition("@")
    given = postgres_url.replace("postgres@", f"{role}@", 1)
    if name:
        given = urlsplit(given)._replace(path=f"/{name}").geturl()
    ran = dispatch(given, "serve", "--port", "0")
    refused(
        ran, f"PostgreSQL lets nobody in so: {said}. Name a role, a database and a password that it takes"
    )
    assert "not-to-be-told" not in ran.stderr


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "town.db").write_text("garbage, long enough to be read as the head of a file" * 10)
    ran = dispatch(f"sqlite:///{tmp_path / 'town.db'}", "serve", "--port", "0")
    refused(ran, "The database can't be used: SQLite: file is not a database. Put a backup in its place, or")


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def refused(ran: subprocess.CompletedProcess[str], said: str) -> None:
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1, ran.stderr


def test_production_refuses_keys_that_others_may_read_and_plain_http_to_others(
    sqlite_url: str, tmp_path: Path
) -> None:
    keys = {
        "signing_key_file": secret(tmp_path / "signing.pem", new_pem()),
        "key_encryption_key_file": secret(tmp_path / "root", new_root()),
    }
    for path in keys.values():
        path.chmod(0o640)
        ran = dispatch(sqlite_url, "serve", "--port", "0", environment="production", **keys)
        refused(ran, f"chmod 600 it, and change it if they have. (file {path})")
        path.chmod(0o600)
    ran = dispatch(sqlite_url, "serve", "--port", "0", "--host", "0.0.0.0", environment="production", **keys)
    refused(ran, "name the proxy that does HTTPS. (host 0.0.0.0; settings DISPATCH_CERTIFICATE_FILE, ")


def test_production_refuses_the_keys_that_development_left_beside_the_database(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    given: dict[str, Path] = {}
    for suffix, setting, text in (
        (".signing-key.pem", "signing_key_file", new_pem()),
        (".key-encryption-key", "key_encryption_key_file", new_root()),
    ):
        beside = secret(database.with_name(f"{database.name}{suffix}"), text)
        ran = dispatch(sqlite_url, "serve", "--port", "0", environment="production", **given)
        refused(ran, f"set DISPATCH_{setting.upper()} to it. (file {beside})")
        given[setting] = beside.rename(tmp_path / setting)


def test_development_serves_so_and_says_what_production_would_not(sqlite_url: str, tmp_path: Path) -> None:
    key = secret(tmp_path / "signing.pem", new_pem(), 0o644)
    options = ("--host", "203.0.113.7", "--port", "0")  # not this machine's: it ends here
    ran = dispatch(sqlite_url, "serve", *options, signing_key_file=key)
    warned, plain, ended = ran.stderr.splitlines()
    assert warned.startswith("Production would refuse this: A file with a key can be read by others")
    assert plain.startswith("Production would refuse this: Passwords would cross the network in clear")
    assert "can't listen" in ended


def test_another_key_encryption_key_than_the_log_s_is_said_in_one_sentence(
    sqlite_url: str, tmp_path: Path
) -> None:
    own = Vault(new_root())
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(replace(append("case:1"), keys=(own.wrap(own.new_key("case:1")),)))
    wrong = secret(tmp_path / "wrong", new_root())
    ran = dispatch(sqlite_url, "serve", "--port", "0", key_encryption_key_file=wrong)
    refused(ran, "The key-encryption key isn't the one that the personal data in this database is kept under")


def test_the_database_s_files_are_for_their_owner_only(sqlite_url: str) -> None:
    with serving(sqlite_url) as (_, address):
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        assert get(f"{address.removesuffix('/api/v1')}/healthz")
        found = {one.name: one.stat().st_mode & 0o777 for one in path.parent.glob(f"{path.name}*")}
    secret = {name: mode for name, mode in found.items() if not name.endswith((".lock", ".views"))}
    assert {path.name, f"{path.name}-wal", f"{path.name}.views-1"} <= set(secret)
    assert {name: oct(mode) for name, mode in secret.items() if mode & 0o077} == {}
