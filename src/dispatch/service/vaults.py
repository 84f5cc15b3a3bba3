"""The key-encryption key, which the keys of personal data lie under: given, or made in development."""

from dispatch.domain.refusal import NotNow
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import KeyEncryptionKeyMalformed, Vault, new_root
from dispatch.service.settings import SQLITE, Environment, Settings
from dispatch.service.signing import beside, kept_in


class KeyEncryptionKeyMissing(NotNow):
    """In production the key-encryption key must be given: set DISPATCH_KEY_ENCRYPTION_KEY_FILE."""


class KeyEncryptionKeyUnusable(NotNow):
    """The key-encryption key can't be used: it must be 32 bytes in base 64."""


class KeyEncryptionKeyWrong(NotNow):
    """The key-encryption key isn't the one that the personal data in this database is kept under."""


def vault_for(settings: Settings) -> Vault:
    """Return the installation's vault.

    Raises `KeyEncryptionKeyMissing` in production and `KeyEncryptionKeyUnusable`.
    """
    try:
        return Vault(_root(settings), settings.personal_cipher)
    except (KeyEncryptionKeyMalformed, UnicodeDecodeError):
        raise KeyEncryptionKeyUnusable from None
    except OSError as error:
        raise KeyEncryptionKeyUnusable(why=str(error)) from None


def vault_at_hand(settings: Settings) -> Vault | None:
    """Return the installation's vault if its key is there; none is made, also in development.

    Raises `KeyEncryptionKeyUnusable`.
    """
    asked = settings.model_copy(update={"environment": Environment.PRODUCTION})
    try:
        return vault_for(asked)
    except KeyEncryptionKeyMissing:
        return None


def require_own(vault: Vault, log: DatabaseLog) -> Vault:
    """Return the vault; `KeyEncryptionKeyWrong` if this log was written under another key-encryption key."""
    try:
        for kept in log.some_keys():
            vault.unwrap(kept)
    except Unopenable:
        raise KeyEncryptionKeyWrong from None
    return vault


def _root(settings: Settings) -> str:
    if settings.key_encryption_key is not None:
        return settings.key_encryption_key.get_secret_value()
    production = settings.environment is Environment.PRODUCTION
    path = settings.key_encryption_key_file
    if path is None:
        if settings.database == f"{SQLITE}:memory:" and not production:
            return new_root()
        path = beside(settings, ".key-encryption-key")
    try:
        return kept_in(path, make=None if production else new_root)
    except FileNotFoundError:
        raise KeyEncryptionKeyMissing(file=str(path)) from None
