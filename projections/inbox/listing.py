"""An inbox as its reader sees it: the newest first, what is unread, and how many that are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from dispatch.domain.ladder import Level
from dispatch.domain.modes import Grade
from projections.engine.store import POSITIONS
from projections.inbox.phrases import put
from projections.inbox.row import NOTICES, READ, READERS, NoticeRow
from projections.questions.asked import Page
from projections.questions.listing import paged, sorting
from projections.questions.view import Condition, View

SORTS: Final = {"position": "position"}
_STORED: Final = [sa.type_coerce(column, sa.types.NullType()) for column in NOTICES.table.columns]
"""The columns as they are kept, which the table of rows decodes."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notification: `owner` is the inbox that it came to, `name` the event that it tells of.

    `kind` and `item` say which task or case; `zh` and `en` put it in one line. `detail` is what was said
    (a reason, an instruction), `until` the end of a suspension or of a promise, `grade` that of an emergency;
    `erased` says of channels that their addresses were erased for ever.
    """

    id: str
    position: int
    owner: str
    name: str
    kind: str
    item: str
    place: str
    title: str
    at: datetime
    by: str | None
    zh: str
    en: str
    detail: str
    level: Level | None
    due_at: datetime | None
    until: datetime | None
    urgent: bool
    grade: Grade | None
    erased: bool
    unread: bool


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notifications, the newest first.

    `unread` counts all that the reader has not read, whatever the page or filter; `total` is the list's
    length and `next` the cursor to go on from.
    """

    items: list[Notice]
    unread: int
    total: int
    next: str | None
    as_of: datetime
    position: int


def notice(row: NoticeRow, *, unread: bool) -> Notice:
    """Return a notification as it is shown."""
    kind, _, item = row.item.partition(":")
    zh, en = put(row)
    fields = msgspec.structs.asdict(row) | {"kind": kind, "item": item}
    return Notice(**fields, zh=zh, en=en, unread=unread)


def unread_in(connection: sa.Connection, account: str, owners: Sequence[str]) -> int:
    """Return how many notifications of these inboxes an account has not read."""
    count = sa.select(sa.func.count()).select_from(NOTICES.table)
    found: Any = connection.execute(count.where(_owned(owners), *_unread(account))).fetchall()
    return int(found[0][0])


def inbox(
    view: View, account: str, owners: Sequence[str], *, unread_only: bool | None, page: Page
) -> Notices:
    """Return a page of the notifications in these inboxes, and what of them an account has not read."""
    fresh = sa.and_(*_unread(account))
    where: list[Condition] = [_owned(owners)]
    if unread_only is not None:
        where.append(fresh if unread_only else sa.not_(fresh))
    found = paged(view, NOTICES, where, order=sorting(NOTICES, SORTS, "-position"), page=page)
    open_ones = _among(view, [row.id for row in found.rows], fresh)
    return Notices(
        items=[notice(row, unread=row.id in open_ones) for row in found.rows],
        unread=unread_in(view.connection, account, owners),
        total=found.total,
        next=found.next,
        as_of=view.as_of,
        position=view.position,
    )


def reached(connection: sa.Connection) -> int:
    """Return the position up to which the inboxes are folded."""
    found: Sequence[Any] = connection.execute(
        sa.select(POSITIONS.c.position).where(POSITIONS.c.projection == "inbox")
    ).fetchall()
    return int(found[0][0]) if found else 0


def of_ids(connection: sa.Connection, ids: Sequence[str]) -> list[NoticeRow]:
    """Return the notifications of these ids, whosever; at most some thousands are asked for."""
    found: Sequence[Any] = connection.execute(sa.select(*_STORED).where(NOTICES.c.id.in_(ids))).fetchall()
    return NOTICES.decoded(tuple(row) for row in found)


def after(connection: sa.Connection, position: int, most: int) -> list[NoticeRow]:
    """Return the notifications, whosever, of the events after a position, the oldest first.

    They are at least `most` where there are so many: all those of an event or none.
    """
    c = NOTICES.c
    last = sa.select(c.position).where(c.position > position).order_by(c.position).limit(most).subquery()
    end = sa.select(sa.func.max(last.c.position)).scalar_subquery()
    statement = sa.select(*_STORED).where(c.position > position, c.position <= end)
    found: Sequence[Any] = connection.execute(statement.order_by(c.position, c.id)).fetchall()
    return NOTICES.decoded(tuple(row) for row in found)


def _owned(owners: Sequence[str]) -> Condition:
    return NOTICES.c.owner.in_(sorted(owners))


def _unread(account: str) -> list[Condition]:
    """Return the conditions for a notification not to be read by an account."""
    through = sa.select(READERS.c.through).where(READERS.c.account == account).scalar_subquery()
    mine = sa.select(READ.c.id).where(READ.c.account == account)
    return [NOTICES.c.position > sa.func.coalesce(through, 0), NOTICES.c.id.not_in(mine)]


def _among(view: View, ids: Sequence[str], condition: Condition) -> set[str]:
    found: Sequence[Any] = view.execute(sa.select(NOTICES.c.id).where(NOTICES.c.id.in_(ids), condition))
    return {str(row[0]) for row in found}
