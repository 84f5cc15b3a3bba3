"""Whoever projects may die or freeze at any time: another takes over, and the two never both write."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from projections.engine.postgres_generations import PostgresGenerations

HOLDER = """
import sys, time
from projections.engine.postgres_generations import PostgresGenerations
session = PostgresGenerations(sys.argv[1]).session()
print(session.lead(), flush=True)
while True:
    session.check()
    time.sleep(0.2)
"""


@contextmanager
def leading_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that leads, and says something every 0.2 s as a supervisor does every second."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            yield process
        finally:
            process.kill()


def seconds_until_led(url: str, most: float) -> float:
    begun = time.monotonic()
    with PostgresGenerations(url).session() as session:
        while not session.lead():
            assert time.monotonic() - begun < most
            time.sleep(0.05)
    return time.monotonic() - begun


def test_a_killed_process_is_replaced_at_once(postgres_url: str) -> None:
    with leading_process(postgres_url) as process:
        os.kill(process.pid, signal.SIGKILL)
        assert seconds_until_led(postgres_url, 5) < 5


def test_a_frozen_process_loses_the_lock_and_can_write_nothing_when_it_wakes(postgres_url: str) -> None:
    with leading_process(postgres_url) as process:
        os.kill(process.pid, signal.SIGSTOP)
        assert seconds_until_led(postgres_url, 25) > 5
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(10) != 0


def test_a_lock_that_is_held_is_not_given_to_a_second(postgres_url: str) -> None:
    with leading_process(postgres_url), PostgresGenerations(postgres_url).session() as session:
        assert not session.lead()
