"""The vault: one key for each subject, kept wrapped under the installation's key-encryption key.

A subject is a stream (`case:…`, `household:…`). What is sealed, `sealed:SUITE:EVENT/VERSION/FIELD:BASE64`,
opens with its subject's key, at that place only. Once the key is destroyed it opens for nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dispatch.eventlog.vault.ciphers import Suite, Unopenable

SEALED: Final = "sealed:"
"""How the text of a personal field begins that only its key can open."""
OF_THE_SERVICE: Final = "service"
"""The place that the service's own secrets are sealed for."""
ROOT: Final = 32
"""Bytes of a key-encryption key."""
KEY_ID: Final = 8
DIGEST: Final = 16
BETWEEN: Final = re.compile(r"[,;/|、和或及]")
"""What stands between two numbers in one field."""
EXTENSION: Final = re.compile(r"转|ext|x|#", re.IGNORECASE)
TRUNK: Final = re.compile(r"^(?:\+86|0086|86(?=1\d{10}$))")
LEAST_DIGITS: Final = 5
LONGEST_NUMBER: Final = 15
"""Digits of a telephone number at most. Source: ITU-T E.164, 6."""


def _numbers(text: str) -> Iterator[str]:
    """Return the digits of each telephone number in a text, without the country's and an extension's."""
    for part in BETWEEN.split(unicodedata.normalize("NFKC", text)):
        # Only what is too long for one number is several with blanks between.
        whole = _digits(part)
        for found in [whole] if len(whole) <= LONGEST_NUMBER else map(_digits, part.split()):
            if len(found) >= LEAST_DIGITS:
                yield found


def _digits(part: str) -> str:
    written = re.sub(r"[^\d+]", "", EXTENSION.split(part)[0])
    return "".join(filter(str.isdecimal, TRUNK.sub("", written)))


class KeyEncryptionKeyMalformed(ValueError):
    """A key-encryption key is 32 random bytes in base 64, such as `openssl rand -base64 32` prints."""


class WrappedKey(NamedTuple):
    """A subject's key as the database keeps it; `wrapped_by` names the key-encryption key."""

    subject: str
    suite: str
    wrapped_by: bytes
    wrapped: bytes


class SubjectKey(NamedTuple):
    """What one subject's texts are sealed with."""

    subject: str
    suite: Suite
    secret: bytes

    def seal(self, place: str, text: str) -> str:
        """Return a text sealed for a place, such as `case.reported/1/reporter.name`."""
        sealed = self.suite.seal(self.secret, text.encode(), self._bound_to(place))
        return f"{SEALED}{self.suite}:{place}:{b64encode(sealed).decode()}"

    def open(self, place: str, text: str) -> str:
        """Return what a text says that stands in a place; one that never was sealed says itself.

        `Unopenable` for one that was sealed for another place: it was moved behind the log's back.
        """
        if not text.startswith(SEALED):
            return text
        try:
            _, suite, sealed_for, encoded = text.split(":")
            sealed = b64decode(encoded, validate=True)
            if sealed_for != place:
                raise Unopenable
            return Suite(suite).open(self.secret, sealed, self._bound_to(place)).decode()
        except (ValueError, Base64Error):
            raise Unopenable from None

    def _bound_to(self, place: str) -> bytes:
        return f"{self.subject}\n{place}".encode()


def new_root() -> str:
    """Return a new key-encryption key as text."""
    return b64encode(secrets.token_bytes(ROOT)).decode()


class Vault:
    """Makes and unwraps subjects' keys, and keys the digests that are not to be guessed from.

    `suite` is that of new keys; a subject keeps the suite that its key was made for.
    """

    def __init__(self, root: str, suite: Suite = Suite.AES_256_GCM) -> None:
        try:
            key = b64decode(root.strip(), validate=True)
        except (ValueError, Base64Error):
            key = b""
        if len(key) != ROOT:
            raise KeyEncryptionKeyMalformed(KeyEncryptionKeyMalformed.__doc__)
        self._root = key
        self._suite = suite
        self._wrapping = {suite: self._derived(f"wrap {suite}", suite.key_length) for suite in Suite}
        self._requests = self._derived("requests")
        self._telephones = self._derived("telephones")
        self._bindings = self._derived("bindings")
        self.id = self._derived("id", KEY_ID)

    def new_key(self, subject: str) -> SubjectKey:
        """Return a key that a subject's texts are sealed with from now on."""
        return SubjectKey(subject, self._suite, self._suite.new_key())

    def wrap(self, key: SubjectKey) -> WrappedKey:
        """Return a key as it may be kept."""
        subject, suite, secret = key
        wrapped = suite.seal(self._wrapping[suite], secret, subject.encode())
        return WrappedKey(subject, suite, self.id, wrapped)

    def unwrap(self, kept: WrappedKey) -> SubjectKey:
        """Return a key that was kept; `Unopenable` if it is another installation's."""
        try:
            suite = Suite(kept.suite)
        except ValueError:
            raise Unopenable from None
        secret = suite.open(self._wrapping[suite], kept.wrapped, kept.subject.encode())
        return SubjectKey(kept.subject, suite, secret)

    def fingerprint(self, request: bytes) -> bytes:
        """Return a digest by which the same request is known again, and nothing guessed of what it said."""
        return hashlib.blake2b(request, digest_size=DIGEST, key=self._requests).digest()

    def telephones(self, text: str) -> set[bytes]:
        """Return the digests that items are found by under the telephone numbers in a text, however written.

        None of what has too few digits to be one.
        """
        return {hmac.digest(self._telephones, one.encode(), "sha256")[:DIGEST] for one in _numbers(text)}

    def seal_secret(self, owner: str, text: str) -> str:
        """Return what the service itself has to keep secret, beside the log, so that only it can read it."""
        return self._secret_key(owner, self._suite).seal(OF_THE_SERVICE, text)

    def open_secret(self, owner: str, text: str) -> str:
        """Return a secret that was sealed for its owner.

        `Unopenable` under another key-encryption key, and for what isn't sealed: anybody could write that.
        """
        if not text.startswith(SEALED):
            raise Unopenable
        suite = next((suite for suite in Suite if text.startswith(f"{SEALED}{suite}:")), self._suite)
        return self._secret_key(owner, suite).open(OF_THE_SERVICE, text)

    def binding(self, owner: str, text: str) -> str:
        """Return what only this vault can tell of a text and whose it is: 32 bytes in hexadecimal digits."""
        return hmac.digest(self._bindings, f"{owner}\n{text}".encode(), "sha256").hex()

    def _secret_key(self, owner: str, suite: Suite) -> SubjectKey:
        return SubjectKey(owner, suite, self._derived(f"secrets {suite}", suite.key_length))

    def _derived(self, purpose: str, length: int = ROOT) -> bytes:
        info = f"dispatch vault: {purpose}".encode()
        return HKDF(SHA256(), length, salt=None, info=info).derive(self._root)
