"""What signs in is bound to its account and to its id: what is copied from elsewhere, or made up, is nothing.

The key of it derives from the key-encryption key. So whoever can write to the database, and has no more, can
take a secret away and put none in its place. Nor can he exchange the page where a sign-in at a provider ends.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.sign_in.tables import FACTORS, JOURNEYS, PASSWORDS, RECOVERY_CODES

BETWEEN: Final = ":"
"""What stands between the digest of a recovery code and what binds it, as in whatever is sealed."""


def is_bound(kept: str) -> bool:
    """Tell whether something was kept as bound, by its form alone: a hash, a secret or a recovery code."""
    return BETWEEN in kept


def bound_hash(vault: Vault, account: str, credential: str, hashed: str) -> str:
    """Return a password's hash as it is kept."""
    return vault.seal_secret(_owner("password", account, credential), hashed)


def opened_hash(vault: Vault, account: str, credential: str, kept: str) -> str:
    """Return a password's hash that was kept; `Unopenable` unless it is this account's, under this id."""
    return vault.open_secret(_owner("password", account, credential), kept)


def bound_secret(vault: Vault, _account: str, factor: str, secret: str) -> str:
    """Return a generator's secret as it is kept."""
    return vault.seal_secret(factor, secret)


def opened_secret(vault: Vault, _account: str, factor: str, kept: str) -> str:
    """Return a generator's secret that was kept; `Unopenable` unless it is that of this factor."""
    return vault.open_secret(factor, kept)


def bound_code(vault: Vault, account: str, factor: str, digest: str) -> str:
    """Return the digest of a recovery code as it is kept."""
    return f"{digest}{BETWEEN}{vault.binding(_owner('recovery', account, factor), digest)}"


def opened_code(vault: Vault, account: str, factor: str, kept: str) -> str:
    """Return the digest of a recovery code that was kept; `Unopenable` unless it is one of this factor's."""
    digest = kept.partition(BETWEEN)[0]
    if kept != bound_code(vault, account, factor, digest):
        raise Unopenable
    return digest


def bound_landing(vault: Vault, journey: Mapping[str, Any]) -> str:
    """Return the page that a sign-in at a provider ends at as it is kept, bound to all else of its row."""
    return f"{_journey(vault, journey)}{BETWEEN}{journey['landing']}"


def opened_landing(vault: Vault, journey: Mapping[str, Any]) -> str:
    """Return the page that was kept; `Unopenable` unless the whole row is as it was made."""
    binding, _, landing = str(journey["landing"]).partition(BETWEEN)
    if not hmac.compare_digest(binding.encode(), _journey(vault, {**journey, "landing": landing}).encode()):
        raise Unopenable
    return landing


def _journey(vault: Vault, journey: Mapping[str, Any]) -> str:
    said = [str(journey[column.name]) for column in JOURNEYS.columns]
    return vault.binding("journey", msgspec.json.encode(said).decode())


def _owner(what: str, account: str, key: str) -> str:
    return f"{what}:{account}/{key}"


Binding = Callable[[Vault, str, str, str], str]
BINDINGS: Final[dict[sa.Table, tuple[Binding, Binding]]] = {
    PASSWORDS: (bound_hash, opened_hash),
    FACTORS: (bound_secret, opened_secret),
    RECOVERY_CODES: (bound_code, opened_code),
}
"""What binds, and what opens, the secrets of each table: of an account, under an id."""
