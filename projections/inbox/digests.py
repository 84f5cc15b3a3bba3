"""Who hears of a day's digest: every auditor, wherever he works, for it tells nothing of any place."""

from collections.abc import Iterable
from typing import Final

from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.digests import DigestIssued, in_base64
from dispatch.domain.event import Recorded
from dispatch.domain.inboxes import of_account
from projections.engine.rows import Rows, Touched
from projections.inbox.row import AUDITORS, NOTICES, AuditorsRow, auditors, notice_id
from projections.inbox.telling import tell

ALL: Final = ""
"""The key of the one row."""
FEW: Final = 4
"""How many auditors there are as a rule; further notifications are looked up one by one."""


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that a digest touches, as far as it can say."""
    yield AUDITORS, ALL
    yield from ((NOTICES, notice_id(recorded.position, number)) for number in range(FEW))


def added(rows: Rows, event: AccountAdded) -> None:
    """Note an auditor."""
    if event.role is Role.AUDITOR:
        rows.put(AUDITORS, AuditorsRow(ALL, (*auditors(rows), event.account)))


def revoked(rows: Rows, account: str) -> None:
    """Note that somebody is one no more."""
    before = auditors(rows)
    if account in before:
        rows.put(AUDITORS, AuditorsRow(ALL, tuple(one for one in before if one != account)))


def issued(rows: Rows, event: DigestIssued, recorded: Recorded) -> None:
    """Tell each auditor the day, the size of the tree and its root, and the checkpoint that was signed."""
    tell(
        rows,
        map(of_account, auditors(rows)),
        event,
        recorded,
        place="",
        title=f"{event.day} · {event.last} · {in_base64(event.sha256)}",
        by=None,
        detail=event.checkpoint or "",
        urgent=False,
    )
