"""Guesses: each is counted before it is tried, in all processes together, and after too many nobody may."""

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


class TooManyGuesses(Refusal):
    """Too many attempts have failed: wait until the time that is said, or ask an administrator."""


class Claim(NamedTuple):
    """What somebody says to be let in, and from where."""

    account: str
    password: str
    code: str | None = None
    address: str | None = None
    request_id: str | None = None


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
        subjects = [(_subject(claim.account), settings.sign_in_guesses)]
        if claim.address is not None:
            subjects.insert(0, (_source(claim.address), settings.sign_in_guesses_per_address))
        number = 0
        for subject, limit in subjects:
            guess = await asyncio.to_thread(
                self._store.guess,
                subject,
                now,
                limit=limit,
                window=int(settings.sign_in_window * SECOND),
                lock=int(settings.sign_in_lock * SECOND),
                # Behind one address many sign in all day: a window that each began anew would never end.
                anew=subject == _subject(claim.account),
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
        await self.forget(claim.account)
        if claim.address is not None:
            await asyncio.to_thread(self._store.take_back, _source(claim.address))

    async def was_none(self, claim: Claim) -> None:
        """Let this one not count, and those before it go on counting."""
        await asyncio.to_thread(self._store.take_back, _subject(claim.account))
        if claim.address is not None:
            await asyncio.to_thread(self._store.take_back, _source(claim.address))

    async def forget(self, account: str) -> None:
        """Forget the guesses about an account, which unlocks it."""
        await asyncio.to_thread(self._store.forget_guesses, _subject(account), micros(self._clock()))


def _subject(account: str) -> str:
    return f"account:{account}"


def _source(address: str) -> str:
    return f"address:{address}"
