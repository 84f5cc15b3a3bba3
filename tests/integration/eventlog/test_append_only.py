"""The database itself refuses to change what is in the log, and shows it to a reader."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from dispatch.eventlog import EventLog, micros, open_log, schema
from tests.unit.eventlog.making import NOON, Clock, append

Execute = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def execute(log: EventLog, database: str) -> Execute:
    """Runs a statement on the log's database as an administrator might, past all of our code."""
    log.append(append("a", events=3, at=micros(NOON) + 1, command_id="1"))

    def execute(statement: str) -> list[tuple[Any, ...]]:
        if database.startswith("sqlite"):
            connection = sqlite3.connect(database.removeprefix("sqlite:///"))
            try:
                return connection.execute(statement).fetchall()
            finally:
                connection.close()
        with psycopg.connect(database, options="-c search_path=dispatch_log,public") as session:
            cursor = session.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET state = state",
        "UPDATE events SET position = 9 WHERE position = 3",
        "DELETE FROM events",
        "DELETE FROM events WHERE position = 3",
        "UPDATE commands SET outcome = fingerprint",
        "DELETE FROM commands",
        "UPDATE nodes SET sm3 = sha256",
        "DELETE FROM nodes",
    ],
)
def test_updates_and_deletes_are_refused(execute: Execute, statement: str) -> None:
    with pytest.raises((psycopg.Error, sqlite3.Error), match=r"append-only: \w+ on \w+ is refused"):
        execute(statement)
    assert execute("SELECT count(*) FROM events") == [(3,)]


@pytest.mark.parametrize("table", ["events", "commands", "nodes"])
def test_postgresql_refuses_truncate_even_to_a_replica(postgres_url: str, clock: Clock, table: str) -> None:
    with open_log(postgres_url, clock=clock), psycopg.connect(postgres_url) as session:
        session.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation, match=r"TRUNCATE on .* is refused"):
            session.execute(f"TRUNCATE dispatch_log.{table}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 2",
        "REPLACE INTO events SELECT 9, stream, version, name, at, recorded_at, state FROM events",
        "INSERT OR REPLACE INTO commands SELECT * FROM commands",
        "INSERT OR REPLACE INTO nodes SELECT * FROM nodes",
    ],
)
def test_sqlite_refuses_to_replace(sqlite_url: str, clock: Clock, statement: str) -> None:
    with open_log(sqlite_url, clock=clock) as log:
        log.append(append("a", events=3))
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with pytest.raises(sqlite3.IntegrityError, match=r"REPLACE on .* is refused"):
        connection.execute(statement)
    connection.close()


def test_the_readable_view_shows_times_and_json(execute: Execute) -> None:
    [(position, stream, name, at)] = execute(
        "SELECT position, stream, name, at FROM events_readable WHERE position = 2"
    )
    assert (position, stream, name) == (2, "a", "thing.happened")
    shown = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    assert micros(shown.astimezone(UTC)) == micros(NOON) + 1
    [(state,)] = execute("SELECT CAST(state AS TEXT) FROM events_readable WHERE position = 1")
    assert '"thing.happened"' in state


def test_the_tables_say_which_version_they_have(execute: Execute) -> None:
    assert execute("SELECT version FROM schema_version") == [(schema.VERSION,)]


def test_tables_of_another_program_version_are_left_alone(database: str, clock: Clock) -> None:
    open_log(database, clock=clock).close()
    if database.startswith("sqlite"):
        connection = sqlite3.connect(database.removeprefix("sqlite:///"))
        with connection:
            connection.execute("UPDATE schema_version SET version = 99")
        connection.close()
    else:
        with psycopg.connect(database) as session:
            session.execute("UPDATE dispatch_log.schema_version SET version = 99")
    with pytest.raises(schema.UnknownSchema, match=r"version 99; .*: start the later one, which"):
        open_log(database, clock=clock)


def test_postgresql_answers_no_commit_before_it_is_on_disk(postgres_url: str, clock: Clock) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as session:
        name = session.info.dbname
        session.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
    with open_log(postgres_url, clock=clock) as log:
        log.append(append("a"))
        rows = log._rows("SELECT current_setting('synchronous_commit')")
    assert rows == [("on",)]
