"""Lines on which nothing comes through any more: nobody who reads or sends waits for them for long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from time import monotonic

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from dispatch.service.outbox.store import Store as OutboxStore
from dispatch.service.sign_in.store import SecretStore
from projections.engine.generations import Session
from projections.engine.postgres_generations import PostgresGenerations
from projections.engine.postgres_store import AT_FIRST, Silence
from projections.engine.store import Store
from tests.faults.line import Proxy

AT_ONCE = 3
FEW_SECONDS = 15.0
"""Some more than promised, for a busy machine."""


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    proxy = Proxy(postgres_url)
    yield proxy
    proxy.close()


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
        begun = monotonic()
        assert read_together() == [1] * AT_ONCE
        assert monotonic() - begun < FEW_SECONDS


def test_who_folds_soon_takes_the_line_for_dead(proxy: Proxy) -> None:
    with closing(PostgresGenerations(proxy.url)) as generations:
        for writes in (False, True):
            session, store = folding(generations)
            proxy.half_open()
            begun = monotonic()
            with pytest.raises(psycopg.OperationalError):
                write(store) if writes else session.check()
            assert monotonic() - begun < FEW_SECONDS
            session.close()
        # On another line it goes on, where it stood.
        session, store = folding(generations)
        write(store)
        session.close()


def test_a_server_that_is_slow_is_given_longer_from_one_session_to_the_next_until_it_writes() -> None:
    silence = Silence()
    assert [silence.next() for _ in range(7)] == [2.5, 5, 10, 20, 40, 60, 60]
    silence.broken()
    assert silence.next() == AT_FIRST


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
    store.open(7)
    proxy.half_open()
    begun = monotonic()
    with suppress(OperationalError):
        assert store.taken() == 7
    assert monotonic() - begun < FEW_SECONDS
    assert store.taken() == 7
    store.close()


def test_who_signs_in_is_soon_answered_again(proxy: Proxy) -> None:
    with closing(SecretStore(proxy.url)) as store:
        store.keep_password("ab" * 16, "duty-1", "hashed")
        proxy.half_open()
        begun = monotonic()
        assert store.password("ab" * 16) == "hashed"
        assert monotonic() - begun < FEW_SECONDS
