"""`dispatch checkpoint`, `export` and `verify` at a terminal, and the bundle's own program."""

import gzip
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from dispatch.eventlog import open_log
from dispatch.eventlog.checkpoints.signer import Ed25519Signer, new_pem
from dispatch.eventlog.stream_check import hidden
from dispatch.service.clock import system_clock
from dispatch.service.outbox.store import Store as Outbox
from dispatch.service.photos.store import Store as Photos
from dispatch.service.sign_in.store import SecretStore
from tests.faults.proofs.tampering import Attacker
from tests.unit.eventlog.making import append

UNCOMPARED = "its tables' definitions could not be compared"
SLOW_SCHEMAS = """
CREATE FUNCTION public.await_lock() RETURNS event_trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); END $$;
CREATE EVENT TRIGGER slow_schemas ON ddl_command_start WHEN TAG IN ('CREATE SCHEMA')
EXECUTE FUNCTION public.await_lock()
"""


def dispatch(*arguments: str, database: str, status: int = 0) -> str:
    """Run the program; returns its stdout."""
    program = Path(sys.executable).with_name("dispatch")
    command = [str(program), *arguments, "--database", database]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def verifier(bundle: Path, *arguments: str, status: int = 0, isolated: bool = False) -> str:
    """Run a bundle's own verifier, in a Python that sees no installed library if `isolated`."""
    program = Path(bundle) / "verify_bundle.py"
    if not program.exists():
        program = bundle.parent / "verify_bundle.py"
    options = ["-I", "-S"] if isolated else []
    command = [sys.executable, *options, str(program), str(bundle), "--language", "en", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def filled(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", str(tmp_path / "checkpoints"))
    with open_log(database, clock=system_clock) as log:
        for n in range(20):
            log.append(append(f"s{n}", events=5))
    return database


def test_no_stored_text_paints_on_the_terminal_of_who_verifies(filled: str, tmp_path: Path) -> None:
    painted = "other\x1b[8m\x9b8m\u202e"
    note = dispatch("checkpoint", database=filled)
    outside = tmp_path / "outside.checkpoint"
    outside.write_text(f"{painted}\n{note.partition(chr(10))[2]}", encoding="utf-8")
    asked = ("verify", "--log-only", "--checkpoint", str(outside))
    said = dispatch(*asked, database=filled, status=1)
    answer = dispatch(*asked, "--json", database=filled, status=1)
    assert r"is of another log, other\x1b[8m\x9b8m\u202e" in said
    assert json.loads(answer)["faults"][0]["what"].endswith(f"is of another log, {painted}")
    assert said.replace("\n", "").isprintable()
    assert answer.removesuffix("\n").isprintable()


def test_a_whole_log_verifies_from_checkpoint_to_bundle(filled: str, tmp_path: Path) -> None:
    note = dispatch("checkpoint", database=filled)
    assert note.startswith("dispatch.local/log\n100\n")
    assert dispatch("checkpoint", database=filled) == note
    outside = tmp_path / "outside.checkpoint"
    outside.write_text(note)
    assert [path.read_text() for path in (tmp_path / "checkpoints").iterdir()] == [note]

    answer = json.loads(
        dispatch("verify", "--json", "--log-only", "--checkpoint", str(outside), database=filled)
    )
    assert (answer["whole"], answer["events"], answer["faults"]) == (True, 100, [])

    key = tmp_path / "key"
    key.write_text(json.loads(dispatch("checkpoint", "--json", database=filled))["key"])
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    said = verifier(bundle, "--checkpoint", str(outside), "--key", str(key))
    assert "whole" in said
    assert "NOT" not in said
    assert {path.name for path in bundle.iterdir()} == {
        "README.md", "bundle.json", "checkpoints", "events", "key.txt", "verify_bundle.py",
    }  # fmt: skip


def test_without_a_checkpoint_from_outside_it_says_so(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside.checkpoint"
    outside.write_text(dispatch("checkpoint", database=filled))

    def unchecked(*options: str) -> list[str]:
        answer = json.loads(dispatch("verify", "--json", "--log-only", *options, database=filled))
        return [one for one in answer["unchecked"] if "from outside" in one]

    assert unchecked() == []
    nowhere = tmp_path / "not-mounted"
    monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", str(nowhere))
    for _ in range(2):
        assert unchecked() == [f"any checkpoint from outside: none was given, and none is in {nowhere}"]
        assert unchecked("--checkpoint", str(outside)) == []
        nowhere.mkdir(exist_ok=True)
    assert f"none is in {nowhere}" in dispatch("verify", "--log-only", database=filled).replace("\n", " ")


def test_an_export_that_cant_be_leaves_no_file(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "log.zip"
    dispatch("export", "--until", "101", str(bundle), database=filled, status=1)
    with monkeypatch.context() as production:
        production.setenv("DISPATCH_ENVIRONMENT", "production")
        production.setenv("DISPATCH_SIGNING_KEY_FILE", str(tmp_path / "nowhere"))
        dispatch("export", str(bundle), database=filled, status=1)
    assert not bundle.exists()
    dispatch("export", "--until", "100", str(bundle), database=filled)


def test_a_verifier_without_the_library_says_that_it_could_not_check_signatures(
    filled: str, tmp_path: Path
) -> None:
    dispatch("checkpoint", database=filled)
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    said = verifier(bundle, isolated=True)
    assert "signatures could NOT be checked" in said
    assert "signatures are checked" not in said
    assert "no checkpoint from outside was given" in said


def test_another_signer_is_used_all_the_way_and_a_verifier_that_does_not_know_its_key_says_so(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCH_SIGNER", "tests.unit.eventlog.other_signer:make")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    assert "dispatch.local/log" in dispatch("checkpoint", database=filled)
    assert json.loads(dispatch("verify", "--json", "--log-only", database=filled))["faults"] == []
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    said = verifier(bundle)
    assert "signatures could NOT be checked: the key is not one of Ed25519" in said
    monkeypatch.setenv("DISPATCH_SIGNER", "tests.nowhere:make")
    dispatch("checkpoint", database=filled, status=1)


def test_a_bundle_may_be_a_zip_file_and_end_earlier(filled: str, tmp_path: Path) -> None:
    dispatch("checkpoint", database=filled)
    dispatch("export", "--until", "64", str(tmp_path / "log.zip"), database=filled)
    dispatch("export", str(tmp_path / "whole"), database=filled)
    (tmp_path / "verify_bundle.py").write_bytes((tmp_path / "whole" / "verify_bundle.py").read_bytes())
    said = verifier(tmp_path / "log.zip")
    assert said.startswith("64 events, 0 checkpoints")
    assert "NOTHING signed speaks for positions 1 to 64" in said
    assert verifier(tmp_path / "log.zip", "--language", "zh").startswith("64 条记录，0 个检查点")
    checkpoint = next((tmp_path / "checkpoints").iterdir())
    said = verifier(tmp_path / "log.zip", "--checkpoint", str(checkpoint), status=1)
    assert "position 65: missing" in said
    assert "NOT WHOLE" in said


def test_a_changed_byte_of_the_database_is_named_with_its_position(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("a", events=40))
    dispatch("checkpoint", database=sqlite_url)
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("DROP TRIGGER events_no_update")
    connection.execute(
        "UPDATE events SET state = CAST(replace(state, 'meta', 'mete') AS BLOB) WHERE position = 17"
    )
    connection.close()
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=sqlite_url, status=1))
    assert [fault["position"] for fault in answer["faults"]] == [0, 17]
    assert answer["faults"][0]["what"] == "the trigger events_no_update isn't the one that this program makes"
    assert "position 17: the event, or its leaf, was changed" in dispatch(
        "verify", "--log-only", database=sqlite_url, status=1
    )


def test_an_event_that_is_hidden_from_who_asks_for_its_stream_is_told(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / sqlite_url.removeprefix("sqlite:///")
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("account:a", events=3))
        log.append(append("account:b", events=3))
    dispatch("checkpoint", database=sqlite_url)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    # An index entry holds the stream's name, its version in one byte (by its type) and the position.
    entry = b"account:b\x03\x06"
    whole = path.read_bytes()
    assert whole.count(entry) == 1
    path.write_bytes(whole.replace(entry, b"account:c\x03\x06"))
    with open_log(sqlite_url, clock=system_clock) as log:
        assert [one.version for one in log.read_stream("account:b")] == [1, 2]
        assert hidden(log) == ["account:b"]
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=sqlite_url, status=1))
    told = [fault["what"] for fault in answer["faults"]]
    assert "whoever asks for account:b isn't given the events that the log holds of it" in told
    assert any("row 6 missing from index" in what for what in told)
    # Nor does a service begin to work with it, lest an account that was ended be let in again.
    program = Path(sys.executable).with_name("dispatch")
    command = [str(program), "serve", "--port", "0", "--database", sqlite_url]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, "hides events that say who may what" in ended.stderr) == (1, True), ended.stderr
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("REINDEX events")
    connection.close()
    with open_log(sqlite_url, clock=system_clock) as log:
        assert hidden(log) == []


