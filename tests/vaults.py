"""The vault of tests: one key-encryption key for whatever processes a test lets write to one log."""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from dispatch.eventlog.vault.vault import Vault

ROOT: Final = b64encode(sha256(b"nothing that is to be kept").digest()).decode()
VAULT: Final = Vault(ROOT)
