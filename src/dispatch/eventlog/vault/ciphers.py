"""The two ciphers that personal data is sealed with, each with a tag that shows every change."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
TAG: Final = 16


class Suite(StrEnum):
    """A cipher with its mode, by the name that stands in what was sealed with it."""

    AES_256_GCM = "aes-256-gcm"
    SM4_GCM = "sm4-gcm"

    @property
    def key_length(self) -> int:
        """The length of its keys in bytes."""
        return _WORKS[self].key_length

    def new_key(self) -> bytes:
        """Return a key that nobody had before."""
        return secrets.token_bytes(self.key_length)

    def seal(self, key: bytes, text: bytes, bound_to: bytes) -> bytes:
        """Return `text` sealed: nonce, cipher text, tag. It opens with the same `bound_to` only."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + _WORKS[self].encrypt(key, nonce, text, bound_to)

    def open(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Return the text; `Unopenable` if anything about it is another than when it was sealed."""
        if len(sealed) < NONCE + TAG or len(key) != self.key_length:
            raise Unopenable
        try:
            return _WORKS[self].decrypt(key, sealed[:NONCE], sealed[NONCE:], bound_to)
        except InvalidTag:
            raise Unopenable from None


class Unopenable(Exception):
    """This was sealed under another key, for another place, or has been changed."""


class _Works(NamedTuple):
    key_length: int
    encrypt: Callable[[bytes, bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes, bytes], bytes]


def _encrypt_sm4(key: bytes, nonce: bytes, text: bytes, bound_to: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag


def _decrypt_sm4(key: bytes, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG:])).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    return decryptor.update(sealed[:-TAG]) + decryptor.finalize()


_WORKS: Final = {
    Suite.AES_256_GCM: _Works(
        32,
        lambda key, nonce, text, bound_to: AESGCM(key).encrypt(nonce, text, bound_to),
        lambda key, nonce, sealed, bound_to: AESGCM(key).decrypt(nonce, sealed, bound_to),
    ),
    Suite.SM4_GCM: _Works(16, _encrypt_sm4, _decrypt_sm4),
}
