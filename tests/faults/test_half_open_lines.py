"""Lines on which nothing comes through any more: nobody who reads or sends waits for them for long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from time import monotonic

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from dispatch.service.outbox.store import Store as OutboxStore
from dispatch.service.sign_in.store import SecretStore
from projections.engine.generations import Session
from projections.engine.postgres_generations import PostgresGenerations
from projections.engine.postgres_store import PostgresStore
from projections.engine.store import Store
from tests.faults.line import Proxy

AT_ONCE = 3
FEW_SECONDS = 5.0
"""Some more than it takes, for a busy machine, and less than what is merely slow may take."""
UNDER_WAY = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'"


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    proxy = Proxy(postgres_url)
    yield proxy
    proxy.close()


@contextmanager
def soon() -> Iterator[None]:
    """What is done in the block takes no more than a few seconds."""
    begun = monotonic()
    yield
    assert monotonic() - begun < FEW_SECONDS


def test_who_reads_the_read_models_is_soon_answered_again(proxy: Proxy) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations:

        def read() -> int:
            with generations.connection(1) as connection:
                return int(connection.execute(sa.text("SELECT 1")).scalar_one())

        def read_together() -> list[int]:
            with ThreadPoolExecutor(AT_ONCE) as readers:
                return [one.result() for one in [readers.submit(read) for _ in range(AT_ONCE)]]

        assert read_together() == [1] * AT_ONCE
        proxy.half_open()
        with soon():
            assert read_together() == [1] * AT_ONCE


def test_who_folds_soon_takes_the_line_for_dead(proxy: Proxy) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations:
        for writes in (False, True):
            session, store = folding(generations)
            proxy.half_open()
            with soon(), pytest.raises(psycopg.OperationalError):
                write(store) if writes else session.check()
            session.close()
        # On another line it goes on, where it stood.
        session, store = folding(generations)
        write(store)
        session.close()


def test_who_projected_on_a_line_that_fell_silent_soon_projects_again(proxy: Proxy) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations:
        session = generations.session()
        assert session.lead()
        proxy.half_open()
        begun = monotonic()
        with pytest.raises(psycopg.OperationalError):
            session.check()
        session.close()
        with generations.session() as another:
            # What the server still held for the dead line is free.
            while not another.lead():
                assert monotonic() - begun < FEW_SECONDS


def test_an_answer_that_is_lost_is_not_waited_for(proxy: Proxy, postgres_url: str) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations, ThreadPoolExecutor(1) as reader:
        answer = reader.submit(sleeping, generations, 0.5)
        until_under_way(postgres_url)
        proxy.half_open()
        with soon(), pytest.raises(OperationalError):
            answer.result()


def test_the_answer_of_a_backend_that_is_no_more_is_not_waited_for(proxy: Proxy, postgres_url: str) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations, ThreadPoolExecutor(1) as reader:
        answer = reader.submit(sleeping, generations, 60)
        until_under_way(postgres_url)
        proxy.half_open()
        with psycopg.connect(postgres_url, autocommit=True) as session:
            session.execute(UNDER_WAY.replace("count(*)", "pg_terminate_backend(pid)"))
        with soon(), pytest.raises(OperationalError):
            answer.result()


def test_what_is_only_slow_is_waited_for(postgres_url: str) -> None:
    with closing(PostgresGenerations(postgres_url)) as generations:
        assert sleeping(generations, 2.5) == "slept"
        with generations.session() as session:
            number = session.begin_rebuild()
            store = session.store(number, live=False)
            assert isinstance(store, PostgresStore)
            store._execute("SELECT pg_sleep(2.5)")  # as slow as a large batch
            session.discard(number)


def sleeping(generations: PostgresGenerations, seconds: float) -> str:
    """Ask for what takes the server so long."""
    with generations.connection(1) as connection:
        return str(connection.execute(sa.text(f"SELECT 'slept' FROM pg_sleep({seconds})")).scalar_one())


def until_under_way(url: str) -> None:
    """Wait until the server is at what takes long."""
    with psycopg.connect(url, autocommit=True) as session:
        while session.execute(UNDER_WAY).fetchone() == (0,):
            pass


def folding(generations: PostgresGenerations) -> tuple[Session, Store]:
    """Return a session, and how it folds into the generation 1, which is made if need be."""
    session = generations.session()
    if session.check() is None:
        number = session.begin_rebuild()
        with session.swap(number):
            pass
    number = session.check() or 0
    return session, session.store(number, live=True)


def write(store: Store) -> None:
    with store.transaction():
        pass


def test_the_outbox_soon_goes_on(proxy: Proxy) -> None:
    store = OutboxStore(proxy.url)
    store.open(lambda: 7)
    proxy.half_open()
    with soon(), suppress(OperationalError):
        assert store.taken() == 7
    assert store.taken() == 7
    store.close()


def test_who_signs_in_is_soon_answered_again(proxy: Proxy) -> None:
    with closing(SecretStore(proxy.url)) as store:
        store.keep_password("ab" * 16, "duty-1", "hashed")
        proxy.half_open()
        with soon():
            assert store.password("ab" * 16) == "hashed"
