"""Lines on which nothing comes through any more: nobody who reads or sends waits for them for long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from time import monotonic

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from dispatch.service.outbox.store import Store
from dispatch.service.sign_in.store import SecretStore
from projections.engine.postgres_generations import PostgresGenerations
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


def test_the_outbox_soon_goes_on(proxy: Proxy) -> None:
    store = Store(proxy.url)
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