def test_what_of_a_damaged_file_can_be_read_is_told_with_where_it_ends(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_log(sqlite_url, clock=system_clock) as log:
        for stream, events in (("a", 200), ("one-between", 1), ("c", 200)):
            log.append(append(stream, events=events))
    path = tmp_path / sqlite_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    pages = range(0, len(content), 4096)
    [leaf] = [at for at in pages if content[at] == 0x0D and b"one-between" in content[at : at + 4096]]
    content[leaf] = 0
    path.write_bytes(content)
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=sqlite_url, status=1))
    told = [fault["what"] for fault in answer["faults"]]
    assert any(what.startswith("from here on it can't be read: ") for what in told), told


def as_sqlite_s_own(name: str) -> str:
    """Return the SQL that gives a part of the schema a name that SQLite keeps for itself."""
    return (
        f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = 'sqlite_{name}', "
        f"tbl_name = replace(tbl_name, '{name}', 'sqlite_{name}'), "
        f"sql = replace(sql, '{name}', 'sqlite_{name}') WHERE name = '{name}'"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            (
                "ALTER TABLE dispatch_log.events DISABLE TRIGGER append_only",
                "DROP TRIGGER events_no_delete",
            ),
            ("the trigger append_only of events", "the trigger events_no_delete"),
        ),
        (
            (
                (
                    "CREATE OR REPLACE FUNCTION dispatch_log.refuse_change() RETURNS trigger "
                    "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
                ),
                "DROP VIEW events_readable",
            ),
            ("the function refuse_change", "the view events_readable"),
        ),
        (
            (
                "CREATE RULE quiet AS ON INSERT TO dispatch_log.subject_keys DO INSTEAD NOTHING",
                "CREATE TRIGGER more AFTER INSERT ON subject_keys BEGIN DELETE FROM subject_keys; END",
            ),
            ("the rule quiet of subject_keys", "the trigger more"),
        ),
        (
            (
                (
                    "CREATE OR REPLACE VIEW dispatch_log.events_readable AS "
                    "SELECT position, stream, version, 'task.closed' COLLATE \"C\" AS name, "
                    "timestamptz 'epoch' AS at, timestamptz 'epoch' AS recorded_at, '{}'::json AS state "
                    "FROM dispatch_log.events"
                ),
                "CREATE TABLE more (what TEXT) STRICT",
            ),
            ("the view events_readable", "the table more"),
        ),
        (
            (
                "ALTER TABLE dispatch_log.commands DROP CONSTRAINT commands_pkey",
                "CREATE UNIQUE INDEX more ON events (stream, position)",
            ),
            ("the constraint commands_pkey of commands", "the index more"),
        ),
        (
            ("ALTER TABLE dispatch_log.nodes SET UNLOGGED", "CREATE VIEW more AS SELECT 1"),
            ("the table nodes", "the view more"),
        ),
        (
            (
                ('CREATE TABLE public.hold (subject text COLLATE "C" REFERENCES dispatch_log.subject_keys)'),
                "CREATE TABLE hold (subject); " + as_sqlite_s_own("hold"),
            ),
            ("the foreign key hold_subject_fkey of hold", "the table sqlite_hold"),
        ),
        (
            (
                (
                    "CREATE FUNCTION public.ended() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
                    "CREATE EVENT TRIGGER more ON ddl_command_end EXECUTE FUNCTION public.ended()"
                ),
                "CREATE TABLE stat1 (what); " + as_sqlite_s_own("stat1"),
            ),
            ("the event trigger more", "the table sqlite_stat1"),
        ),
    ],
)
def test_what_keeps_the_log_from_being_changed_is_looked_at(
    filled: str, change: tuple[str, str], told: tuple[str, str]
) -> None:
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=filled))
    assert answer["faults"] == []
    embedded = filled.startswith("sqlite")
    if embedded:
        connection = sqlite3.connect(filled.removeprefix("sqlite:///"), isolation_level=None)
        connection.executescript(change[embedded])
        connection.close()
    else:
        with psycopg.connect(filled, autocommit=True) as session:
            session.execute(change[embedded].encode())
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=filled, status=1))
    # A constraint that is gone takes its index along, and a foreign key brings triggers.
    along = ("the index commands_", "the trigger RI_")
    what = [fault["what"] for fault in answer["faults"] if not fault["what"].startswith(along)]
    assert len(what) == 1
    assert what[0].startswith(told[embedded])


