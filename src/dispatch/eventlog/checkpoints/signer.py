"""Who signs checkpoints: an interface, for a certified module one day, and Ed25519."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final, NamedTuple, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from dispatch.eventlog.checkpoints.note import KEY_ID, Checkpoint, Signature

ED25519: Final = b"\x01"
"""The type of a key in its text and its id, as C2SP's signed-note numbers them."""


class KeyMalformed(ValueError):
    """This text is no key that is known here."""


class Verifier(Protocol):
    """Tells what was signed with one key, or at its time with a former one."""

    @property
    def key(self) -> str:
        """The public key as text, for whoever verifies: NAME+ID+BASE64.

        Former keys of the log stand on further lines, oldest first, each with a space and the size of the
        last checkpoint that it signed.
        """

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        """Tell whether a checkpoint has a signature of this key, and that one is right."""


class Signer(Verifier, Protocol):
    """Signs the bodies of checkpoints with one key.

    A module for SM2 has its own type of key, and a name that says so; who knows only Ed25519 passes over
    its line, as signed notes want it.
    """

    def sign(self, body: bytes) -> Signature:
        """Sign."""


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """Return the four bytes by which a signature names its key."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_ID]


def require_name(name: str) -> str:
    """Return a key's or log's name; `KeyMalformed` if a note can't hold it."""
    if not name or "+" in name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise KeyMalformed(f"{name!r} has spaces or + in it, or nothing")
    return name


class Ed25519Signer:
    """Signs with a private key that lies in memory."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._name, self._private = require_name(name), private
        self._public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._id = key_id(name, ED25519, self._public)

    @classmethod
    def from_pem(cls, name: str, pem: str) -> Self:
        """Return the signer with a key in PKCS 8, as `openssl genpkey -algorithm ed25519` makes it."""
        try:
            private = load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError):
            raise KeyMalformed("the signing key is no unencrypted PEM of PKCS 8") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyMalformed("the signing key is not of Ed25519")
        return cls(name, private)

    @property
    def key(self) -> str:
        """The public key as text."""
        return f"{self._name}+{self._id.hex()}+{b64encode(ED25519 + self._public).decode()}"

    def sign(self, body: bytes) -> Signature:
        """Sign."""
        return Signature(self._name, self._id, self._private.sign(body))

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        """Tell whether a checkpoint has a signature of this key, and that one is right."""
        return is_signed(checkpoint, self.key)


def new_pem() -> str:
    """Return a new private key."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class PublicKey(NamedTuple):
    """A public key of Ed25519 as its text says it."""

    name: str
    key_id: bytes
    public: bytes


def public_key(text: str) -> PublicKey:
    """Read a public key from its text; `KeyMalformed` if it is none of Ed25519."""
    name, _, rest = text.strip().partition("+")
    written_id, _, encoded = rest.partition("+")
    try:
        kind_and_public = b64decode(encoded, validate=True)
        named_id = bytes.fromhex(written_id)
    except ValueError:
        raise KeyMalformed(f"{text!r} is no public key of a note") from None
    kind, public = kind_and_public[:1], kind_and_public[1:]
    if kind != ED25519 or key_id(name, kind, public) != named_id:
        raise KeyMalformed(f"{text!r} is no public key of Ed25519")
    return PublicKey(name, named_id, public)


def is_signed(checkpoint: Checkpoint, key: str) -> bool:
    """Tell whether a checkpoint has a signature of this key of Ed25519 (its text), and that one is right."""
    name, named_id, public = public_key(key)
    for signature in checkpoint.signatures:
        if (signature.name, signature.key_id) == (name, named_id):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature.signature, checkpoint.body)
            except (InvalidSignature, ValueError):
                return False
            return True
    return False
