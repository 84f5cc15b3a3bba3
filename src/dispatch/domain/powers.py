"""The three powers of a town: which of its members hold one, and with which accounts.

Who runs the service, who dispatches and who audits are three persons. Source: DOMAIN.md, People and rights:
an administrator dispatches nothing, an auditor changes nothing.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from dispatch.domain.accounts import Role
from dispatch.domain.event import Event

POWERS: Final = frozenset({Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR})


class PowerGiven(Event, frozen=True, kw_only=True, tag="powers.given"):
    """A member got an account with one of the three powers."""

    town: str
    member: str
    account: str
    role: Role


class PowerTaken(Event, frozen=True, kw_only=True, tag="powers.taken"):
    """That account gives the member no power any more."""

    town: str
    member: str
    account: str


class Powers(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds which power in a town: member to account to role."""

    town: str
    held: dict[str, dict[str, Role]] = {}

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.town

    @property
    def status(self) -> str:
        """The powers of a town have no lifecycle."""
        return "held"

    def beside(self, member: str, role: Role) -> frozenset[Role]:
        """Return the other powers than `role` that a member holds."""
        return frozenset(self.held.get(member, {}).values()) - {role}


def evolve(powers: Powers | None, event: PowerGiven | PowerTaken) -> Powers:
    """Return who holds which power after `event`."""
    powers = powers or Powers(town=event.town)
    mine = {key: role for key, role in powers.held.get(event.member, {}).items() if key != event.account}
    if isinstance(event, PowerGiven):
        mine[event.account] = event.role
    return replace(powers, held={**powers.held, event.member: mine})
