"""Running services that the tests share, one on each database, and a town of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.e2e.http.browser import Place
from tests.e2e.http.client import Client
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town


class Shared:
    """A running service with its first administrator's token."""

    def __init__(self, running: Running, root: str) -> None:
        self.running = running
        self.root = running.client.bearing(root)

    @property
    def anybody(self) -> Client:
        return self.running.client


def _shared(database: str, directory: Path, **settings: str) -> Iterator[Shared]:
    root = first_administrator(database)
    with Running(database, directory, clock="simulated", wait_limit="5", **settings) as running:
        yield Shared(running, root)
    assert running.faults() == []


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    directory = tmp_path_factory.mktemp("sqlite-service")
    yield from _shared(f"sqlite:///{directory / 'dispatch.db'}", directory)


@pytest.fixture(scope="session")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Shared]:
    directory = tmp_path_factory.mktemp("postgresql-service")
    with postgres.fresh_database(postgres_server) as url:
        yield from _shared(url, directory)


PEOPLE = {"second_factor_roles": "auditor, administrator", "sign_in_guesses_per_address": "100000"}
"""Where people sign in: the clock is moved far ahead, and they guess often, all from one address."""


@pytest.fixture(scope="session")
def people_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    directory = tmp_path_factory.mktemp("sqlite-people")
    yield from _shared(f"sqlite:///{directory / 'dispatch.db'}", directory, **PEOPLE)


@pytest.fixture(scope="session")
def people_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Shared]:
    directory = tmp_path_factory.mktemp("postgresql-people")
    with postgres.fresh_database(postgres_server) as url:
        yield from _shared(url, directory, **PEOPLE)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """A town of this test's own where people sign in: once on each database."""
    found = request.getfixturevalue(f"people_on_{request.param}")
    assert isinstance(found, Shared)
    return Place(Town(found.root).found(), found.running)


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest) -> Shared:
    """A running service with a simulated clock: once on each database."""
    found = request.getfixturevalue(f"on_{request.param}")
    assert isinstance(found, Shared)
    return found


@pytest.fixture
def town(service: Shared) -> Town:
    """A town of this test's own."""
    return Town(service.root).found()
