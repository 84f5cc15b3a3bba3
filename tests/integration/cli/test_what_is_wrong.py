"""What can't be done is said in one sentence that tells what to do, whatever it was."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.integration.cli.conftest import Dispatch


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("accounts", "add", " ", "--role", "operator", "--scope", "all"), 1, "A name is missing"),
        (("accounts", "add", "X", "--role", "system", "--scope", "all"), 2, "'system' is no role"),
        (("figures", "--scope", "all", "--from", "2024-01-01", "--until", "2023-01-01"), 1, "ends before it"),
        (("figures", "--scope", "all", "--ids", "bogus"), 1, "There is no figure of that name"),
    ],
)
def test_a_request_that_nobody_can_mean(
    dispatch: Dispatch, arguments: tuple[str, ...], status: int, said: str
) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    ran = dispatch(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err


def test_a_place_where_no_database_can_be(dispatch: Dispatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path / 'file' / 'dispatch.db'}"
    ran = dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all", "--database", url)
    assert ran.status == 1
    assert f"{tmp_path / 'file'} can't be used" in ran.err


OF_NO_LOG = [
    ("verify", "--log-only"),
    ("replay",),
    ("export", "bundle"),
    ("accounts", "list"),
    ("accounts", "show", "desk"),
    ("accounts", "revoke", "desk"),
    ("outbox", "list"),
    ("outbox", "retry", "1-0~mail"),
    ("figures", "--scope", "all"),
    ("restate",),
    ("publish", "--scope", "all", "--period", "2023", "--title", "2023"),
    ("audit", "trail", "account:desk"),
    ("audit", "digest"),
    ("checkpoint",),
    ("rebuild",),
    ("personal", "wipe"),
]


@pytest.mark.parametrize("empty", [True, False])
def test_a_database_that_holds_no_log_is_left_as_it_is(
    dispatch: Dispatch, database: str, empty: bool, tmp_path: Path
) -> None:
    file = Path(database.removeprefix("sqlite:///"))
    if of_sqlite := database.startswith("sqlite"):
        file.touch()
        if not empty:
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("CREATE TABLE anything (at_all INTEGER)")
        before = file.read_bytes()
    there = set(tmp_path.iterdir())
    for arguments in OF_NO_LOG:
        ran = dispatch(*arguments)
        assert ran.status == 1
        assert ran.err.startswith("dispatch: The database holds no log; name the one that does")
        assert set(tmp_path.iterdir()) == there, arguments
        if of_sqlite:
            assert file.read_bytes() == before
        else:
            with psycopg.connect(database) as session:
                assert session.execute("SELECT to_regnamespace('dispatch_log')").fetchone() == (None,)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_of_another_program_gets_no_log(dispatch: Dispatch, database: str) -> None:
    file = Path(database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER)")
        connection.execute("CREATE TABLE anything (at_all INTEGER)")
    before = file.read_bytes()
    Path("ledger.csv").write_text("id,grid,reported\nA1,G1,2023-01-01\n")
    for arguments in (
        ("accounts", "add", "Desk", "--role", "operator", "--scope", "all"),
        ("import", "cases", "ledger.csv", "--town", "500115101", "--create-grids"),
        ("serve", "--port", "0"),
    ):
        ran = dispatch(*arguments)
        assert ran.status == 1
        assert (
            "dispatch: The database is another program's; name another (--database or DISPATCH_D" in ran.err
        )
        assert file.read_bytes() == before


def test_a_rehearsal_makes_no_log(dispatch: Dispatch, database: str) -> None:
    Path("ledger.csv").write_text("id,grid,reported\nA1,G1,2023-01-01\n")
    rehearsal = ("import", "cases", "ledger.csv", "--town", "500115101", "--create-grids", "--dry-run")
    assert dispatch(*rehearsal, "--json").json["imported"] == 1
    assert dispatch("accounts", "list").status == 1


FILES = [
    (None, "No such file or directory"),
    ("directory", "Is a directory"),
    (b"\xff\xfe", "it is no text"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("content", "why"), FILES)
def test_why_a_file_can_not_be_used_is_said_in_words(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, content: bytes | str | None, why: str
) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    given = Path("given")
    if isinstance(content, bytes):
        given.write_bytes(content)
    elif content:
        given.mkdir()
    for arguments, said in (
        (("verify", "--checkpoint", "given"), "given can't be read as a checkpoint: "),
        (("verify", "--key", "given"), "given can't be read as a public key: "),
        (("export", "--key", "given", "x.zip"), "given can't be read as a public key: "),
        (("personal", "rewrap", "--yes", "given"), "given can't be used: "),
    ):
        ran = dispatch(*arguments)
        assert (ran.status, ran.err) == (1, f"dispatch: {said}{why}.\n")
    monkeypatch.setenv("DISPATCH_FORMER_KEYS_FILE", "given")
    assert f"(file given; why {why})" in dispatch("checkpoint").err
    monkeypatch.delenv("DISPATCH_FORMER_KEYS_FILE")
    if content is not None:  # development makes one that isn't there
        monkeypatch.setenv("DISPATCH_SIGNING_KEY_FILE", "given")
        assert f"(why {why})" in dispatch("checkpoint").err
        monkeypatch.delenv("DISPATCH_SIGNING_KEY_FILE")
        monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY_FILE", "given")
        assert f"(why {why})" in dispatch("accounts", "revoke", "desk").err
        monkeypatch.delenv("DISPATCH_KEY_ENCRYPTION_KEY_FILE")
        monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", "given/within")
        ran = dispatch("checkpoint")
        if content != "directory":
            assert "be delivered: directory: Not a directory (given" in ran.err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("outbox", "list", "--state", "lost"), "'lost' is none of waiting, sending, sent, dead, discarded"),
        (("audit", "trail", "x", "--lang", "fr"), "'fr' is none of zh, en"),
        (("whatif", "--from", "2023-01-01", "--until", "2023-02-01", "--mode", "odd"), "'odd' is none of "),
        (("personal", "erase", "case:1", "--ground", "none"), "'none' is none of "),
    ],
)
def test_what_an_option_may_say_is_said(dispatch: Dispatch, arguments: tuple[str, ...], said: str) -> None:
    ran = dispatch(*arguments)
    assert ran.status == 2
    assert said in " ".join(ran.err.replace("│", " ").split())
    assert "Value error" not in ran.err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_policy_that_is_none_is_said_to_be_none(dispatch: Dispatch) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    whatif = ("whatif", "--from", "2023-01-01", "--until", "2023-02-01", "--policy", "policy.json")
    Path("policy.json").write_text('"none"')
    assert dispatch(*whatif).err == "dispatch: policy.json is no policy: Input should be an object.\n"


def test_settings_that_contradict_each_other(dispatch: Dispatch, sqlite_url: str) -> None:
    ran = dispatch("serve", "--workers", "2", "--database", sqlite_url)
    assert ran.status == 2
    assert "can't be used: SQLite serves one process" in ran.err


def test_nothing_to_list_is_said(dispatch: Dispatch) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    ran = dispatch("outbox", "list")
    assert (ran.status, ran.out, ran.err) == (0, "", "No delivery is dead.\n")


def test_a_bundle_is_never_written_over_another_file(dispatch: Dispatch, tmp_path: Path) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    (tmp_path / "bundle.zip").touch()
    ran = dispatch("export", "bundle.zip")
    assert ran.status == 1
    assert "The bundle bundle.zip can't be written: File exists." in ran.err


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("rights", "arguments", "denied"),
    [
        ("", ("accounts", "list"), "schema dispatch_log"),
        ("IN ROLE pg_read_all_data", ("accounts", "revoke", "desk"), "database dispatch_"),
        ("IN ROLE pg_read_all_data", ("outbox", "retry", "1-0~mail"), "database dispatch_"),
    ],
)
def test_a_right_that_the_database_does_not_give_is_named(
    dispatch: Dispatch, database: str, rights: str, arguments: tuple[str, ...], denied: str
) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    role = f"weak_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as session:
        session.execute(sql.SQL("CREATE ROLE {} LOGIN " + rights).format(sql.Identifier(role)))
        try:
            ran = dispatch(*arguments, "--database", database.replace("postgres@", f"{role}@", 1))
        finally:
            session.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    assert ran.status == 1
    assert f"The database doesn't let the role of its URL do this: permission denied for {denied}" in ran.err
    assert "CREATE SCHEMA" not in ran.err


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_may_only_read_lists_what_could_not_be_delivered(dispatch: Dispatch, database: str) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all")
    role = sql.Identifier(f"reader_{uuid4().hex}")
    with psycopg.connect(database, autocommit=True) as session:
        session.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE pg_read_all_data").format(role))
        try:
            url = database.replace("postgres@", f"{role.as_string(session)[1:-1]}@", 1)
            ran = dispatch("outbox", "list", "--database", url)
        finally:
            session.execute(sql.SQL("DROP ROLE {}").format(role))
    assert (ran.status, ran.out, ran.err) == (0, "", "No delivery is dead.\n")


def test_an_error_of_the_database_that_nobody_foresaw_is_no_traceback(
    dispatch: Dispatch, sqlite_url: str, tmp_path: Path
) -> None:
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all", "--database", sqlite_url)
    (tmp_path / "dispatch.db.outbox").write_text("garbage, long enough to be the head of a file" * 20)
    ran = dispatch("outbox", "list", "--database", sqlite_url)
    assert ran.status == 1
    assert "dispatch: The database can't be used: SQLite: file is not a database. Put a backup in" in ran.err
