"""Passwords: which may be chosen, how they are kept (Argon2id, RFC 9106) and compared."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from dispatch.domain.accounts import Account
from dispatch.domain.refusal import Unacceptable
from dispatch.service.sign_in.guessable import LEAST_OWN, own_characters

SHORTEST: Final = 12
LONGEST: Final = 256
"""Characters. Source: OWASP ASVS 5, V6.2: at least 8, better 15, and at least 64 are taken."""
FEWEST_DIFFERENT: Final = 5
AT_ONCE: Final = 2
"""How many passwords a process hashes at once: each takes 64 MiB and 3 passes, and the others wait."""
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that are read from a screen or from paper: without what looks alike."""
GROUPS: Final = 4


class PasswordUnacceptable(Unacceptable):
    """Take 12 to 256 characters, best some unrelated words: 5 different, and no common or known words."""


def first_password() -> str:
    """Return a random password of 79 bits that is easily typed: four groups of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(GROUPS))


def require_acceptable(
    password: str, account: Account, *, old: str | None = None, known: Sequence[str] = ()
) -> None:
    """Refuse with `PasswordUnacceptable` what is easily guessed, or no other than the one before.

    `known` is what else everybody knows of who has the account, such as the name of his town.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnacceptable(length=len(password))
    if len(set(password)) < FEWEST_DIFFERENT:
        raise PasswordUnacceptable(different=len(set(password)))
    written = password.casefold()
    for name in (account.account, account.name, account.member or ""):
        if len(name) > 1 and name.casefold() in written:
            raise PasswordUnacceptable(holds="the account's name")
    around = [*known, *(one.rstrip("市区县乡镇") for one in known), account.scope]
    if password.isdecimal() or (own := own_characters(password, around)) < LEAST_OWN:
        raise PasswordUnacceptable(own=0 if password.isdecimal() else own)
    if password == old:
        raise PasswordUnacceptable(same="as before")


def _of_nobody(hasher: PasswordHasher) -> str:
    """Return what might have been kept of a password, without any that it is of.

    It is compared with where there is nothing to compare with. Drawn and not computed, so that even the first
    of these comparisons costs one hash, as every other does.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${costs}${salt}${digest}"


class Passwords:
    """Hashes and compares beside the event loop, a few at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobody = _of_nobody(self._hasher)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether it is the password of which `kept` was kept; None takes as long and is none."""
        async with self._turns:
            same = await asyncio.to_thread(self._verify, kept, password)
        return same and kept is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether it was hashed with weaker parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
