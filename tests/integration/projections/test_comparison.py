"""The live read models against a replay, also where the reading takes longer than a session may idle."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import sqlalchemy as sa
from typing_extensions import override

from dispatch.eventlog import open_log
from projections.engine.comparison import differences
from projections.engine.generations import rebuild
from projections.engine.postgres_generations import PostgresGenerations
from tests.integration.projections.setting import record
from tests.unit.projections.example import START, Opened, decode, items


class LongReading(PostgresGenerations):
    """Reads for so long that the server has ended every session that idled meanwhile."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._server = url

    @override
    @contextmanager
    def connection(self, generation: int) -> Iterator[sa.Connection]:
        with super().connection(generation) as lent:
            yield lent
        with psycopg.connect(self._server, autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle' AND query LIKE '%.positions'"
            )


def test_the_comparison_outlasts_the_session_in_which_it_began(postgres_url: str) -> None:
    generations = LongReading(postgres_url)
    with open_log(postgres_url, clock=lambda: datetime.now(UTC)) as log:
        record(log, [("a", Opened(at=START, place="north"))])
        rebuild(generations, log, [items()], decode=decode)
        assert differences(log, generations, [items()], decode=decode) == (1, [])
    generations.close()
