"""What every kind of test may ask for: databases, and how hard Hypothesis tries."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres

# A busy machine makes a test slow, never wrong.
UNHURRIED = [HealthCheck.too_slow]

settings.register_profile("dev", deadline=None, suppress_health_check=UNHURRIED)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=UNHURRIED
)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

SERVER = "DISPATCH_TEST_POSTGRES"
"""Names the server's directory to the workers of pytest-xdist, which inherit the environment.

The first test that wants PostgreSQL starts the server; the process that began the run stops it.
"""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[SERVER] = str(postgres.new_directory())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(Path(os.environ.pop(SERVER)))


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of the run's PostgreSQL server (its database `postgres`, which no test writes to)."""
    return postgres.start(Path(os.environ[SERVER]))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database of this test's own; the file doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'dispatch.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own, as `DISPATCH_DATABASE` takes it: once each."""
    url = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "sqlite_url")
    assert isinstance(url, str)
    return url
