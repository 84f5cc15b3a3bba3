"""How each kind of session with PostgreSQL is set."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.eventlog import postgres_connection
from dispatch.service.beside import Beside
from dispatch.service.sign_in.store import SecretStore
from projections.engine import postgres_generations
from projections.engine.postgres_generations import PostgresGenerations

ASKED = sa.text("SHOW jit")


def of_the_log(url: str) -> Any:
    with closing(postgres_connection.connect(url)) as connection:
        return connection.execute("SHOW jit").fetchone()


def of_who_projects(url: str) -> Any:
    with closing(postgres_generations.connect(url)) as connection:
        return connection.execute("SHOW jit").fetchone()


def of_what_signs_in(url: str) -> Any:
    with closing(SecretStore(url, make=False)) as store:
        return store.rows(ASKED)[0]


def of_what_lies_beside(url: str) -> Any:
    engine = Beside(url, "outbox", creation=1).engine
    try:
        with engine.connect() as connection:
            return connection.execute(ASKED).one()
    finally:
        engine.dispose()


def of_questions(url: str) -> Any:
    with closing(PostgresGenerations(url)) as generations, generations.connection(1) as connection:
        return connection.execute(ASKED).one()


@pytest.mark.parametrize(
    "setting", [of_the_log, of_who_projects, of_what_signs_in, of_what_lies_beside, of_questions]
)
def test_no_statement_is_compiled_for_seconds_before_it_runs_for_milliseconds(
    postgres_url: str, setting: Callable[[str], Any]
) -> None:
    assert tuple(setting(postgres_url)) == ("off",)
