"""Read models for a measurement: a log, its generations on PostgreSQL, and the questions asked of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import psycopg
import sqlalchemy as sa

from dispatch.domain.working_time import Calendar
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.mapper import decode, decode_whole
from projections.catalogue import PAST, PROJECTIONS
from projections.engine.generations import NotReady, rebuild
from projections.engine.moment import Moments
from projections.engine.postgres_generations import PostgresGenerations
from projections.questions.questions import Questions
from projections.questions.view import Live

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@contextmanager
def empty_log(url: str) -> Iterator[EventLog]:
    with open_log(url, clock=clock) as log:
        yield log


@contextmanager
def another_database(url: str, name: str) -> Iterator[str]:
    """Make an empty database on the same server and drop it in the end; gives its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def questions(url: str, log: EventLog) -> Iterator[Questions]:
    """Build the read models of a log and give the questions that can be asked of them."""
    generations = PostgresGenerations(url)
    number = rebuild(generations, log, PROJECTIONS, decode=decode)
    with psycopg.connect(url, autocommit=True) as connection:
        # What the server's own housekeeping would do within a minute.
        connection.execute("VACUUM ANALYZE")

    def live() -> AbstractContextManager[sa.Connection]:
        return generations.connection(number)

    try:
        yield _questions(log, live)
    finally:
        generations.close()


def past_questions(log: EventLog) -> Questions:
    """Return questions about the past, of which nothing is known yet; there are no live read models."""
    return _questions(log, _nothing)


def _nothing() -> AbstractContextManager[sa.Connection]:
    raise NotReady


def _questions(log: EventLog, live: Live) -> Questions:
    moments = Moments(log, PAST, decode=decode)
    return Questions(log, live, moments, calendar=Calendar(version="bench@1"), decode_whole=decode_whole)
