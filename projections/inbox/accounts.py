"""Who hears that somebody else may get in for him, or reach him no more: its owner, and who audits it.

An administrator helps who has lost a password, and could act in his name afterwards; or in that of a member,
by another account of his. He can't do so unnoticed. What an account begins with, a token and a first
password, is nothing that anybody could be deprived of: until its owner has set a password of his own, and
for a day at most, nothing is told. Of a token that was made by the password the owner alone hears.
Nor does an administrator change unnoticed by which channels somebody else is told.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.accounts import (
    AccountAdded,
    IdentityUnlinked,
    PasswordSet,
    Role,
    SecondFactorRemoved,
    TokenIssued,
)
from dispatch.domain.event import Event, Recorded
from dispatch.domain.inboxes import of_account, of_member
from dispatch.domain.recipients import ChannelsSet
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.inbox.row import ACCOUNTS, AUDITORS, NOTICES, PERSONS, AccountRow, auditors, notice_id
from projections.inbox.telling import tell

SERVICE: Final = str(Role.SYSTEM)
BEGINNING: Final = timedelta(days=1)
FEW: Final = 3
"""How many notifications there are as a rule; further ones are looked up one by one."""

Change = TokenIssued | PasswordSet | SecondFactorRemoved | IdentityUnlinked


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that an event of an account or a change of channels touches, as far as it can say."""
    yield ACCOUNTS, _key(recorded)
    yield AUDITORS, ""
    if isinstance(recorded.event, AccountAdded) and recorded.event.member is not None:
        yield PERSONS, _person(recorded.event, recorded.event.member)
    yield from ((NOTICES, notice_id(recorded.position, number)) for number in range(FEW))


def added(rows: Rows, event: AccountAdded, recorded: Recorded) -> None:
    """Note an account; who audits it hears of one that can do more than work in a grid, or of a further one.

    A further one is in the name of a member who has one already: he hears of it himself. Of those that were
    made at the shell, as the first ones are, the log alone tells.
    """
    row = AccountRow(event.account, event.scope, event.at, own=False)
    rows.put(ACCOUNTS, row)
    key = None if event.member is None else _person(event, event.member)
    person = None if key is None else rows.get(PERSONS, key)
    further = [of_member(person.town, person.member)] if person is not None and person.acts else []
    if person is not None and not person.acts:
        rows.put(PERSONS, replace(person, acts=True))
    if event.by not in {None, SERVICE} and (further or event.role is not Role.WORKER):
        _tell(rows, [*further, *_auditors(rows, row.scope)], event, recorded, row)


def _person(event: AccountAdded, member: str) -> tuple[str, str]:
    return codes.town_of(event.scope), member


def _changed(rows: Rows, event: Change, recorded: Recorded) -> None:
    row = rows.need(ACCOUNTS, _key(recorded))
    begins = not row.own and event.at < row.added_at + BEGINNING
    if event.by is not None and not begins:
        _tell(rows, [of_account(row.account), *_auditors(rows, row.scope)], event, recorded, row)
    elif isinstance(event, TokenIssued) and event.by is None:
        # Its owner has made it, or whoever knows his password.
        _tell(rows, [of_account(row.account)], event, recorded, row)
    if isinstance(event, PasswordSet) and not event.temporary and not row.own:
        rows.put(ACCOUNTS, replace(row, own=True))


def _channels_set(rows: Rows, event: ChannelsSet, recorded: Recorded) -> None:
    if event.by_other:
        owners = [event.inbox, *_auditors(rows, event.scope)]
        title = event.inbox.rpartition(":")[2]
        tell(
            rows,
            owners,
            event,
            recorded,
            place=event.scope,
            title=title,
            by=event.by,
            urgent=True,
            erased=event.erased,
        )


def _auditors(rows: Rows, scope: str) -> Iterator[str]:
    """Give the inboxes of the auditors who may read of what is in a scope in the log."""
    for auditor in auditors(rows):
        row = rows.get(ACCOUNTS, auditor)
        if row is not None and codes.covers(row.scope, scope):
            yield of_account(auditor)


def _tell(
    rows: Rows, owners: Iterable[str], event: AccountAdded | Change, recorded: Recorded, account: AccountRow
) -> None:
    member = event.member if isinstance(event, AccountAdded) else None
    title = " · ".join(filter(None, (account.account, member)))
    tell(rows, owners, event, recorded, place=account.scope, title=title, by=event.by, urgent=True)


def _key(recorded: Recorded) -> str:
    return recorded.originator_id.partition(":")[2]


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    TokenIssued: _changed,
    PasswordSet: _changed,
    SecondFactorRemoved: _changed,
    IdentityUnlinked: _changed,
    ChannelsSet: _channels_set,
}
