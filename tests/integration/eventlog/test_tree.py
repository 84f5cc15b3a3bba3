"""The tree is the log's at every moment, on both databases: whoever appends, and wherever he breaks off."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typing_extensions import override

from dispatch.eventlog import LogUnavailable, open_log, schema
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.placement import Known, Placed
from dispatch.eventlog.postgres import PostgresLog
from dispatch.eventlog.sqlite import SqliteLog
from dispatch.eventlog.sqlite import _statements as split
from dispatch.eventlog.tree.checking import Check
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.leaf import leaf
from dispatch.eventlog.tree.proofs import consistent, includes
from tests.faults.proofs.tampering import tamper
from tests.unit.eventlog.making import Clock, append, event


def require_whole(log: DatabaseLog) -> None:
    """The stored tree has a leaf for each event, and the roots that these give."""
    growth = Growth()
    growth.extend([leaf(stored) for stored in log.read()])
    assert log.tree.size() == log.head() == growth.size
    assert log.tree.roots(growth.size) == growth.roots()


def execute(database: str, *statements: str) -> None:
    """Run statements as somebody with all rights, past our code."""
    if database.startswith("sqlite"):
        connection = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(database, options="-c search_path=dispatch_log,public") as session:
        for statement in statements:
            session.execute(statement.encode())


@pytest.fixture
def log(database: str, clock: Clock) -> Any:
    with open_log(database, clock=clock) as log:
        yield log


def test_an_empty_log_has_an_empty_tree(log: DatabaseLog) -> None:
    assert log.tree.roots(0).sha256 == ALGORITHMS[0].empty
    require_whole(log)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_the_tree_grows_with_each_append(log: DatabaseLog, sizes: list[int]) -> None:
    for size in sizes:
        log.append(append(f"s{log.head()}:{size}", events=size) if size else append("nothing", events=0))
    require_whole(log)


def test_proofs_of_stored_events_verify(log: DatabaseLog) -> None:
    log.append(append("a", events=70))
    old = log.tree.roots(70)
    log.append(append("b", events=61))
    roots = log.tree.roots(131)
    stored = log.read(after=64)[0]
    inclusion, consistency = log.tree.inclusion(65, 131), log.tree.consistency(70, 131)
    both = zip(ALGORITHMS, old[1:], roots[1:], strict=True)
    for kind, (algorithm, old_root, root) in enumerate(both):
        leaf_hash = algorithm.leaf(leaf(stored))
        assert includes(algorithm, leaf_hash, inclusion[kind], index=64, size=131, root=root)
        assert consistent(algorithm, consistency[kind], old=70, size=131, old_root=old_root, root=root)


def test_several_logs_of_one_database_keep_one_tree(database: str, log: DatabaseLog, clock: Clock) -> None:
    with open_log(database, clock=clock) as other, ThreadPoolExecutor(8) as threads:
        logs = [log, other] * 40
        list(threads.map(lambda n: logs[n].append(append(f"s{n}", events=1 + n % 20)), range(len(logs))))
    require_whole(log)


def test_a_log_from_before_the_tree_gets_one_when_it_is_opened(database: str, clock: Clock) -> None:
    with open_log(database, clock=clock) as log:
        log.append(append("a", events=300))
        roots = log.tree.roots(300)
    prefix = "" if database.startswith("sqlite") else "dispatch_log."
    execute(
        database,
        f"DROP TABLE {prefix}nodes",
        f"DROP TABLE {prefix}checkpoints",
        f"DROP TABLE {prefix}subject_keys",
        f"DROP TABLE {prefix}subject_telephones",
        f"UPDATE {prefix}schema_version SET version = 1",
    )
    with open_log(database, clock=clock) as log:
        assert log.tree.roots(300) == roots
        log.append(append("b", events=5))
        require_whole(log)


def test_no_tree_is_built_over_a_log_of_which_an_event_is_missing(database: str, clock: Clock) -> None:
    with open_log(database, clock=clock) as log:
        log.append(append("a", events=300))
    tamper(database, "DELETE FROM nodes")
    tamper(database, "DELETE FROM events WHERE position = 150")
    with open_log(database, clock=clock) as log:
        assert log.tree.size() == 0
        with pytest.raises(LogUnavailable, match="positions are missing between 1 and 300"):
            log.append(append("b"))


def to_the_third_version(database: str) -> None:
    """Make the tree as an earlier version kept it, which wrote a node of an odd level at once."""
    early = [
        f"INSERT INTO nodes SELECT {level}, {first}, sha256, sm3 FROM nodes WHERE level = 2"
        for level, first in ((1, 32), (3, 0))
    ]
    if database.startswith("sqlite"):
        ends = [f"DROP TRIGGER nodes_no_{change}" for change in ("update", "delete", "replace")]
        triggers = [statement for statement in split(schema.SQLITE_2) if " TRIGGER tree_" in statement]
        execute(database, *early, *ends, "ALTER TABLE nodes RENAME TO tree", *triggers)
    else:
        execute(database, *early, "ALTER TABLE nodes RENAME TO tree")
    execute(database, "UPDATE schema_version SET version = 3")


def test_a_tree_of_the_third_version_goes_on(database: str, clock: Clock) -> None:
    with open_log(database, clock=clock) as log:
        log.append(append("a", events=250))
        log.append(append("b", events=300))
        roots = [log.tree.roots(size) for size in (250, 500, 550)]
    to_the_third_version(database)
    with pytest.raises(schema.EarlierSchema, match="a start of the service upgrades them to"):
        open_log(database, clock=clock, upgrade=False)
    with open_log(database, clock=clock) as log:
        assert [log.tree.roots(known.size) for known in roots] == roots
        found = [(row.level, row.first) for level in range(1, 5) for row in log.tree.rows(level, 0, 1_000)]
        assert found == [(1, 0), (1, 16), (2, 0)]
        log.append(append("c", events=300))
        require_whole(log)
        assert list(Check(log, {}).faults()) == []
        empty = "(sha256, 1, 0), substr(sm3, 1, 0) FROM nodes WHERE level = 0 AND first = 0"
        rows = [(-1, 0), (0, 3), (3, 777), (7, 0)]
        execute(
            database, *(f"INSERT INTO nodes SELECT {level}, {first}, substr{empty}" for level, first in rows)
        )
        assert [fault.what for fault in Check(log, {}).faults()] == [
            f"the tree has a row at {first} of level {level} that holds no node" for level, first in rows
        ]


def test_what_another_appends_while_a_log_is_opened_is_nothing_that_the_tree_lacks(
    database: str, log: DatabaseLog, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(append("before"))
    head, meanwhile = DatabaseLog.head, [append("meanwhile")]

    def asked_a_little_later(asked: DatabaseLog) -> int:
        if asked is not log and meanwhile:
            log.append(meanwhile.pop())
        return head(asked)

    monkeypatch.setattr(DatabaseLog, "head", asked_a_little_later)
    with capture_logs() as told, open_log(database, clock=clock):
        require_whole(log)
    assert told == []


def test_events_that_an_earlier_version_appended_meanwhile_get_their_leaves(
    database: str, log: DatabaseLog
) -> None:
    log.append(append("a", events=20))
    execute(
        database,
        "INSERT INTO events SELECT 21, 'b', 1, name, at, recorded_at, state FROM events WHERE position = 20",
    )
    log.append(append("c", events=3))
    assert log.head() == 24
    require_whole(log)


def test_nothing_is_appended_to_a_log_that_was_cut_short(database: str, clock: Clock) -> None:
    with open_log(database, clock=clock) as log:
        log.append(append("a", events=20))
    trigger = "TRIGGER events_no_delete" if database.startswith("sqlite") else "TRIGGER append_only ON events"
    execute(database, f"DROP {trigger}", "DELETE FROM events WHERE position > 15")
    with open_log(database, clock=clock) as log:
        assert len(log.read()) == 15
        with pytest.raises(LogUnavailable, match="20 leaves, the log ends at position 15"):
            log.append(append("b"))


class Crash(BaseException):
    """The process ends here, as far as the log can tell."""


class BreakingSqlite(SqliteLog):
    breaks = True

    @override
    def _write(self, writer: sqlite3.Connection, placed: Placed) -> None:
        super()._write(writer, placed)
        if self.breaks:
            raise Crash


class BreakingPostgres(PostgresLog):
    breaks = True

    @override
    def _write(self, connection: Any, placed: Placed, guess: Any = ()) -> Any:
        written = super()._write(connection, placed, guess)
        if self.breaks:
            raise Crash
        return written


class BreakingBefore(PostgresLog):
    breaks = True

    @override
    def _grown(self, known: Known, placed: Placed) -> Growth:
        growth = super()._grown(known, placed)
        if self.breaks:
            raise Crash
        return growth


@pytest.mark.parametrize("kind", [BreakingSqlite, BreakingPostgres, BreakingBefore])
def test_a_commit_that_breaks_off_leaves_neither_event_nor_node(
    kind: type[BreakingSqlite | BreakingPostgres | BreakingBefore],
    sqlite_url: str,
    request: pytest.FixtureRequest,
    clock: Clock,
) -> None:
    where = sqlite_url.removeprefix("sqlite:///")
    if kind is not BreakingSqlite:
        where = request.getfixturevalue("postgres_url")
    with kind(where, clock=clock) as log:
        for n in range(5):
            log.breaks = True
            with pytest.raises(Crash):
                log.append(append(f"s{n}", events=7))
            log.breaks = False
            log.append(append(f"s{n}", events=9))
            require_whole(log)


def test_a_server_that_drops_the_connection_before_the_commit_leaves_the_tree_whole(
    postgres_url: str, clock: Clock
) -> None:
    class Dropped(PostgresLog):
        drops = 3

        @override
        def _write(self, connection: Any, placed: Placed, guess: Any = ()) -> Any:
            written = super()._write(connection, placed, guess)
            if self.drops:
                self.drops -= 1
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return written

    with Dropped(postgres_url, clock=clock) as log:
        for n in range(5):
            log.append(append(f"s{n}", events=9))
        assert log.head() == 45
        require_whole(log)


def test_a_conflict_in_a_group_gets_no_leaf(log: DatabaseLog) -> None:
    log.append(append("a", events=3))
    stale = Job(append("a", read=1))
    jobs = [Job(append("b", events=2)), stale, Job(append("c", events=2))]
    log._commit(jobs)
    assert isinstance(stale.answer, Exception)
    assert log.head() == 7
    require_whole(log)


def test_the_leaf_covers_every_column(log: DatabaseLog) -> None:
    log.append(append("a"))
    [stored] = log.read()
    changed = [
        stored._replace(
            **{name: value + (b"x" if isinstance(value, bytes) else "x" if isinstance(value, str) else 1)}
        )
        for name, value in stored._asdict().items()
    ]
    assert len({leaf(stored), *map(leaf, changed)}) == 1 + len(stored)
    assert event("a", 1).state in leaf(stored)
