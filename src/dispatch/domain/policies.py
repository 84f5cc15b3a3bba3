"""The policies of a town or county: each change is an event; a version stays in force for its items."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event
from dispatch.domain.policy import Policy


class PolicySet(Event, frozen=True, kw_only=True, tag="policy.set"):
    """The administrator set the whole policy of `scope`, a town (9 digits) or county (6)."""

    scope: str
    by: str
    policy: Policy


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """What one scope has set, the oldest first: version `500115101@3` is the third of them."""

    scope: str
    since: datetime
    versions: tuple[Policy, ...]

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """The version in force."""
        return self.present.version

    @property
    def present(self) -> Policy:
        """The policy in force."""
        return self.versions[-1]

    def version(self, name: str) -> Policy:
        """Return the policy of that version. Raises `LookupError`."""
        number = int(name.partition("@")[2])
        if not 1 <= number <= len(self.versions):
            raise LookupError(name)
        return self.versions[number - 1]


def evolve(policies: Policies | None, event: PolicySet) -> Policies:
    """Return the policies after `event`."""
    if policies is None:
        return Policies(scope=event.scope, since=event.at, versions=(event.policy,))
    return replace(policies, since=event.at, versions=(*policies.versions, event.policy))