def test_a_trigger_on_what_lies_beside_the_log_is_named(filled: str) -> None:
    with closing(Photos(filled)) as photos, closing(Outbox(filled)) as outbox:
        photos.open(0)
        outbox.open(lambda: 0)
    SecretStore(filled).close()
    dispatch("rebuild", database=filled)
    assert json.loads(dispatch("verify", "--json", database=filled))["faults"] == []
    tables = {"photos": "followed", "sign-in": "factors", "outbox": "deliveries", "views-1": "tasks"}
    if filled.startswith("sqlite"):
        path = Path(filled.removeprefix("sqlite:///"))
        for name, table in tables.items():
            connection = sqlite3.connect(f"{path}.{name}", isolation_level=None)
            connection.execute(
                f"CREATE TRIGGER quiet BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"
            )
            connection.executescript(as_sqlite_s_own("quiet"))
            connection.close()
        triggers = {f"{path.name}.{name}: the trigger sqlite_quiet" for name in tables}
    else:
        tables = {f"dispatch_{name.replace('-', '_')}": table for name, table in tables.items()}
        with psycopg.connect(filled, autocommit=True) as session:
            session.execute("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")
            for schema, table in tables.items():
                on = sql.Identifier(schema, table)
                quiet = "CREATE TRIGGER quiet BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION nothing()"
                session.execute(sql.SQL(quiet).format(on))
            session.execute("SET allow_system_table_mods = on")
            session.execute("UPDATE pg_trigger SET tgisinternal = true WHERE tgname = 'quiet'")
        triggers = {f"{schema}: the trigger quiet of {table}" for schema, table in tables.items()}
    found = json.loads(dispatch("verify", "--json", database=filled, status=1))["faults"]
    assert {fault["what"] for fault in found} == {
        f"{one} isn't the one that this program makes" for one in triggers
    }


