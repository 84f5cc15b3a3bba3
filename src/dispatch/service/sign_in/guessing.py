"""Guesses: each is counted before it is tried, in all processes together, and after too many nobody may.

A browser that an account has signed in from is counted by itself: strangers who guess, as many as they
like, don't keep its owner out (OWASP's device cookies). Elsewhere the account is barred, and the address.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dispatch.domain.refusal import Refusal
from dispatch.eventlog import micros, moment
from dispatch.service.clock import Clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in.store import SecretStore

SECOND: Final = 1_000_000
"""In microseconds."""
KNOWN_FOR: Final = timedelta(days=180)
"""How long an account's browser is known after it was signed in from."""
ACCOUNT: Final = "account:"
ADDRESS: Final = "address:"


class TooManyGuesses(Refusal):
    """Too many attempts have failed: wait until the time that is said, or ask an administrator."""


class Claim(NamedTuple):
    """What somebody says to be let in, and from where."""

    account: str
    password: str
    code: str | None = None
    address: str | None = None
    request_id: str | None = None
    browser: str | None = None
    """The digest of the secret that the browser was given when somebody signed in from it."""


class Guessing:
    """Counts the guesses about each account and from each address.

    `clock` is the real one: a lock ends by itself also where the service's clock stands until it is set.
    """

    def __init__(self, store: SecretStore, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def count(self, claim: Claim) -> int:
        """Count a guess before it is tried, so that no race lets one more through; returns which it is.

        Refuses with `TooManyGuesses` what may not be tried.
        """
        settings, now = self._settings, micros(self._clock())
        number = 0
        for subject in await self._subjects(claim):
            shared = subject.startswith(ADDRESS)
            limit = settings.sign_in_guesses_per_address if shared else settings.sign_in_guesses
            guess = await asyncio.to_thread(
                self._store.guess,
                subject,
                now,
                limit=limit,
                window=int(settings.sign_in_window * SECOND),
                lock=int(settings.sign_in_lock * SECOND),
                # Behind one address many sign in all day: a window that each began anew would never end.
                anew=not shared,
            )
            if guess.number > limit:
                wait = (guess.until - now) // SECOND + 1
                raise TooManyGuesses(until=moment(guess.until).isoformat(), retry_after=wait)
            number = guess.number
        return number

    def locked_until(self, guesses: int) -> datetime | None:
        """Return until when nobody may guess after the so many-th guess has failed; None if one may."""
        if guesses < self._settings.sign_in_guesses:
            return None
        return self._clock() + timedelta(seconds=self._settings.sign_in_lock)

    async def was_right(self, claim: Claim) -> None:
        """Forget the guesses that led to the right one; of its address, only this one."""
        *shared, subject = await self._subjects(claim)
        await asyncio.to_thread(self._store.forget_guesses, subject, micros(self._clock()))
        for address in shared:
            await asyncio.to_thread(self._store.take_back, address)

    async def was_none(self, claim: Claim) -> None:
        """Let this one not count, and those before it go on counting."""
        for subject in await self._subjects(claim):
            await asyncio.to_thread(self._store.take_back, subject)

    async def forget(self, account: str) -> None:
        """Forget the guesses about an account, which unlocks it, and the browsers that it was used in."""
        await asyncio.to_thread(self._store.forget_guesses, f"{ACCOUNT}{account}", micros(self._clock()))
        await asyncio.to_thread(self._store.forget_browsers, account)

    async def know(self, browser: str, account: str) -> None:
        """Count by itself from now on what is guessed about an account in this browser."""
        now = self._clock()
        before = micros(now - KNOWN_FOR)
        await asyncio.to_thread(self._store.know_browser, browser, account, micros(now), forget_before=before)

    async def _subjects(self, claim: Claim) -> list[str]:
        """Return what a guess is counted by, that of its account or its browser last."""
        browser, since = claim.browser, micros(self._clock() - KNOWN_FOR)
        if browser is not None and await asyncio.to_thread(
            self._store.knows_browser, browser, claim.account, since=since
        ):
            return [f"browser:{browser}:{claim.account}"]
        shared = [] if claim.address is None else [f"{ADDRESS}{claim.address}"]
        return [*shared, f"{ACCOUNT}{claim.account}"]
