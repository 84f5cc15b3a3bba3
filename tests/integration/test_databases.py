"""The databases that the tests run on are real, empty and each test's own."""

import sqlite3
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, inspect


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_gets_an_empty_database_of_its_own(database: str, time: str) -> None:
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            assert inspect(connection).get_table_names() == []
            connection.exec_driver_sql(f"CREATE TABLE {time} (id integer)")
    finally:
        engine.dispose()


def test_postgresql_keeps_its_default_durability(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert row == ("on",)


def test_an_sqlite_url_names_a_file_that_can_be_made(sqlite_url: str) -> None:
    path = urlsplit(sqlite_url).path.removeprefix("/")
    connection = sqlite3.connect(f"/{path}")
    connection.execute("CREATE TABLE proof (id integer)")
    connection.close()