def test_who_else_may_change_what_is_kept_and_what_rows_are_hidden_is_named(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_log(postgres_url, clock=system_clock) as log:
        log.append(append("a", events=2))
    SecretStore(postgres_url).close()
    dispatch("rebuild", database=postgres_url)
    other = f"other_{postgres_url.partition('?')[0][-32:]}"
    with psycopg.connect(postgres_url, autocommit=True) as session:
        [owner] = session.execute("SELECT current_user").fetchone() or ()

        def each(statements: str) -> None:
            for statement in statements.splitlines():
                session.execute(sql.SQL(statement).format(other=sql.Identifier(other)))

        each("CREATE ROLE {other}")
        # Whoever reports on what is in the log may read it, and its read models; what is secret may not be.
        each(
            """GRANT USAGE ON SCHEMA dispatch_log, dispatch_views_1 TO {other}
GRANT SELECT ON dispatch_log.events, dispatch_log.checkpoints TO {other}
GRANT SELECT ON ALL TABLES IN SCHEMA dispatch_views_1 TO {other}"""
        )
        assert json.loads(dispatch("verify", "--json", database=postgres_url))["faults"] == []
        each(
            """ALTER TABLE dispatch_views_1.cases ENABLE ROW LEVEL SECURITY
ALTER TABLE dispatch_views_1.tasks FORCE ROW LEVEL SECURITY
CREATE POLICY hidden ON dispatch_views_1.visits USING (false)
ALTER TABLE dispatch_log.events OWNER TO {other}
GRANT SELECT, UPDATE ON dispatch_log.subject_keys TO PUBLIC
GRANT INSERT, DELETE, TRUNCATE ON dispatch_log.commands TO {other}
GRANT UPDATE (note) ON dispatch_log.checkpoints TO {other}
GRANT SELECT ON dispatch_sign_in.passwords TO {other}
GRANT CREATE ON SCHEMA dispatch_log TO {other}
ALTER FUNCTION dispatch_log.refuse_change OWNER TO {other}"""
        )
        found = json.loads(dispatch("verify", "--json", database=postgres_url, status=1))["faults"]
        each("DROP OWNED BY {other} CASCADE\nDROP ROLE {other}")
    assert sorted(fault["what"] for fault in found if "isn't the one" not in fault["what"]) == [
        "dispatch_log.checkpoints: its owner's right to UPDATE is also held by " + other,
        "dispatch_log.commands: its owner's right to DELETE, INSERT, TRUNCATE is also held by " + other,
        f"dispatch_log.events: it belongs to {other}, and the schema to {owner}",
        f"dispatch_log.refuse_change: it belongs to {other}, and the schema to {owner}",
        "dispatch_log.subject_keys: its owner's right to SELECT, UPDATE is also held by everybody",
        "dispatch_log: its owner's right to CREATE is also held by " + other,
        "dispatch_sign_in.passwords: its owner's right to SELECT is also held by " + other,
        "dispatch_views_1.cases: it has row security, of which this program makes none",
        "dispatch_views_1.tasks: it has row security, of which this program makes none",
        "dispatch_views_1.visits: it has row security, of which this program makes none",
    ]


def test_a_table_beside_the_log_that_an_update_is_to_bring_is_no_fault(filled: str) -> None:
    SecretStore(filled).close()
    if filled.startswith("sqlite"):
        with closing(sqlite3.connect(f"{filled.removeprefix('sqlite:///')}.sign-in")) as connection:
            connection.execute("DROP TABLE known_browsers")
    else:
        with psycopg.connect(filled, autocommit=True) as session:
            session.execute("DROP TABLE dispatch_sign_in.known_browsers")
    assert json.loads(dispatch("verify", "--json", "--log-only", database=filled))["faults"] == []


@pytest.fixture
def reading(postgres_url: str) -> Iterator[str]:
    """The same database for a role that may read everything in it and nothing else."""
    role = f"reading_{postgres_url.partition('?')[0][-32:]}"
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE pg_read_all_data").format(sql.Identifier(role)))
        yield postgres_url.replace("//postgres@", f"//{role}@")
        session.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role)))


