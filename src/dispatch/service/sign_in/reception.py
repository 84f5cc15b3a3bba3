"""Where people come in: who proves to know the password gets a session, and a session is an account.

Each guess is counted before it is tried, and a failure is recorded. The session, the new password and the
rest become facts by commands, which whoever receives the request sends.
"""

import asyncio
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cachetools import LRUCache

from commands.accounts.note_failed_sign_in import NoteFailedSignIn
from commands.accounts.sign_out import SessionUnknown, SignOut
from commands.command import Command, Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.domain.accounts import Account
from dispatch.domain.refusal import NotNow, Refusal
from dispatch.eventlog import micros, moment
from dispatch.service.clock import Clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in.passwords import Passwords, first_password, require_acceptable
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.tokens import Unauthenticated, digest_of, owner

NOTE_EVERY: Final = timedelta(seconds=30)
"""How exactly the last use of a session is known."""
SESSIONS_KNOWN: Final = 10_000
SECOND: Final = 1_000_000
"""In microseconds."""


class SignInRefused(Refusal):
    """The account or the password is wrong, or the account may not sign in."""


class TooManyGuesses(Refusal):
    """Too many attempts have failed: wait until the time that is said, or ask an administrator."""


class PasswordWrong(NotNow):
    """The present password is another one."""


class Claim(NamedTuple):
    """What somebody says to be let in, and from where."""

    account: str
    password: str
    address: str | None = None
    request_id: str | None = None


class NewSession(NamedTuple):
    """A session just made: `secret` is for its cookie and kept nowhere, `digest` is what the log keeps."""

    session: str
    secret: str
    digest: str
    expires_at: datetime


class FirstPassword(NamedTuple):
    """A password just made: shown once; it comes into force by the command that names `credential`."""

    credential: str
    password: str


class Reception:
    """Signs people in, in any number of processes on one database."""

    def __init__(self, store: SecretStore, handler: Handler, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._handler = handler
        self._settings = settings
        self._clock = clock
        self._passwords = Passwords()
        self._noted: LRUCache[str, datetime] = LRUCache(SESSIONS_KNOWN)

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    async def prove(self, claim: Claim) -> Account:
        """Return the account whose password it is.

        Refuses with `SignInRefused`, and with `TooManyGuesses` without looking at what was guessed.
        """
        guessed = await self._count(claim)
        account = await self._handler.state(f"account:{claim.account}")
        found = account if isinstance(account, Account) and not account.revoked else None
        if found is not None and await self._matches(found, claim.password):
            await self._take_back(claim)
            return found
        if found is None:
            await self._passwords.matches(None, claim.password)
        else:
            await self._note_failure(claim, guessed)
        raise SignInRefused

    async def new_session(self, account: Account) -> NewSession:
        """Make a session of 256 random bits that names its account: `ACCOUNT.RANDOM`."""
        now = self._clock()
        session = secrets.token_hex(8)
        secret = f"{account.account}.{secrets.token_urlsafe(32)}"
        long_ago = micros(now) - int(self._settings.session_limit * SECOND)
        await asyncio.to_thread(self._store.begin_activity, session, micros(now), forget_before=long_ago)
        ends = now + timedelta(seconds=self._settings.session_limit)
        return NewSession(session, secret, digest_of(secret), ends)

    async def enter(self, secret: str, *, fresh: bool, use: bool = True) -> tuple[Account, str]:
        """Return the account and the id of the session that a cookie's secret belongs to.

        Refuses with `Unauthenticated` when it has ended, or was not used for too long. `use` says whether a
        person does something with it now. `fresh` as for `dispatch.service.tokens.owner`.
        """
        now = self._clock()
        account, session = await owner(
            secret, self._handler, now=now, fresh=fresh, of=lambda account: account.sessions
        )
        noted = self._noted.get(session)
        if noted is None or not noted <= now < noted + NOTE_EVERY:
            await self._require_active(account, session, now, use=use)
        return account, session

    async def new_password(self, account: Account, claim: Claim, new: str) -> str:
        """Keep a password that its owner has chosen, and return the id under which it comes into force.

        The claim holds the present one. `PasswordWrong`, `PasswordUnacceptable`, `TooManyGuesses`.
        """
        await self._count(claim)
        if not await self._matches(account, claim.password):
            raise PasswordWrong
        await self._take_back(claim)
        require_acceptable(new, account, old=claim.password)
        return await self._keep(account.account, new)

    async def first_password(self, account: str) -> FirstPassword:
        """Make a random password for an account."""
        password = first_password()
        return FirstPassword(await self._keep(account, password), password)

    async def settled(self, account: str, credential: str) -> None:
        """Erase what was kept of the passwords before the one now in force, and unlock the account."""
        await asyncio.to_thread(self._store.erase_passwords, account, but=credential)
        await asyncio.to_thread(self._store.forget_guesses, _subject(account), micros(self._clock()))

    async def _keep(self, account: str, password: str) -> str:
        credential = secrets.token_hex(16)
        hashed = await self._passwords.hashed(password)
        await asyncio.to_thread(self._store.keep_password, credential, account, hashed)
        return credential

    async def _matches(self, account: Account, password: str) -> bool:
        key = account.credential
        kept = None if key is None else await asyncio.to_thread(self._store.password, key)
        if not await self._passwords.matches(kept, password):
            return False
        if key is not None and kept is not None and self._passwords.outdated(kept):
            hashed = await self._passwords.hashed(password)
            await asyncio.to_thread(self._store.keep_password, key, account.account, hashed)
        return True

    async def _count(self, claim: Claim) -> int:
        """Count a guess before it is tried, so that no race lets one more through; returns which it is."""
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
            )
            if guess.number > limit:
                wait = (guess.until - now) // SECOND + 1
                raise TooManyGuesses(until=moment(guess.until).isoformat(), retry_after=wait)
            number = guess.number
        return number

    async def _take_back(self, claim: Claim) -> None:
        """Forget the guesses that led to the right one; of its address, only this one."""
        await asyncio.to_thread(self._store.forget_guesses, _subject(claim.account), micros(self._clock()))
        if claim.address is not None:
            await asyncio.to_thread(self._store.take_back, _source(claim.address))

    async def _note_failure(self, claim: Claim, failures: int) -> None:
        locked = failures >= self._settings.sign_in_guesses
        until = self._clock() + timedelta(seconds=self._settings.sign_in_lock) if locked else None
        command = NoteFailedSignIn(account=claim.account, failures=failures, locked_until=until)
        await self._send(command, claim.address, claim.request_id)

    async def _require_active(self, account: Account, session: str, now: datetime, *, use: bool) -> None:
        since = micros(now) - int(self._settings.session_idle * SECOND)
        if await asyncio.to_thread(self._store.active, session, micros(now), since=since, use=use):
            if use:
                self._noted[session] = now
            return
        with suppress(SessionUnknown):  # another request of the same session may have been a moment faster
            await self._send(SignOut(account=account.account, session=session, why="idle"))
        raise Unauthenticated

    async def _send(
        self, command: Command, address: str | None = None, request_id: str | None = None
    ) -> None:
        await self._handler.handle(
            Request(command=command, account=SYSTEM.account, address=address, request_id=request_id)
        )


def open_reception(settings: Settings, handler: Handler, clock: Clock) -> Reception:
    """Return the reception of an installation, making its tables if they are not there yet."""
    return Reception(SecretStore(settings.database), handler, settings, clock)


def _subject(account: str) -> str:
    return f"account:{account}"


def _source(address: str) -> str:
    return f"address:{address}"
