"""What accounts, members, grids and departments are called, by their names of some moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from dispatch.domain import codes
from dispatch.domain.accounts import AccountAdded
from dispatch.domain.event import Event, Recorded
from dispatch.domain.towns import (
    DepartmentOpened,
    DepartmentRenamed,
    GridChanged,
    GridDrawn,
    MemberJoined,
    MemberRenamed,
)
from dispatch.eventlog.log import EventLog, Stored

MEMBER: Final = frozenset({"member.joined", "member.renamed"})
GRID: Final = frozenset({"grid.drawn", "grid.changed"})
DEPARTMENT: Final = frozenset({"department.opened", "department.renamed"})


class People:
    """Names of accounts, from the log; each stream is read once."""

    def __init__(self, event_log: EventLog, decode_whole: Callable[[Stored], Recorded]) -> None:
        self._log, self._decode_whole = event_log, decode_whole
        self._accounts: dict[str, AccountAdded | None] = {}
        self._named: dict[tuple[str, frozenset[str]], list[Recorded]] = {}

    def name(self, account: str, *, position: int, as_of: datetime | None = None) -> str:
        """Return what an account is called by `as_of`, as far as `position` knew; its id if there is none."""
        if account not in self._accounts:
            first = (self._decode_whole(one).event for one in self._log.read_stream(f"account:{account}")[:1])
            self._accounts[account] = next((one for one in first if isinstance(one, AccountAdded)), None)
        added = self._accounts[account]
        if added is None:
            return account
        if added.member is None:
            return added.name
        town = codes.town_of(added.scope)
        return self.called(MEMBER, added.member, town, position=position, as_of=as_of) or added.name

    def called(
        self, kind: frozenset[str], key: str, town: str, *, position: int, as_of: datetime | None = None
    ) -> str | None:
        """Return what a member, grid or department of a town was called; None if nobody had named it yet.

        `kind` is which events name it.
        """
        called = None
        for recorded in self._naming(town, kind):
            event = recorded.event
            then = recorded.position <= position and (as_of is None or event.at <= as_of)
            if then and named(event)[0] == key:
                called = named(event)[1]
        return called

    def _naming(self, town: str, kind: frozenset[str]) -> list[Recorded]:
        if (town, kind) not in self._named:
            found = self._log.read_stream(f"town:{town}")
            self._named[town, kind] = [self._decode_whole(one) for one in found if one.name in kind]
        return self._named[town, kind]


def named(event: Event) -> tuple[str, str]:
    """Return whom or what an event of a town names, and what it is called from then on."""
    match event:
        case MemberJoined() | MemberRenamed():
            return event.member, event.name
        case DepartmentOpened() | DepartmentRenamed():
            return event.department, event.name
        case _:
            assert isinstance(event, GridDrawn | GridChanged)
            return event.code, event.name
