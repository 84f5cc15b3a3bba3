"""Who hears of the whole log, a day's digest or that it is signed no more: every auditor, wherever he works.

It tells nothing of any place.
"""

from collections.abc import Iterable
from typing import Any, Final

from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.checkpoints import (
    CheckpointDelivered,
    CheckpointRefused,
    CheckpointResumed,
    CheckpointUndelivered,
)
from dispatch.domain.digests import DigestIssued, in_base64
from dispatch.domain.event import Event, Recorded
from dispatch.domain.inboxes import of_account
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.inbox.row import AUDITORS, NOTICES, AuditorsRow, auditors, notice_id
from projections.inbox.telling import tell

ALL: Final = ""
"""The key of the one row."""
FEW: Final = 4
"""How many auditors there are as a rule; further notifications are looked up one by one."""


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that news of the whole log touches, as far as it can say."""
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


def _issued(rows: Rows, event: DigestIssued, recorded: Recorded) -> None:
    """Tell each auditor the day, the size of the tree and its root, and the checkpoint that was signed."""
    title = f"{event.day} · {event.last} · {in_base64(event.sha256)}"
    _tell_all(rows, event, recorded, title, detail=event.checkpoint or "", urgent=False)


def _signing(rows: Rows, event: CheckpointRefused | CheckpointResumed, recorded: Recorded) -> None:
    """Tell each the size and the root of the checkpoint that was refused, or of the one signed again.

    One that can't be read has no root.
    """
    title = f"{event.size} · {event.sha256}" if event.sha256 else str(event.size)
    _tell_all(rows, event, recorded, title, urgent=True)


def _delivery(rows: Rows, event: CheckpointUndelivered | CheckpointDelivered, recorded: Recorded) -> None:
    """Tell each why checkpoints are not delivered, or which one was again."""
    title = event.error if isinstance(event, CheckpointUndelivered) else f"{event.to} · {event.size}"
    _tell_all(rows, event, recorded, title, urgent=True)


def _tell_all(
    rows: Rows, event: Event, recorded: Recorded, title: str, *, detail: str = "", urgent: bool
) -> None:
    owners = map(of_account, auditors(rows))
    tell(rows, owners, event, recorded, place="", title=title, by=None, detail=detail, urgent=urgent)


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    DigestIssued: _issued,
    CheckpointRefused: _signing,
    CheckpointResumed: _signing,
    CheckpointUndelivered: _delivery,
    CheckpointDelivered: _delivery,
}