def test_an_auditor_verifies_with_the_public_key_and_the_right_to_read(
    postgres_url: str, reading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_log(postgres_url, clock=system_clock) as log:
        log.append(append("a", events=2))
    key = tmp_path / "key"
    key.write_text(json.loads(dispatch("checkpoint", "--json", database=postgres_url))["key"])
    [outside] = tmp_path.glob("var/*.checkpoints/*.checkpoint")
    dispatch("rebuild", database=postgres_url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("DISPATCH_ENVIRONMENT", "production")
    kept = ("--key", str(key), "--checkpoint", str(outside))
    answer = json.loads(dispatch("verify", "--json", *kept, database=reading))
    assert (answer["whole"], answer["faults"]) == (True, [])
    assert answer["keys"] == [{"key": key.read_text(), "first": 2, "last": 2}]
    assert answer["read_models"]["remark"] is None
    assert answer["unchecked"] == [
        "without the key-encryption key: whether keys open their texts, and telephones' digests",
        "without the right to make schemas (CREATE on the database): definitions of tables and triggers",
    ]
    assert "Not looked at without the right to make schemas" in dispatch(
        "verify", "--key", str(key), database=reading
    )
    dispatch("export", "--key", str(key), str(tmp_path / "bundle"), database=reading)
    assert list(elsewhere.iterdir()) == []
    said = verifier(tmp_path / "bundle", "--key", str(key))
    assert "signatures are checked" not in said
    assert "NOT" not in said


def test_verifying_makes_no_key_and_says_that_signatures_were_not_looked_at(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    key.write_text(json.loads(dispatch("checkpoint", "--json", database=filled))["key"])
    [private] = tmp_path.rglob("*.signing-key.pem")
    private.unlink()
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=filled))
    assert (
        "without the log's key, whose public half --key takes: signatures of checkpoints"
        in answer["unchecked"]
    )
    assert answer["faults"] == answer["keys"] == []
    answer = json.loads(dispatch("verify", "--json", "--log-only", "--key", str(key), database=filled))
    assert answer["keys"] == [{"key": key.read_text(), "first": 100, "last": 100}]
    # What is in an export as key.txt names former keys, too: each is believed in its time.
    former = f"{key.read_text()} 99"
    other = Ed25519Signer.from_pem("dispatch.local/log", new_pem()).key
    key.write_text(f"{other}\n{former}\n")
    answer = json.loads(
        dispatch("verify", "--json", "--log-only", "--key", str(key), database=filled, status=1)
    )
    told = {fault["what"] for fault in answer["faults"]}
    assert all(one.endswith("is not signed by this log's key of its time") for one in told)
    assert len(told) == 1
    key.write_text(f"{other}\n{former.replace(' 99', ' 100')}\n")
    dispatch("verify", "--log-only", "--key", str(key), database=filled)
    key.write_text("no key\n")
    dispatch("verify", "--log-only", "--key", str(key), database=filled, status=1)
    assert list(tmp_path.rglob("*.signing-key.pem")) == []


def test_definitions_that_take_too_long_to_compare_are_said_not_to_be_compared(postgres_url: str) -> None:
    with open_log(postgres_url, clock=system_clock) as log:
        log.append(append("a", events=2))
    # A catalogue that is locked would now and then keep new sessions out, too.
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(SLOW_SCHEMAS)
        session.execute("SELECT pg_advisory_lock(42)")
        answer = json.loads(dispatch("verify", "--json", "--log-only", database=postgres_url, status=1))
    [what] = [fault["what"] for fault in answer["faults"]]
    assert what == f"{UNCOMPARED}: canceling statement due to lock timeout"


def test_definitions_that_the_owner_of_the_log_may_not_compare_any_more_are_a_fault(
    postgres_url: str, reading: str
) -> None:
    role, name = urlsplit(reading).username, urlsplit(reading).path.removeprefix("/")
    assert role is not None
    to_make = sql.SQL("CREATE ON DATABASE {}").format(sql.Identifier(name))
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(sql.SQL("GRANT {} TO {}").format(to_make, sql.Identifier(role)))
        with open_log(reading, clock=system_clock) as log:
            log.append(append("a", events=2))
        dispatch("verify", "--log-only", database=reading)
        session.execute(sql.SQL("REVOKE {} FROM {}").format(to_make, sql.Identifier(role)))
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=reading, status=1))
    told = [fault["what"] for fault in answer["faults"]]
    assert told == [f"{UNCOMPARED}: permission denied for database {name}"]


