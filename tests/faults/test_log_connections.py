"""Connections that break, hang and lie: the log heals by itself and loses or doubles nothing."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
import pytest
from typing_extensions import override

from dispatch.eventlog import EventLog, LogUnavailable, open_log
from dispatch.eventlog.placement import Placed
from dispatch.eventlog.postgres import PATIENCE, PostgresLog
from dispatch.eventlog.postgres_connection import PatientConnection
from tests.faults.line import Proxy
from tests.faults.own_server import own_server
from tests.unit.eventlog.making import Clock, append

LONG = 30.0
FEW_SECONDS = PATIENCE + 4.0
"""When a caller has its answer at the latest; some more than promised, for a busy machine."""
BACKENDS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    proxy = Proxy(postgres_url)
    yield proxy
    proxy.close()


@pytest.fixture
def log(proxy: Proxy) -> Iterator[EventLog]:
    """A log at the far end of the proxy's line."""
    with open_log(proxy.url, clock=Clock()) as log:
        yield log


def seconds(call: Callable[[], object]) -> float:
    start = monotonic()
    with suppress(LogUnavailable):
        call()
    return monotonic() - start


def test_a_lost_acknowledgement_is_no_conflict_and_no_second_effect(proxy: Proxy, log: EventLog) -> None:
    log.append(append("a"))
    proxy.loses_commit.set()
    answer = log.append(append("a", read=1, events=2, command_id="x"))
    assert proxy.lost.is_set()
    assert (answer.first, answer.last, answer.outcome, answer.repeated) == (2, 3, b'"x"', False)
    assert [stored.version for stored in log.read_stream("a")] == [1, 2, 3]
    assert log.append(append("a", read=1, events=2, command_id="x")) == answer._replace(repeated=True)


def test_killed_backends_are_replaced_unnoticed(postgres_url: str, log: EventLog) -> None:
    log.append(append("a"))
    log.wait(0, LONG)
    with psycopg.connect(postgres_url, autocommit=True) as session:
        for version in range(1, 6):
            session.execute(f"SELECT pg_terminate_backend(pid) {BACKENDS}")
            assert log.append(append("a", read=version)).first == version + 1
            assert log.head() == version + 1
            assert len(log.read()) == version + 1
            assert log.wait(version, LONG) == version + 1


def test_a_follower_hears_of_others_again_after_its_backend_was_killed(
    postgres_url: str, log: EventLog
) -> None:
    assert log.wait(0, 0.01) == 0
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"SELECT pg_terminate_backend(pid) {BACKENDS}")
    with open_log(postgres_url, clock=Clock()) as other:
        other.append(append("a"))
    assert log.wait(0, LONG) == 1


def test_a_notification_that_is_no_position_stops_no_follower(postgres_url: str, log: EventLog) -> None:
    assert log.wait(0, 0.01) == 0
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute("SELECT pg_notify('dispatch_log', 'nonsense')")
    with open_log(postgres_url, clock=Clock()) as other:
        other.append(append("a"))
        assert log.wait(0, LONG) == 1


def test_a_line_that_is_cut_is_replaced_unnoticed(proxy: Proxy, log: EventLog) -> None:
    for version in range(5):
        proxy.cut()
        assert log.append(append("a", read=version)).first == version + 1
        proxy.cut()
        assert log.head() == version + 1


def test_a_half_open_line_makes_nobody_wait_for_long(proxy: Proxy, log: EventLog) -> None:
    log.append(append("a"))
    log.wait(0, LONG)
    proxy.flows.clear()
    assert seconds(lambda: log.append(append("a", read=1, command_id="x"))) < FEW_SECONDS
    assert seconds(log.head) < FEW_SECONDS
    proxy.flows.set()
    # What went into the frozen line may have arrived after all: the command id tells.
    assert log.append(append("a", read=1, command_id="x")).last == 2
    assert log.wait(1, LONG) == 2
    assert [stored.position for stored in log.read()] == [1, 2]


def test_a_stopped_process_gives_the_lock_back(postgres_url: str) -> None:
    with open_log(postgres_url, clock=Clock()) as log:
        log.append(append("a"))
        stopped = multiprocessing.get_context("spawn").Process(
            target=stop_while_locking, args=(postgres_url,)
        )
        stopped.start()
        assert stopped.pid is not None
        _, status = os.waitpid(stopped.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        begun = monotonic()
        while True:
            with suppress(LogUnavailable):
                log.append(append("a", read=1, command_id="x"))
                break
            assert monotonic() - begun < LONG
        os.kill(stopped.pid, signal.SIGCONT)
        stopped.join(LONG)
        # It goes on, finds its transaction gone, decides anew and is told that its read is stale.
        assert stopped.exitcode == 1
        assert [stored.position for stored in log.read()] == [1, 2]


class StoppingLog(PostgresLog):
    """Stops its own process while it holds the lock, the first time that it writes."""

    stops = True

    @override
    def _write(self, connection: PatientConnection, placed: Placed, guess: Any = ()) -> Any:
        if self.stops:
            self.stops = False
            os.kill(os.getpid(), signal.SIGSTOP)
        return super()._write(connection, placed, guess)


def stop_while_locking(url: str) -> None:
    with StoppingLog(url, clock=Clock()) as log:
        log.append(append("a", read=1))


def test_a_database_that_is_away_is_said_to_be_away_and_serves_again_when_it_is_back() -> None:
    with own_server() as server, open_log(server.url, clock=Clock()) as log:
        log.append(append("a"))
        log.wait(0, LONG)
        server.kill()
        for call in (lambda: log.append(append("a", read=1)), log.head, log.read):
            start = monotonic()
            with pytest.raises(LogUnavailable):
                call()
            assert monotonic() - start < FEW_SECONDS
        with pytest.raises(LogUnavailable):
            open_log(server.url, clock=Clock())
        server.start()
        assert log.append(append("a", read=1)).first == 2
        assert log.head() == 2
        with open_log(server.url, clock=Clock()) as other:
            other.append(append("b"))
        assert log.wait(2, LONG) == 3


def test_a_short_restart_is_not_even_noticed() -> None:
    with own_server() as server, open_log(server.url, clock=Clock()) as log:
        log.append(append("a"))
        log.read()
        server.restart()
        assert log.append(append("a", read=1)).first == 2
        assert len(log.read()) == 2
