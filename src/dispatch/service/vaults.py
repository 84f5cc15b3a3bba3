"""The key-encryption key, which the keys of personal data lie under: given, or made in development."""

from dispatch.domain.refusal import NotNow
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.files import in_words
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import KeyEncryptionKeyMalformed, Vault, new_root
from dispatch.service.settings import SQLITE, Environment, Settings
from dispatch.service.signing import beside, kept_in


class KeyEncryptionKeyMissing(NotNow):
    """In production the key-encryption key must be given: set DISPATCH_KEY_ENCRYPTION_KEY_FILE."""


class KeyEncryptionKeyOfDevelopment(NotNow):
    """Production takes no key of development: move it away and set DISPATCH_KEY_ENCRYPTION_KEY_FILE to it."""


class KeyEncryptionKeyUnusable(NotNow):
    """The key-encryption key can't be used: it must be 32 bytes in base 64."""


class KeyEncryptionKeyWrong(NotNow):
    """The key-encryption key isn't the one that the personal data in this database is kept under."""


def vault_for(settings: Settings) -> Vault:
    """Return the installation's vault, whose key development makes.

    Raises `KeyEncryptionKeyMissing` and `KeyEncryptionKeyOfDevelopment` in production, and
    `KeyEncryptionKeyUnusable`.
    """
    return _vault(settings, make=settings.environment is not Environment.PRODUCTION)


def vault_at_hand(settings: Settings) -> Vault | None:
    """Return the installation's vault if its key is there; none is made, also in development.

    Raises `KeyEncryptionKeyOfDevelopment` in production, and `KeyEncryptionKeyUnusable`.
    """
    try:
        return _vault(settings, make=False)
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


def _vault(settings: Settings, *, make: bool) -> Vault:
    try:
        return Vault(_root(settings, make=make), settings.personal_cipher)
    except KeyEncryptionKeyMalformed:
        raise KeyEncryptionKeyUnusable from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyEncryptionKeyUnusable(why=in_words(error)) from None


def _root(settings: Settings, *, make: bool) -> str:
    if settings.key_encryption_key is not None:
        return settings.key_encryption_key.get_secret_value()
    path = settings.key_encryption_key_file
    if path is None:
        if settings.database == f"{SQLITE}:memory:" and make:
            return new_root()
        path = beside(settings, ".key-encryption-key")
        if settings.environment is Environment.PRODUCTION:
            raise (KeyEncryptionKeyOfDevelopment if path.exists() else KeyEncryptionKeyMissing)(
                file=str(path)
            )
    try:
        return kept_in(path, make=new_root if make else None)
    except FileNotFoundError:
        raise KeyEncryptionKeyMissing(file=str(path)) from None