def test_an_event_that_no_log_can_hold_is_exported_and_named_by_the_verifier(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("a", events=40))
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("DROP TRIGGER events_no_update")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("UPDATE events SET version = -5 WHERE position = 17")
    connection.close()
    dispatch("export", str(tmp_path / "bundle"), database=sqlite_url)
    assert "position 17: no event can be read here" in verifier(tmp_path / "bundle", status=1)


def test_nothing_is_signed_for_a_log_that_was_rewritten(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("a", events=40))
    dispatch("checkpoint", database=sqlite_url)
    for leftover in path.parent.glob(f"{path.name}*"):
        if leftover.suffix in {".db", ".db-wal", ".db-shm"}:
            leftover.unlink()
    with open_log(sqlite_url, clock=system_clock) as log:
        log.append(append("b", events=50))
    dispatch("checkpoint", database=sqlite_url, status=1)
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=sqlite_url, status=1))
    assert [fault["position"] for fault in answer["faults"]] == [40, 1]


def test_notifications_followed_beyond_the_log_are_told(filled: str) -> None:
    outbox = Outbox(filled)
    try:
        outbox.open(lambda: 100)
        dispatch("verify", "--log-only", database=filled)
        assert outbox.take_up([], after=100, through=200)
        said = json.loads(dispatch("verify", "--log-only", "--json", database=filled, status=1))
        assert [fault["what"] for fault in said["faults"]] == [
            "notifications are followed to 200, where no event is"
        ]
    finally:
        outbox.close()


