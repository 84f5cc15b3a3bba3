"""`dispatch backup`: what is copied is what all files held at one moment, and can be put back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from dispatch.eventlog import open_log
from dispatch.service.clock import system_clock
from dispatch.service.outbox.store import Store as Outbox
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import Settings
from tests.integration.cli.conftest import Dispatch
from tests.unit.eventlog.making import append

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
APART = (".key-encryption-key", ".signing-key.pem", ".checkpoints", ".lock", ".views", "-wal", "-shm")


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@ON_SQLITE
def test_what_is_copied_while_others_write_is_what_all_files_held_at_one_moment(
    sqlite_url: str, dispatch: Dispatch, tmp_path: Path
) -> None:
    done = Event()
    started = Event()

    def write_on() -> None:
        """Append an event and follow it, again and again: the outbox is level with the log or one behind."""
        outbox = Outbox(sqlite_url)
        with open_log(sqlite_url, clock=system_clock) as log, closing(outbox):
            outbox.open(log.head)
            with closing(sqlite3.connect(f"{path_of(sqlite_url)}.outbox", timeout=30)) as followed:
                while not done.is_set():
                    last = log.append(append(f"s{log.head()}")).last
                    followed.execute("UPDATE taken SET position = ?", (last,))
                    followed.commit()
                    started.set()

    writer = Thread(target=write_on)
    writer.start()
    try:
        assert started.wait(60)
        for number in range(5):
            ran = dispatch("backup", tmp_path / f"copy{number}", "--database", sqlite_url, "--json")
            assert ran.status == 0, ran.err
            copy = tmp_path / f"copy{number}" / path_of(sqlite_url).name
            with open_log(f"sqlite:///{copy}", clock=system_clock) as log:
                head = log.head()
            assert ran.json == {"events": head, "backup": str(copy.parent)}
            with closing(Outbox(f"sqlite:///{copy}")) as outbox:
                assert outbox.followed() in {head, head - 1}
    finally:
        done.set()
        writer.join()


@ON_SQLITE
def test_it_holds_whatever_can_not_be_made_anew_and_verifies_where_it_is_put_back(
    sqlite_url: str, dispatch: Dispatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE", sqlite_url)
    open_runtime(Settings()).close()
    made = dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", "all", "--password", "--json")
    assert made.status == 0, made.err
    database = path_of(sqlite_url)
    # What beside the log is neither a key nor made from it again is found by its name, so that nothing is
    # forgotten that is added one day.
    found = {path.name for path in database.parent.glob(f"{database.name}*")}
    kept = {name for name in found if not any(part in name for part in APART)}
    assert dispatch("backup", tmp_path / "kept").status == 0
    assert {path.name for path in (tmp_path / "kept").iterdir()} == kept >= {f"{database.name}.sign-in"}
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "kept").iterdir()} == {0}

    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "kept", elsewhere)
    key = ".key-encryption-key"
    shutil.copy(f"{database}{key}", elsewhere / f"{database.name}{key}")
    ran = dispatch("verify", "--database", f"sqlite:///{elsewhere / database.name}", "--json")
    assert (ran.status, ran.json["whole"], ran.json["faults"]) == (0, True, [])
    assert (
        dispatch("accounts", "show", "desk", "--database", f"sqlite:///{elsewhere / database.name}").status
        == 0
    )


@ON_SQLITE
def test_it_is_never_written_over_anything_and_leaves_nothing_unfinished(
    sqlite_url: str, dispatch: Dispatch, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("s1"))
    ran = dispatch("backup", tmp_path / "there", "--database", sqlite_url)
    assert ran.status == 1
    assert f"dispatch: {tmp_path / 'there'} can't be used: File exists.\n" in ran.err
    other = tmp_path / "other.db"
    other.write_bytes(b"no database, long enough to be read as the head of one" * 20)
    ran = dispatch("backup", tmp_path / "copy", "--database", f"sqlite:///{other}")
    assert ran.status == 1
    assert "The backup can't be made, and nothing of it was left: SQLite: file is not a database." in ran.err
    assert not list(tmp_path.glob("copy*"))


@ON_POSTGRESQL
def test_postgresql_is_said_to_make_its_own(dispatch: Dispatch, tmp_path: Path) -> None:
    ran = dispatch("backup", tmp_path / "copy")
    assert ran.status == 1
    assert "pg_dump --format=custom" in ran.err
