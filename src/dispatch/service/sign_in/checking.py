"""Holding what signs in against the log, which says what is in force and that it is bound to its account."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from dispatch.domain.accounts import AccountRevoked, PasswordSet, SecondFactorRemoved, SecondFactorSet
from dispatch.domain.event import name_of
from dispatch.domain.personal import PersonalBound
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.log import Stored, micros
from dispatch.eventlog.mapper import UnreadableEvent, decode
from dispatch.eventlog.tree.checking import Fault
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.clock import system_clock
from dispatch.service.settings import SQLITE
from dispatch.service.sign_in.bindings import is_bound
from dispatch.service.sign_in.store import Secret, SecretStore, is_as_begun, opens
from dispatch.service.sign_in.tables import FACTORS, PASSWORDS, RECOVERY_CODES

ACCOUNT: Final = "account:"
LOOKED_AT: Final = {
    name_of(one) for one in (PasswordSet, SecondFactorSet, SecondFactorRemoved, AccountRevoked, PersonalBound)
}
UNOPENED: Final = "without the key-encryption key: whether what signs in is bound to its account"
WORDS: Final = {PASSWORDS: "password", FACTORS: "second factor", RECOVERY_CODES: "recovery code"}


class _InForce(NamedTuple):
    """An id that is in force: of whom, since which position, and whether it was bound from the first."""

    account: str
    position: int
    bound: bool


class SignInCheck:
    """Looks at every event of a walk over the log, and at what signs in after that.

    Without a `vault` it is seen that something is bound and not to what. `unchecked` says after `faults` what
    was not looked at.
    """

    def __init__(self, database: str, log: DatabaseLog, vault: Vault | None) -> None:
        self.unchecked: list[str] = []
        self._database, self._log, self._vault = database, log, vault
        self._seen = 0
        self._taken_over = False
        self._passwords: dict[str, str] = {}
        self._factors: dict[str, str] = {}
        self._in_force: dict[str, _InForce] = {}

    def look(self, events: Sequence[Stored]) -> None:
        """Look at events that come after those looked at before."""
        for event in events:
            self._seen = event.position
            if event.name in LOOKED_AT:
                try:
                    self._follow(event)
                except UnreadableEvent:
                    continue  # the tree tells what was changed

    def faults(self) -> Iterator[Fault]:
        """Return what is wrong, once all events were looked at."""
        in_force = {*self._passwords.values(), *self._factors.values()}
        secrets, journeys = self._kept()
        if self._vault is not None and not all(is_as_begun(self._vault, one) for one in journeys):
            yield Fault(0, "a sign-in that is on the way at the provider is not as it was begun")
        if not in_force:
            return
        if secrets is None:
            self.unchecked.append("passwords and second factors, of which none is there")
            return
        if self._vault is None:
            self.unchecked.append(UNOPENED)
        yield from self._astray(secrets)
        secrets = [one for one in secrets if one.key in in_force]  # no other signs anybody in
        older = [one for one in secrets if self._is_older(one)]
        for secret in secrets:
            known = self._in_force[secret.key]
            if not (secret in older or self._belongs(secret, known) or self._goes_on(known)):
                what = f"the {WORDS[secret.table]} of {known.account} isn't bound to the account"
                yield Fault(known.position, what)
        if older:
            self.unchecked.append(f"{len(older)} of what signs in, which the service binds when it starts")
        kept = {one.key for one in secrets if one.table is not RECOVERY_CODES}
        for key in sorted(in_force - kept):
            if not self._goes_on(known := self._in_force[key]):
                which = "password" if self._passwords.get(known.account) == key else "second factor"
                yield Fault(known.position, f"the {which} of {known.account} is missing")

    def _astray(self, secrets: Sequence[Secret]) -> Iterator[Fault]:
        """Return which recovery codes of a generator in force are kept as another's, so that none is used."""
        for secret in secrets:
            factor = self._factors.get(secret.account)
            if self._vault is None or secret.table is not RECOVERY_CODES or factor in {None, secret.key}:
                continue
            if opens(self._vault, secret._replace(key=factor)):
                what = f"a recovery code of {secret.account} is kept as that of another second factor"
                yield Fault(self._in_force[factor].position, what)

    def _is_older(self, secret: Secret) -> bool:
        """Tell whether it may be as it was kept before anything was bound."""
        return not (is_bound(secret.kept) or self._in_force[secret.key].bound or self._taken_over)

    def _follow(self, event: Stored) -> None:
        account = event.stream.removeprefix(ACCOUNT)
        match decode(event).event:
            case PasswordSet() as said:
                self._passwords[account] = said.credential
                self._in_force[said.credential] = _InForce(account, event.position, said.bound)
            case SecondFactorSet() as said:
                self._factors[account] = said.factor
                self._in_force[said.factor] = _InForce(account, event.position, said.bound)
            case SecondFactorRemoved():
                self._factors.pop(account, None)
            case AccountRevoked():
                self._passwords.pop(account, None)
                self._factors.pop(account, None)
            case PersonalBound():
                self._taken_over = True

    def _kept(self) -> tuple[list[Secret] | None, list[Mapping[str, Any]]]:
        """Return what signs in, None without tables, of which none are made, and who is at the provider."""
        file = Path(f"{self._database.removeprefix(SQLITE)}.sign-in")
        if self._database.startswith(SQLITE) and not file.exists():
            return None, []
        store = SecretStore(self._database, make=False)
        try:
            return store.secrets() if store.made() else None, store.journeys(micros(system_clock()))
        finally:
            store.close()

    def _belongs(self, secret: Secret, known: _InForce) -> bool:
        """Tell whether it is kept as that account's, and bound to it as far as that can be told."""
        if secret.account != known.account or not is_bound(secret.kept):
            return False
        if self._vault is None:
            return True
        return opens(self._vault, secret)

    def _goes_on(self, known: _InForce) -> bool:
        """Tell whether more happened to an account than was looked at: the next walk tells of it."""
        return any(one.position > self._seen for one in self._log.read_stream(f"{ACCOUNT}{known.account}"))
