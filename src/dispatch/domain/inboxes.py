"""Inboxes: whose they are, and what their readers have seen.

An inbox has an address: a kind, a place where the kind needs one, and a key, such as
`member:500115101:wang`. A person's own are `member:<town>:<id>` and `account:<id>`; the command centre of a
town, a department and the district above have one too, which several people read.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.accounts import Account, Role
from dispatch.domain.event import Event
from dispatch.domain.towns import Town

SHARED: Final = frozenset({"centre", "department", "district"})
"""The kinds of inbox that several people read."""


def of_member(town: str, member: str) -> str:
    """Return the address of a member of a town."""
    return f"member:{town}:{member}"


def of_account(account: str) -> str:
    """Return the address of an account; where a member is behind it, both are read by the same person."""
    return f"account:{account}"


def of_department(town: str, department: str) -> str:
    """Return the address of a department of a town."""
    return f"department:{town}:{department}"


def of_centre(town: str) -> str:
    """Return the address of a town's command centre, whose operators read it."""
    return f"centre:{town}"


def of_district(county: str) -> str:
    """Return the address of the level above the towns of a county or district, by its 6 digits."""
    return f"district:{county}"


def place_of(address: str) -> str | None:
    """Return the code of the place that a shared inbox or a member belongs to; None for an account's."""
    kind, _, rest = address.partition(":")
    return None if kind == "account" else rest.partition(":")[0]


def kind_of(address: str) -> str:
    """Return the kind of an inbox, such as `member`."""
    return address.partition(":")[0]


def shared(role: Role, scope: str) -> tuple[str, ...]:
    """Return the inboxes that an account reads together with others.

    For an operator the centre's of his town; for operators and supervisors of a county the district's.
    """
    if role is Role.OPERATOR and len(scope) == codes.TOWN:
        return (of_centre(scope),)
    if role in {Role.OPERATOR, Role.SUPERVISOR} and len(scope) == codes.COUNTY:
        return (of_district(scope),)
    return ()


def of_person(account: Account, town: Town | None) -> str | None:
    """Return the inbox of the member behind an account; None if he has a post outside the account's scope.

    What he is told of is of all his posts; whoever gives accounts in one village may not read of another.
    An account of the whole town needs no `town` to say where his posts are.
    """
    home = codes.town_of(account.scope)
    if account.member is None:
        return None
    if account.scope != home and (town is None or not town.within(account.member, account.scope)):
        return None
    return of_member(home, account.member)


def own(account: Account, town: Town | None) -> tuple[str, ...]:
    """Return the inboxes that an account reads: its own, that of the member behind it, and shared ones."""
    person = of_person(account, town)
    found = (of_account(account.account),) if person is None else (of_account(account.account), person)
    return (*found, *shared(account.role, account.scope))


class InboxRead(Event, frozen=True, kw_only=True, tag="inbox.read"):
    """An account has read its notifications up to the position `through`, and those of `ids` beyond it.

    What was not there yet is not read: a `through` beyond the event's own position reaches no further.
    """

    account: str
    scope: str
    through: int | None = None
    ids: tuple[str, ...] = ()


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has read: everything up to the position `through`, and `ids`."""

    account: str
    scope: str
    through: int = 0
    ids: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """An inbox has no lifecycle."""
        return "read"


def position_of(notification: str) -> int:
    """Return the position of the event that a notification tells of; its id is `<position>-<number>`."""
    return int(notification.partition("-")[0])


def evolve(inbox: Inbox | None, event: InboxRead) -> Inbox:
    """Return what has been read after `event`."""
    before = inbox or Inbox(account=event.account, scope=event.scope)
    through = max(before.through, event.through or 0)
    ids = frozenset(one for one in before.ids.union(event.ids) if position_of(one) > through)
    return replace(before, scope=event.scope, through=through, ids=ids)
