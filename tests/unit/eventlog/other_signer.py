"""A signer with a key of another kind than Ed25519, in the place of a certified module; for tests only."""

import hmac
from base64 import b64encode
from typing import Final

from dispatch.eventlog.checkpoints.note import Checkpoint, Signature
from dispatch.eventlog.checkpoints.signer import key_id

KIND: Final = b"\xfe"
SECRET: Final = b"everybody may know this"


class OtherSigner:
    """Signs by HMAC, which only it can verify."""

    def __init__(self, name: str) -> None:
        self._name, self._id = name, key_id(name, KIND, b"other")

    @property
    def key(self) -> str:
        return f"{self._name}+{self._id.hex()}+{b64encode(KIND + b'other').decode()}"

    def sign(self, body: bytes) -> Signature:
        return Signature(self._name, self._id, hmac.digest(SECRET, body, "sha256"))

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        return self.sign(checkpoint.body) in checkpoint.signatures


def make(origin: str) -> OtherSigner:
    return OtherSigner(origin)
