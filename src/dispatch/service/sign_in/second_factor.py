"""The second factor: codes of a generator (TOTP, RFC 6238), and recovery codes for when it is lost.

Its secret stands beside the log like a password's hash, sealed under the key-encryption key, by which
recovery codes are bound to it, too; the log says which one is in force. Each code signs in once, in whatever
process: the step of time that it belongs to only ever goes forward.
"""

import asyncio
import re
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

import pyotp
import sqlalchemy as sa
from pyotp.exceptions import OTPVerificationError

from dispatch.domain.accounts import Account
from dispatch.domain.refusal import NotNow
from dispatch.eventlog import micros
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.clock import Clock
from dispatch.service.sign_in.bindings import bound_code
from dispatch.service.sign_in.passwords import ALPHABET
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, RECOVERY_CODES
from dispatch.service.tokens import digest_of

DIGITS: Final = re.compile(r"[0-9]{6}")
EITHER_SIDE: Final = 1
"""Steps of 30 s by which a generator's clock may be wrong."""
ENROLLING: Final = timedelta(minutes=15)
"""How long a generator waits for its first code."""
RECOVERY: Final = 10
RECOVERY_GROUPS: Final = 6
"""Of four letters: 118 bits, so that a plain digest of it can't be guessed from (OWASP ASVS 5, 6.5.2)."""


class CodeWrong(NotNow):
    """That is not the present code of the generator, or it was used before."""


class NothingToConfirm(NotNow):
    """There is no new generator to confirm, or it waited too long: begin anew."""


class Enrolment(NamedTuple):
    """What a generator is set up with, by hand or as a QR code; shown once."""

    secret: str
    uri: str


class NewFactor(NamedTuple):
    """A generator that gave its first code; it comes into force by the command that names `factor`."""

    factor: str
    recovery_codes: tuple[str, ...]


class SecondFactors:
    """Makes generators and checks their codes; `clock` is the real one, which generators go by."""

    def __init__(self, store: SecretStore, clock: Clock, issuer: str, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._issuer = issuer

    async def begin(self, account: Account) -> Enrolment:
        """Make a generator that waits for its first code, in the place of one that waits already."""
        secret, now = pyotp.random_base32(), self._clock()
        factor = secrets.token_hex(16)
        # One that has given a code comes into force at any moment, unless that has failed long ago.
        unused = (FACTORS.c.used_step == 0) | (FACTORS.c.made_at < micros(now - 2 * ENROLLING))
        waiting = sa.delete(FACTORS).where(_waiting(account), unused)
        made = self._store.insert(FACTORS).values(
            factor=factor,
            account=account.account,
            secret=self._vault.seal_secret(factor, secret),
            used_step=0,
            made_at=micros(now),
        )
        await self._rows(waiting)
        await self._rows(made)
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.account, issuer_name=self._issuer)
        return Enrolment(secret, uri)

    async def confirmed(self, account: Account, code: str) -> NewFactor:
        """Return the generator that waits if this is its code; `NothingToConfirm`, `CodeWrong`."""
        since = micros(self._clock() - ENROLLING)
        waiting = sa.select(FACTORS).where(_waiting(account), FACTORS.c.made_at > since)
        found = await self._rows(waiting.order_by(FACTORS.c.made_at.desc()))
        if not found:
            raise NothingToConfirm
        factor: str = found[0].factor
        if not await self._is_code_of(factor, found[0].secret, _plain(code)):
            raise CodeWrong
        codes = tuple(_recovery_code() for _ in range(RECOVERY))
        rows = [
            {"digest": self._kept(account, factor, one), "factor": factor, "account": account.account}
            for one in codes
        ]
        await self._rows(self._store.insert(RECOVERY_CODES).values(rows))
        return NewFactor(factor, codes)

    async def proved_by(self, account: Account, code: str) -> str | None:
        """Return by what the code proves who it is, `totp` or `recovery`, or None; it never does again."""
        if account.factor is None:
            return None
        plain = _plain(code)
        kept = await self._rows(sa.select(FACTORS.c.secret).where(FACTORS.c.factor == account.factor))
        if kept and await self._is_code_of(account.factor, kept[0].secret, plain):
            return "totp"
        code = self._kept(account, account.factor, plain)
        this = (RECOVERY_CODES.c.digest == code, RECOVERY_CODES.c.factor == account.factor)
        used = sa.delete(RECOVERY_CODES).where(*this).returning(RECOVERY_CODES.c.factor)
        return "recovery" if await self._rows(used) else None

    async def erase(self, factors: Collection[str]) -> None:
        """Erase what was kept of these generators."""
        for table in (FACTORS, RECOVERY_CODES):
            await self._rows(sa.delete(table).where(table.c.factor.in_(factors)))

    def _kept(self, account: Account, factor: str, code: str) -> str:
        """Return what is kept of a recovery code."""
        return bound_code(self._vault, account.account, factor, digest_of(_plain(code)))

    async def _is_code_of(self, factor: str, secret: str, code: str) -> bool:
        if DIGITS.fullmatch(code) is None:
            return False
        try:
            generator = pyotp.TOTP(self._vault.open_secret(factor, secret))
            step = generator.verify_and_get_timecode(code, for_time=self._clock(), valid_window=EITHER_SIDE)
        except (OTPVerificationError, Unopenable):
            return False
        this = (FACTORS.c.factor == factor, FACTORS.c.used_step < step)
        used = sa.update(FACTORS).where(*this).values(used_step=step).returning(FACTORS.c.factor)
        return bool(await self._rows(used))

    async def _rows(self, statement: sa.Executable) -> list[sa.Row[tuple[str, ...]]]:
        return await asyncio.to_thread(self._store.rows, statement)


def _waiting(account: Account) -> sa.ColumnElement[bool]:
    """Choose what is not in force and never was."""
    known = account.retired if account.factor is None else account.retired | {account.factor}
    return (FACTORS.c.account == account.account) & FACTORS.c.factor.not_in(known)


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(RECOVERY_GROUPS))


def _plain(code: str) -> str:
    """Return a code as it was made, however it was written down."""
    return re.sub(r"[\s-]", "", code).lower()