def test_checkpoints_changed_in_the_database_are_named_and_keep_nothing_else_from_being_looked_at(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", str(tmp_path / "checkpoints"))
    for name in "abcd":
        with open_log(database, clock=system_clock) as log:
            log.append(append(name, events=10))
        dispatch("checkpoint", database=database)
    attacker = Attacker(database)
    attacker.ask("DELETE FROM checkpoints WHERE size = 10")
    attacker.ask("UPDATE checkpoints SET note = 'x' WHERE size = 20")
    attacker.ask("UPDATE checkpoints SET size = 31 WHERE size = 30")
    attacker.ask("UPDATE checkpoints SET issued_at = issued_at - 1 WHERE size = 40")
    further = f"— somebody.else {'A' * 16}\n"
    attacker.ask(f"UPDATE checkpoints SET note = note || '{further}' WHERE size = 40")
    attacker.change("name", 17, "thing.changed")
    attacker.close()
    (tmp_path / "checkpoints" / "note.checkpoint").write_text("x")
    with next((tmp_path / "checkpoints").glob("*30.checkpoint")).open("a") as file:
        file.write(further)
    answer = json.loads(dispatch("verify", "--json", "--log-only", database=database, status=1))
    found = {(fault["position"], fault["what"].partition(":")[0]) for fault in answer["faults"]}
    assert found == {
        (0, "note.checkpoint can't be read as a checkpoint"),
        (10, "the database's checkpoint at 10 is missing"),
        (17, "the event, or its leaf, was changed"),
        (20, "the database's checkpoint at 20 can't be read"),
        (30, "the database's checkpoint at 30 is missing"),
        (31, "the database's checkpoint at 31 is one of 30 events"),
        (30, f"{30:015}.checkpoint has 2 signatures, and one is what it was issued with"),
        (40, "the database's checkpoint at 40 was issued at another time than is kept with it"),
        (40, "the database's checkpoint at 40 has 2 signatures, and one is what it was issued with"),
        (40, f"the database's checkpoint at 40 isn't {40:015}.checkpoint to the letter"),
    }


@pytest.mark.parametrize("change", ["state", "cut", "order", "json", "gzip"])
def test_a_bundle_that_was_changed_does_not_verify(filled: str, tmp_path: Path, change: str) -> None:
    dispatch("checkpoint", database=filled)
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    file = next((bundle / "events").iterdir())
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    if change == "state":
        lines[41] = lines[41].replace(b"meta", b"mete")
    elif change == "cut":
        del lines[-1]
    elif change == "order":
        lines[7], lines[8] = lines[8], lines[7]
    elif change == "json":
        lines[9] = b"{\n"
    file.write_bytes(b"no gzip" if change == "gzip" else gzip.compress(b"".join(lines)))
    position = {"state": 42, "cut": 100, "order": 8, "json": 10, "gzip": 1}[change]
    assert f"position {position}:" in verifier(bundle, status=1)


def test_no_text_of_a_bundle_is_taken_for_the_verifier_s_own_words(filled: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    file = next((bundle / "events").iterdir())
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    painted = json.loads(lines[9]) | {"position": "\x1b[1A\x1b[2K\rwhole (0.1 s)\x1b[8m\u202e"}
    lines[9] = json.dumps(painted).encode() + b"\n"
    file.write_bytes(gzip.compress(b"".join(lines)))
    (bundle / "\x1b[8mx").write_text("beside")
    said = verifier(bundle, status=1)
    assert all(line.isprintable() for line in said.splitlines()), said
    assert "\\x1b[1A\\x1b[2K\\rwhole (0.1 s)\\x1b[8m\\u202e stands here" in said
    assert "\\x1b[8mx" in said
    (bundle / "bundle.json").write_text('{"format": "\\u001b[8m"}')
    assert verifier(bundle, status=2).strip().isprintable()


def test_what_is_no_bundle_is_said_to_be_none(filled: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    (bundle / "bundle.json").write_text("{}")
    assert "can't be read as a bundle" in verifier(bundle, status=2)
    dispatch("export", str(bundle), database=filled, status=1)


def test_a_log_goes_on_under_another_key_when_the_former_one_is_told(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).write_text(new_pem())
    monkeypatch.setenv("DISPATCH_SIGNING_KEY_FILE", str(tmp_path / "old"))
    first = json.loads(dispatch("checkpoint", "--json", database=filled))
    (tmp_path / "first.checkpoint").write_text(first["note"])
    (tmp_path / "former").write_text(f"{first['key']} {first['size']}\n")
    with open_log(filled, clock=system_clock) as log:
        log.append(append("later"))

    monkeypatch.setenv("DISPATCH_SIGNING_KEY_FILE", str(tmp_path / "new"))
    dispatch("checkpoint", database=filled, status=1)
    monkeypatch.setenv("DISPATCH_FORMER_KEYS_FILE", str(tmp_path / "new"))  # which is no public key
    dispatch("checkpoint", database=filled, status=1)
    monkeypatch.setenv("DISPATCH_FORMER_KEYS_FILE", str(tmp_path / "former"))
    second = json.loads(dispatch("checkpoint", "--json", database=filled))
    assert (first["size"], second["size"]) == (100, 101)

    outside = str(tmp_path / "first.checkpoint")
    answer = json.loads(dispatch("verify", "--json", "--log-only", "--checkpoint", outside, database=filled))
    assert (answer["whole"], answer["checkpoints"], answer["faults"]) == (True, 3, [])
    assert answer["keys"] == [
        {"key": first["key"], "first": 100, "last": 100},
        {"key": second["key"], "first": 101, "last": 101},
    ]
    assert f"Checkpoints 100 to 100 are signed by {first['key']}." in dispatch("verify", database=filled)
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    keys = tmp_path / "keys"
    keys.write_text(f"{second['key']}\n{first['key']} 100\n")
    assert (bundle / "key.txt").read_text() == keys.read_text()
    assert "NOT" not in verifier(bundle, "--checkpoint", outside, "--key", str(keys))
    for alone in (first["key"], second["key"], f"{second['key']}\n{first['key']} 99"):
        keys.write_text(alone)
        assert "not signed by the key" in verifier(bundle, "--key", str(keys), status=1)

    (tmp_path / "former").write_text(f"{first['key']} 99\n")
    dispatch("verify", "--log-only", database=filled, status=1)
    monkeypatch.delenv("DISPATCH_FORMER_KEYS_FILE")
    dispatch("verify", "--log-only", database=filled, status=1)


def test_a_former_key_signs_nothing_that_is_after_its_time(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).write_text(new_pem())
    monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", str(tmp_path / "outside"))
    monkeypatch.setenv("DISPATCH_SIGNING_KEY_FILE", str(tmp_path / "old"))
    first = json.loads(dispatch("checkpoint", "--json", database=filled))
    with open_log(filled, clock=system_clock) as log:
        log.append(append("later"))
    stolen = tmp_path / "stolen.checkpoint"  # what whoever has the old key signs of the log as it is then
    stolen.write_text(dispatch("checkpoint", database=filled))
    (tmp_path / "outside" / f"{101:015}.checkpoint").unlink()

    monkeypatch.setenv("DISPATCH_SIGNING_KEY_FILE", str(tmp_path / "new"))
    (tmp_path / "former").write_text(f"{first['key']} {first['size']}\n")
    monkeypatch.setenv("DISPATCH_FORMER_KEYS_FILE", str(tmp_path / "former"))
    answer = json.loads(
        dispatch("verify", "--json", "--log-only", "--checkpoint", str(stolen), database=filled, status=1)
    )
    assert f"{stolen} is not signed by this log's key of its time" in {
        fault["what"] for fault in answer["faults"]
    }
    assert [one["key"] for one in answer["keys"]] == [first["key"]]
    dispatch("checkpoint", database=filled, status=1)
    bundle = tmp_path / "bundle"
    dispatch("export", str(bundle), database=filled)
    assert "not signed by the key" in verifier(bundle, "--checkpoint", str(stolen), status=1)
