"""Unattended: following the log, taking over, waiting for a position, coming back after trouble."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
import sqlalchemy as sa

from dispatch.domain.event import Event, Recorded
from dispatch.eventlog import EventLog
from projections.engine.generations import DatabaseInUse, NotReady
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.supervisor import Supervisor
from tests.integration.projections.setting import Append, eventually, open_generations
from tests.unit.projections.example import (
    ITEMS,
    SEEN,
    START,
    Opened,
    Seen,
    decode,
    item_of,
    items,
    last_seen,
)

Start = Callable[..., Supervisor]


@pytest.fixture
def supervise(database: str, log: EventLog) -> Iterator[Start]:
    """Start a supervisor, as another process would, and stop it in the end."""
    with ExitStack() as stack:

        def start(*projections: Projection, poll: float = 0.05) -> Supervisor:
            supervisor = Supervisor(
                log,
                open_generations(database),
                projections or [items(), last_seen()],
                decode=decode,
                poll=poll,
                retry=0.05,
            )
            supervisor.start()
            stack.callback(supervisor.stop)
            return supervisor

        yield start


def opened(*names: str) -> list[tuple[str, Event]]:
    return [(name, Opened(at=START, place="north")) for name in names]


def ids(supervisor: Supervisor) -> list[str]:
    with supervisor.connection() as connection:
        return sorted(connection.scalars(sa.select(ITEMS.c.id)))


def wait(supervisor: Supervisor, position: int, timeout: float = 10) -> bool:
    return asyncio.run(supervisor.wait_until(position, timeout))


def test_what_was_appended_can_be_read_once_its_position_is_reached(supervise: Start, append: Append) -> None:
    supervisor = supervise(poll=1.0)
    for n in range(20):
        position = append(opened(f"{n:02}"))
        assert wait(supervisor, position)
        assert len(ids(supervisor)) == n + 1
    status = supervisor.status
    assert status.ready
    assert status.leading
    assert (status.state, status.position, status.head) == ("projecting", 20, 20)


def test_a_position_that_nothing_reaches_is_waited_for_as_long_as_asked(supervise: Start) -> None:
    assert not wait(supervise(), 1, timeout=0.05)


def test_before_there_is_anything_to_read_it_says_so(log: EventLog, database: str) -> None:
    supervisor = Supervisor(log, open_generations(database), [items()], decode=decode)
    assert not supervisor.status.ready
    with pytest.raises(NotReady), supervisor.connection():
        pass


def test_a_stopped_projection_shows_at_once_and_goes_on_by_itself_when_mended(
    supervise: Start, append: Append
) -> None:
    broken = True
    projection = Projection(
        "seen", version=1, tables=[SEEN], keys=lambda recorded: [(SEEN, item_of(recorded))]
    )

    @projection.on(Opened)
    def seen(rows: Rows, event: Opened, recorded: Recorded) -> None:
        if broken and recorded.position == 2:
            raise ZeroDivisionError
        rows.put(SEEN, Seen(item_of(recorded), "", recorded.position))

    supervisor = supervise(projection, items())
    append(opened("a", "b", "c"))
    eventually(lambda: supervisor.status.failures)
    eventually(lambda: supervisor.status.positions == {"seen": 1, "items": 3})
    assert not supervisor.status.ready
    assert supervisor.status.failures["seen"].error == "ZeroDivisionError: "
    assert not wait(supervisor, 3, timeout=60)
    assert asyncio.run(supervisor.wait_until(3, 60, ["items"]))
    broken = False
    eventually(lambda: supervisor.status.ready)
    assert wait(supervisor, 3)
    with supervisor.connection() as connection:
        assert sorted(connection.scalars(sa.select(SEEN.c.position))) == [1, 2, 3]


def test_a_rebuild_under_way_is_swapped_in_and_followed(supervise: Start, append: Append) -> None:
    supervisor = supervise()
    position = append(opened("a", "b"))
    assert wait(supervisor, position)
    before = supervisor.status.generation
    number = supervisor.rebuild()
    eventually(lambda: supervisor.status.generation == number)
    assert number != before
    assert wait(supervisor, append(opened("c")))
    assert ids(supervisor) == ["a", "b", "c"]


def test_another_version_of_a_projection_is_rebuilt_at_start(supervise: Start, append: Append) -> None:
    first = supervise(items(version=1))
    assert wait(first, append(opened("a")))
    generation = first.status.generation
    first.stop()
    second = supervise(items(version=2))
    assert wait(second, 1)
    assert second.status.generation != generation
    assert ids(second) == ["a"]


def test_the_same_version_goes_on_where_it_was(supervise: Start, append: Append) -> None:
    first = supervise()
    assert wait(first, append(opened("a")))
    generation = first.status.generation
    first.stop()
    second = supervise()
    assert wait(second, append(opened("b")))
    assert second.status.generation == generation


on_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@on_sqlite
def test_on_sqlite_a_second_process_is_refused(supervise: Start) -> None:
    supervise()
    with pytest.raises(DatabaseInUse):
        supervise()


@on_postgres
def test_one_projects_the_others_follow_and_one_of_them_takes_over(
    supervise: Start, append: Append, database: str
) -> None:
    first = supervise()
    eventually(lambda: first.leading)
    second, third = supervise(poll=1.0), supervise()
    assert wait(second, append(opened("a")))
    assert ids(second) == ["a"]
    assert (second.status.state, second.leading, third.leading) == ("following", False, False)
    first.stop()
    eventually(lambda: second.leading or third.leading)
    position = append(opened("b"))
    assert wait(second, position)
    assert wait(third, position)
    assert [first.leading, second.leading, third.leading].count(True) == 1


@on_postgres
def test_a_lost_lock_ends_the_projecting_and_somebody_takes_it_again(
    supervise: Start, append: Append, database: str
) -> None:
    supervisors = [supervise(), supervise()]
    eventually(lambda: any(s.leading for s in supervisors))
    for n in range(3):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        position = append(opened(f"{n}"))
        assert all(wait(s, position) for s in supervisors)
        eventually(lambda: sum(s.status.state == "projecting" for s in supervisors) == 1)


@on_postgres
def test_every_connection_cut_is_overcome_by_itself(supervise: Start, append: Append, database: str) -> None:
    supervisor = supervise()
    assert wait(supervisor, append(opened("a")))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert wait(supervisor, append(opened("b")))
    assert ids(supervisor) == ["a", "b"]
    eventually(lambda: supervisor.status.ready)
