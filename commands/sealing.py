"""What one decision seals its personal texts with: keys that were loaded, and those that it makes."""

from collections.abc import Mapping

from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.sealing import Sealed
from dispatch.eventlog.vault.vault import SEALED, SubjectKey, Vault


class KeyNotLoaded(Exception):
    """A decision needs a subject's key that is not loaded yet; the handler loads it and decides again."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject


class Keys:
    """The subjects' keys as one decision finds them; `made` are those that are to be kept with its events."""

    def __init__(self, vault: Vault, loaded: Mapping[str, SubjectKey | None]) -> None:
        self.vault = vault
        self.made: dict[str, SubjectKey] = {}
        self._loaded = loaded

    def of(self, subject: str, *, new: bool) -> SubjectKey:
        """Return the key to seal with, made now if there is none; a `new` stream can't have one."""
        key = self.made.get(subject) or (None if new else self._load(subject))
        if key is None:
            key = self.made[subject] = self.vault.new_key(subject)
        return key

    def opened(self, subject: str, sealed: Sealed) -> str:
        """Return what a text says, "" if its key is destroyed or isn't this installation's."""
        if not sealed.text.startswith(SEALED):
            return sealed.text
        return opened(self._load(subject), sealed) or ""

    def _load(self, subject: str) -> SubjectKey | None:
        try:
            return self._loaded[subject]
        except KeyError:
            raise KeyNotLoaded(subject) from None


def opened(key: SubjectKey | None, sealed: Sealed) -> str | None:
    """Return what a text says; None if there is no key for it, or it was sealed for another place."""
    if not sealed.text.startswith(SEALED):
        return sealed.text
    try:
        return None if key is None else key.open(*sealed)
    except Unopenable:
        return None
