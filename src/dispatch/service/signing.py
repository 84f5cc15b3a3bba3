"""The key that signs checkpoints: from the environment, from a file, or made where nothing depends on it."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from dispatch.domain.refusal import NotNow
from dispatch.eventlog.checkpoints.former import FormerKey, WithFormerKeys
from dispatch.eventlog.checkpoints.signer import Ed25519Signer, KeyMalformed, Signer, new_pem
from dispatch.eventlog.files import in_words
from dispatch.service.settings import SQLITE, Environment, Settings


class SigningKeyMissing(NotNow):
    """In production the signing key of the checkpoints must be given: set DISPATCH_SIGNING_KEY_FILE."""


class SigningKeyOfDevelopment(NotNow):
    """Production takes no key of development: move it away and set DISPATCH_SIGNING_KEY_FILE to it."""


class SignerUnusable(NotNow):
    """What is to sign the checkpoints, DISPATCH_SIGNER=MODULE:FUNCTION, isn't there."""


class SigningKeyUnusable(NotNow):
    """The signing key of the checkpoints can't be used: it must be an Ed25519 key in PEM (PKCS 8)."""


class FormerKeysUnusable(NotNow):
    """The former keys of the checkpoints can't be used: one a line, oldest first, NAME+ID+BASE64 SIZE."""


def beside(settings: Settings, suffix: str) -> Path:
    """Return a path next to the database: of an SQLite file its name with a suffix, else in `var/`."""
    if settings.database.startswith(SQLITE):
        path = Path(settings.database.removeprefix(SQLITE))
        return path.with_name(f"{path.name}{suffix}")
    name = settings.database.partition("?")[0].rpartition("/")[2] or "dispatch"
    return Path("var") / f"{name}{suffix}"


def checkpoint_directory(settings: Settings) -> Path:
    """Return where checkpoints are delivered to."""
    return settings.checkpoint_directory or beside(settings, ".checkpoints")


def signer_for(settings: Settings) -> Signer:
    """Return the installation's signer: a module's, if one is set, else Ed25519, whose key development makes.

    What the keys in `former_keys_file` signed in their time is the installation's, too. Raises
    `SigningKeyMissing` and `SigningKeyOfDevelopment` in production, `SigningKeyUnusable`, `SignerUnusable`
    and `FormerKeysUnusable`.
    """
    return _signer(settings, make=settings.environment is not Environment.PRODUCTION)


def signer_at_hand(settings: Settings) -> Signer | None:
    """Return the installation's signer if its key is there; none is made, also in development.

    Raises what `signer_for` raises but `SigningKeyMissing`.
    """
    try:
        return _signer(settings, make=False)
    except SigningKeyMissing:
        return None


def _signer(settings: Settings, *, make: bool) -> Signer:
    if settings.former_keys_file is None:
        return _present(settings, make=make)
    try:
        lines = settings.former_keys_file.read_text(encoding="utf-8").splitlines()
        former = [FormerKey.of(line) for line in lines if line.strip()]
        return WithFormerKeys(_present(settings, make=make), former)
    except (OSError, ValueError) as error:
        raise FormerKeysUnusable(file=str(settings.former_keys_file), why=in_words(error)) from None


def _present(settings: Settings, *, make: bool) -> Signer:
    if settings.signer is not None:
        return _from_module(settings.signer, settings.log_origin)
    try:
        return Ed25519Signer.from_pem(settings.log_origin, _pem(settings, make=make))
    except (KeyMalformed, OSError, UnicodeDecodeError) as error:
        raise SigningKeyUnusable(why=in_words(error)) from None


def _from_module(named: str, origin: str) -> Signer:
    """Call what a setting names as `MODULE:FUNCTION` with the log's origin, the name of its key."""
    module, _, function = named.partition(":")
    try:
        make: Callable[[str], Signer] = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise SignerUnusable(signer=named, why=str(error)) from None
    return make(origin)


def require_key(settings: Settings) -> None:
    """Raise what `signer_for` raises if production could not sign, or if the key that was given is none."""
    if settings.environment is Environment.PRODUCTION:
        signer_for(settings)
    else:
        signer_at_hand(settings)


def _pem(settings: Settings, *, make: bool) -> str:
    if settings.signing_key is not None:
        return settings.signing_key.get_secret_value()
    path = settings.signing_key_file
    if path is None:
        path = beside(settings, ".signing-key.pem")
        if settings.environment is Environment.PRODUCTION:
            raise (SigningKeyOfDevelopment if path.exists() else SigningKeyMissing)(file=str(path))
    try:
        return kept_in(path, make=new_pem if make else None)
    except FileNotFoundError:
        raise SigningKeyMissing(file=str(path)) from None


def kept_in(path: Path, *, make: Callable[[], str] | None) -> str:
    """Return the secret in a file; where there is none, `make` makes one that only its owner reads.

    Raises `FileNotFoundError` if it may not be made.
    """
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        if make is None:
            raise
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # its owner's only
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(make())
        file.flush()
        os.fsync(descriptor)
    try:
        # Whole or not at all; if another process was a moment faster, its secret stands.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text(encoding="ascii")
