"""What guesses are counted by: the account, the address, and each browser that is known by itself."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.eventlog import micros
from dispatch.service.settings import Settings
from dispatch.service.sign_in.guessing import KNOWN_FOR, Claim, Guessing, TooManyGuesses
from dispatch.service.sign_in.store import SecretStore

START = datetime(2024, 3, 4, tzinfo=UTC)


class Counting:
    """Guesses of one installation, at a time that a test sets: 2 about an account, 3 from an address."""

    def __init__(self, store: SecretStore, **settings: Any) -> None:
        limits = {"sign_in_guesses": 2, "sign_in_guesses_per_address": 3, **settings}
        self.store, self.now = store, START
        self.guessing = Guessing(store, Settings.model_validate(limits), lambda: self.now)

    def count(self, account: str, *, address: str | None = None, browser: str | None = None) -> int | None:
        """Return which guess it is, None for one too many."""
        try:
            return asyncio.run(self.guessing.count(claim(account, address, browser)))
        except TooManyGuesses:
            return None

    def know(self, browser: str, account: str) -> None:
        asyncio.run(self.guessing.know(browser, account))


def claim(account: str, address: str | None = None, browser: str | None = None) -> Claim:
    return Claim(account, "guess", address=address, browser=browser)


@pytest.fixture
def store(database: str) -> Iterator[SecretStore]:
    store = SecretStore(database)
    yield store
    store.close()


def test_from_one_address_so_many_are_guessed_whatever_the_account(store: SecretStore) -> None:
    counting = Counting(store)
    assert [counting.count(account, address="::1") for account in "abcd"] == [1, 1, 1, None]
    # The one too many was not counted about its account.
    assert [counting.count("d", address="::2") for _ in range(3)] == [1, 2, None]


def test_an_addresss_window_begins_with_its_first_guess(store: SecretStore) -> None:
    counting = Counting(store, sign_in_window=60)
    for number, seconds in enumerate((0, 50, 61, 100, 110)):
        counting.now = START + timedelta(seconds=seconds)
        assert counting.count(f"account-{number}", address="::1") == 1


def test_who_signs_in_frees_his_account_and_of_his_address_this_guess_alone(store: SecretStore) -> None:
    counting = Counting(store)
    assert [counting.count(account, address="::1") for account in ("a", "b", "own")] == [1, 1, 1]
    asyncio.run(counting.guessing.was_right(claim("own", "::1")))
    assert [counting.count(account, address="::1") for account in ("own", "c")] == [1, None]


def test_what_was_no_guess_frees_nothing_else(store: SecretStore) -> None:
    counting = Counting(store)
    assert [counting.count("a", address="::1") for _ in range(2)] == [1, 2]
    asyncio.run(counting.guessing.was_none(claim("a", "::1")))
    assert [counting.count("a", address="::1") for _ in range(2)] == [2, None]


def test_each_browser_of_an_account_is_counted_by_itself(store: SecretStore) -> None:
    counting = Counting(store)
    for browser in ("one", "other"):
        counting.know(browser, "own")
    for claimed in ("one", "other", None):
        assert [counting.count("own", browser=claimed) for _ in range(3)] == [1, 2, None]


def test_a_browser_is_known_as_that_of_its_account_and_for_half_a_year(store: SecretStore) -> None:
    counting = Counting(store)
    for browser in ("one", "other"):
        counting.know(browser, "own")
    assert [counting.count("another", browser="one"), counting.count("another")] == [1, 2]
    counting.now += KNOWN_FOR
    assert [counting.count("own", browser="one") for _ in range(3)] == [1, 2, None]
    counting.now += timedelta(seconds=1)
    assert [counting.count("own", browser="one") for _ in range(3)] == [1, 2, None]
    counting.know("third", "own")
    assert not store.knows_browser("other", "own", since=0)
    asyncio.run(counting.guessing.forget("own"))
    assert not store.knows_browser("third", "own", since=0)
    assert [counting.count("own", browser="third") for _ in range(3)] == [1, 2, None]


def test_a_session_is_live_until_it_was_not_used_for_as_long_as_is_set(store: SecretStore) -> None:
    used = micros(START)
    store.begin_activity("one", used, forget_before=0)
    assert store.active("one", used + 10, since=used - 1, use=False)
    assert not store.active("one", used + 10, since=used, use=False)
    assert not store.active("one", used + 10, since=used, use=True)
    assert store.active("one", used + 10, since=used - 1, use=True)
    assert store.last_seen(["one"]) == {"one": used + 10}
