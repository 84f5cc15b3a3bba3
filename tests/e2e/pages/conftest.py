"""A real Chromium before the running service: pages that tests look at and work with, as people do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.http.conftest import Shared, on_sqlite
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import Desk, chromium

__all__ = ["on_sqlite"]


@pytest.fixture(scope="module")
def browser(on_sqlite: Shared) -> Iterator[Browser]:
    """Chromium, as long as this module's tests run: while it is open, its thread can't run an event loop.

    The service is asked for first, which needs one to make its first administrator.
    """
    assert on_sqlite.running.address
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def town(on_sqlite: Shared) -> Town:
    """A town of this test's own, with three grids, an account for each role, and nothing to do in it."""
    return Town(on_sqlite.root).found()


@pytest.fixture
def desk(browser: Browser, town: Town) -> Iterator[Desk]:
    """Opens pages in the town; fails afterwards if one of them broke the policy, erred or asked elsewhere."""
    opened = Desk(browser, town)
    yield opened
    opened.close()
    opened.require_clean()


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """A thread for what needs an event loop of its own while the browser is open."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture(scope="module")
def checkpointing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """A service that issues a checkpoint every few events, for the tests of a module."""
    directory = tmp_path_factory.mktemp("checkpointing-service")
    database = f"sqlite:///{directory / 'dispatch.db'}"
    with ThreadPoolExecutor(1) as threads:
        root = threads.submit(first_administrator, database).result()
    with Running(database, directory, clock="simulated", checkpoint_events="3") as running:
        yield Shared(running, root)


@pytest.fixture
def proving(browser: Browser, checkpointing: Shared) -> Iterator[Desk]:
    """A desk in a town of this test's own, at a service that issues a checkpoint every few events."""
    opened = Desk(browser, Town(checkpointing.root).found())
    yield opened
    opened.close()
    opened.require_clean()
