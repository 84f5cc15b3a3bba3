"""Who stands behind an account: the member by his name of some moment, else the account's own name."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from dispatch.domain import codes
from dispatch.domain.accounts import AccountAdded
from dispatch.domain.event import Recorded
from dispatch.domain.towns import MemberJoined, MemberRenamed
from dispatch.eventlog.log import EventLog, Stored

NAMING: Final = frozenset({"member.joined", "member.renamed"})


class People:
    """Names of accounts, from the log; each stream is read once."""

    def __init__(self, event_log: EventLog, decode_whole: Callable[[Stored], Recorded]) -> None:
        self._log, self._decode_whole = event_log, decode_whole
        self._accounts: dict[str, AccountAdded | None] = {}
        self._named: dict[str, list[Recorded]] = {}

    def name(self, account: str, *, position: int, as_of: datetime | None = None) -> str:
        """Return what an account is called by `as_of`, as far as `position` knew; its id if there is none."""
        if account not in self._accounts:
            first = (self._decode_whole(one).event for one in self._log.read_stream(f"account:{account}")[:1])
            self._accounts[account] = next((one for one in first if isinstance(one, AccountAdded)), None)
        added = self._accounts[account]
        if added is None:
            return account
        called = added.name
        for recorded in self._members(added):
            event = recorded.event
            assert isinstance(event, MemberJoined | MemberRenamed)
            then = recorded.position <= position and (as_of is None or event.at <= as_of)
            if then and event.member == added.member:
                called = event.name
        return called

    def _members(self, added: AccountAdded) -> list[Recorded]:
        if added.member is None:
            return []
        town = codes.town_of(added.scope)
        if town not in self._named:
            found = self._log.read_stream(f"town:{town}")
            self._named[town] = [self._decode_whole(one) for one in found if one.name in NAMING]
        return self._named[town]
