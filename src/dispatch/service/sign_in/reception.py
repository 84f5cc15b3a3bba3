"""Where people come in: who proves to know the password gets a session, and a session is an account.

Each guess is counted before it is tried, and a failure is recorded. The session, the new password and the
rest become facts by commands, which whoever receives the request sends.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, NamedTuple

import structlog
from cachetools import LRUCache

from commands.accounts.note_failed_sign_in import NoteFailedSignIn
from commands.accounts.reset_password import ResetPassword
from commands.accounts.sign_out import SessionUnknown, SignOut
from commands.command import Command, Outcome, Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.domain import codes
from dispatch.domain.accounts import Account, Role
from dispatch.domain.refusal import NotNow, Refusal
from dispatch.domain.towns import Town
from dispatch.eventlog import micros
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.service.clock import Clock, system_clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in.bindings import bound_hash, opened_hash
from dispatch.service.sign_in.guessing import SECOND, Claim, Guessing
from dispatch.service.sign_in.oidc import Arrival, Oidc
from dispatch.service.sign_in.passwords import Passwords, first_password, require_acceptable
from dispatch.service.sign_in.second_factor import CodeWrong, SecondFactors
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.taking_over import take_over
from dispatch.service.tokens import Unauthenticated, digest_of, of_the_staff, owner

log: Final = structlog.get_logger(__name__)
STEP: Final = 0.25
"""Seconds: a sign-in is refused at the end of such a step, so that what takes a moment longer is hidden."""
NOTE_EVERY: Final = timedelta(seconds=30)
"""How exactly the last use of a session is known."""
SESSIONS_KNOWN: Final = 10_000
Send = Callable[[Command], Awaitable[Outcome]]


class SignInRefused(Refusal):
    """The account or the password is wrong, or the account may not sign in."""


class SecondFactorNeeded(Refusal):
    """The password is right; send `code` with it, of the generator or a recovery code."""


class ProviderFactorNeeded(Refusal):
    """This account needs a second factor, and the provider does not say that it asked for one."""


class SecondFactorWrong(Refusal):
    """The password is right, but that is not the present code, or it was used before."""


class PasswordWrong(NotNow):
    """The present password is another one."""


class Proved(NamedTuple):
    """Who somebody is, and what proved it, such as `password+totp`."""

    account: Account
    method: str


class NewSession(NamedTuple):
    """A session just made: `secret` is for its cookie and kept nowhere, `digest` is what the log keeps.

    `outlives_browser` says for how many seconds the cookie stays in a browser that was closed; None for
    not at all, as at desks, where the next may be somebody else.
    """

    session: str
    secret: str
    digest: str
    expires_at: datetime
    outlives_browser: int | None = None


class FirstPassword(NamedTuple):
    """A password just made, shown once, and the outcome of the command by which it came into force."""

    password: str
    outcome: Outcome


class Reception:
    """Signs people in, in any number of processes on one database."""

    def __init__(
        self, store: SecretStore, handler: Handler, settings: Settings, clock: Clock, real: Clock
    ) -> None:
        self.factors = SecondFactors(store, real, settings.second_factor_issuer, handler.vault)
        self.oidc = Oidc(store, settings, real, handler.vault)
        self._store = store
        self._vault = handler.vault
        self._handler = handler
        self._settings = settings
        self._clock = clock
        self._guessing = Guessing(store, settings, real)
        self._passwords = Passwords()
        self._noted: LRUCache[str, datetime] = LRUCache(SESSIONS_KNOWN)

    def close(self) -> None:
        """Let go of the database and of the provider."""
        self.oidc.close()
        self._store.close()

    async def prove(self, claim: Claim) -> Proved:
        """Return the account whose password it is, and whose code where it has a second factor.

        Refuses with `SignInRefused`, `SecondFactorNeeded` and `SecondFactorWrong`, and with `TooManyGuesses`
        without looking at what was guessed.
        """
        guessed, begun = await self._guessing.count(claim), monotonic()
        account = await self._handler.state(f"account:{claim.account}")
        found = account if isinstance(account, Account) and await self._may_come_in(account) else None
        if found is None:
            await self._passwords.matches(None, claim.password)
            raise await self._refused(begun)
        if not await self._matches(found, claim.password):
            await self._note_failure(claim, guessed)
            raise await self._refused(begun)
        method = await self._with_code(found, claim, guessed)
        if method is None:
            raise SecondFactorWrong
        return Proved(found, method)

    @staticmethod
    async def _refused(begun: float) -> SignInRefused:
        """Return the refusal at the end of a whole step: whether a failure was recorded can't be told."""
        await asyncio.sleep(-(monotonic() - begun) % STEP)
        return SignInRefused()

    async def recognise(self, arrival: Arrival) -> Proved:
        """Return the account that the provider's answer names; `SignInRefused` if there is none to sign in.

        `ProviderFactorNeeded` where the account or its role needs a second factor and the provider asked
        for none. That it is the same person as the first time is looked at when the session begins.
        """
        found = await self._handler.state(f"account:{arrival.account}")
        if not isinstance(found, Account) or not await self._may_come_in(found):
            raise SignInRefused
        strong = not arrival.methods.isdisjoint(self._settings.oidc_second_factor.split())
        needed = found.factor is not None or found.role in self._settings.needing_second_factor
        if needed and not strong:
            raise ProviderFactorNeeded
        return Proved(found, "oidc+mfa" if strong else "oidc")

    async def _may_come_in(self, account: Account) -> bool:
        return not account.revoked and await of_the_staff(account, self._handler)

    async def prove_again(self, account: Account, claim: Claim) -> None:
        """Return if who has signed in proves it once more, before the second factor is changed.

        Refuses with `PasswordWrong`, `CodeWrong` and `SecondFactorNeeded`, and with `TooManyGuesses`.
        """
        guessed = await self._require_password(account, claim)
        if await self._with_code(account, claim, guessed) is None:
            raise CodeWrong

    async def _require_password(self, account: Account, claim: Claim) -> int:
        """Refuse with `PasswordWrong` what is not its password; returns which guess it was."""
        guessed = await self._guessing.count(claim)
        if not await self._matches(account, claim.password):
            await self._note_failure(claim, guessed)
            raise PasswordWrong
        return guessed

    async def _with_code(self, account: Account, claim: Claim, guessed: int) -> str | None:
        """Return what has proved who it is, the password being right; None if the code is wrong."""
        if account.factor is None:
            await self._guessing.was_right(claim)
            return "password"
        if claim.code is None:
            await self._guessing.was_none(claim)
            raise SecondFactorNeeded
        proof = await self.factors.proved_by(account, claim.code)
        if proof is None:
            await self._note_failure(claim, guessed)
            return None
        await self._guessing.was_right(claim)
        return f"password+{proof}"

    async def new_session(self, account: Account) -> NewSession:
        """Make a session of 256 random bits that names its account: `ACCOUNT.RANDOM`."""
        now = self._clock()
        session = secrets.token_hex(8)
        secret = f"{account.account}.{secrets.token_urlsafe(32)}"
        long_ago = micros(now) - int(self._settings.session_limit * SECOND)
        await asyncio.to_thread(self._store.begin_activity, session, micros(now), forget_before=long_ago)
        ends = now + timedelta(seconds=self._settings.session_limit)
        outlives = int(self._settings.session_limit) if account.role is Role.WORKER else None
        return NewSession(session, secret, digest_of(secret), ends, outlives)

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

    async def live(self, account: Account) -> dict[str, int]:
        """Return an account's sessions that have not ended, and when each was last used; see `NOTE_EVERY`.

        That is in microseconds since 1970.
        """
        now = self._clock()
        begun = [key for key, one in account.sessions.items() if now < one.expires_at]
        seen, since = await asyncio.to_thread(self._store.last_seen, begun), self._used_since(account, now)
        return {session: at for session, at in seen.items() if at > since}

    async def new_password(self, account: Account, claim: Claim, new: str) -> str:
        """Keep a password that its owner has chosen, and return the id under which it comes into force.

        The claim holds the present one. `PasswordWrong`, `PasswordUnacceptable`, `TooManyGuesses`.
        """
        await self._require_password(account, claim)
        await self._guessing.was_right(claim)
        town = await self._handler.state(f"town:{codes.town_of(account.scope)}")
        known = [town.name] if isinstance(town, Town) else []
        require_acceptable(new, account, old=claim.password, known=known)
        return await self._keep(account.account, new)

    async def first_password(self, account: str, send: Send) -> FirstPassword:
        """Give an account a random password in place of its own; `send` carries the command out."""
        password = first_password()
        outcome = await send(ResetPassword(account=account, credential=await self._keep(account, password)))
        await self.settled(account)
        await self.unlock(account)
        return FirstPassword(password, outcome)

    async def settled(self, account: str) -> None:
        """Erase what was kept of the account's passwords and second factors that are in force no more.

        The log says which: what is in force, or comes into force at this moment, is left alone, so that this
        may be done again, at any time.
        """
        found = await self._handler.state(f"account:{account}")
        if isinstance(found, Account) and found.retired:
            await asyncio.to_thread(self._store.erase_passwords, found.retired)
            await self.factors.erase(found.retired)

    async def take_over(self) -> None:
        """Bind what was kept before anything was bound; see `dispatch.service.sign_in.taking_over`."""
        await take_over(self._store, self._handler)

    async def unlock(self, account: str) -> None:
        """Forget the guesses about an account, and its browsers, since it has another password now."""
        await self._guessing.forget(account)

    async def know(self, browser: str, account: str) -> None:
        """Know a browser that an account has signed in from; see `dispatch.service.sign_in.guessing`."""
        await self._guessing.know(browser, account)

    async def _keep(self, account: str, password: str) -> str:
        credential = secrets.token_hex(16)
        await self._keep_under(credential, account, password)
        return credential

    async def _keep_under(self, credential: str, account: str, password: str) -> None:
        hashed = bound_hash(self._vault, account, credential, await self._passwords.hashed(password))
        await asyncio.to_thread(self._store.keep_password, credential, account, hashed)

    async def _matches(self, account: Account, password: str) -> bool:
        key = account.credential
        kept = None if key is None else await self._hash_of(account.account, key)
        if not await self._passwords.matches(kept, password):
            return False
        if key is not None and kept is not None and self._passwords.outdated(kept):
            await self._keep_under(key, account.account, password)
        return True

    async def _hash_of(self, account: str, credential: str) -> str | None:
        """Return a password's hash, None if there is none or if it was put there behind our back."""
        kept = await asyncio.to_thread(self._store.password, credential)
        if kept is None:
            return None
        try:
            return opened_hash(self._vault, account, credential, kept)
        except Unopenable:
            log.warning("password_not_bound", account=account, credential=credential)
            return None

    async def _note_failure(self, claim: Claim, failures: int) -> None:
        until = self._guessing.locked_until(failures)
        command = NoteFailedSignIn(account=claim.account, failures=failures, locked_until=until)
        await self._send(command, claim.address, claim.request_id)

    async def _require_active(self, account: Account, session: str, now: datetime, *, use: bool) -> None:
        since = self._used_since(account, now)
        if await asyncio.to_thread(self._store.active, session, micros(now), since=since, use=use):
            if use:
                self._noted[session] = now
            return
        with suppress(SessionUnknown):  # another request of the same session may have been a moment faster
            await self._send(SignOut(account=account.account, session=session, why="idle"))
        raise Unauthenticated

    def _used_since(self, account: Account, now: datetime) -> int:
        """Return when a session must have been used at the earliest to be live."""
        return micros(now) - int(self._settings.session_idle[account.role] * SECOND)

    async def _send(
        self, command: Command, address: str | None = None, request_id: str | None = None
    ) -> None:
        await self._handler.handle(
            Request(command=command, account=SYSTEM.account, address=address, request_id=request_id)
        )


def open_reception(
    settings: Settings, handler: Handler, clock: Clock, *, real: Clock = system_clock
) -> Reception:
    """Return the reception of an installation, making its tables if they are not there yet.

    `real` is the clock that locks and generators of codes go by, also where `clock` is a simulated one.
    """
    return Reception(SecretStore(settings.database), handler, settings, clock, real)
