"""Any read model as it stood at a position of the log, and what changed in it between two positions."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from dispatch.domain import codes, inboxes
from dispatch.domain.refusal import Unacceptable, Unknown
from projections.catalogue import PAST
from projections.engine.moment import Moment, Moments
from projections.engine.tables import Key, RowTable, Tally
from projections.households import HOUSEHOLDS, VISITS
from projections.inbox.row import ACCOUNTS, AUDITORS, NOTICES, READ, READERS, NoticeRow
from projections.plans import OCCURRENCES, PLANS

EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""A replay knows an event by its position: whatever was recorded by then is in it, whenever it happened."""
PLACES: Final = ("grid", "town", "code", "scope", "place", "county")
"""Columns that say where a row belongs, the first that there is."""
Placing = Callable[[Any, Moment], str]
"""From a row and its moment, the place that the row belongs to."""
EVERY: Final[list[RowTable[Any] | Tally]] = [
    *(table for projection in PAST for table in projection.tables),
    *(tally for projection in PAST for tally in projection.tallies),
]
TABLES: Final = {table.name: table for table in EVERY}
"""Every read model's table by its name."""


class TableUnknown(Unknown):
    """There is no read model of that name."""


class CursorMalformed(Unacceptable):
    """A page goes on from a cursor that an earlier page gave."""


class Stood(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="rows"):
    """A page of rows as they stood at a position, in the order of their keys; `total` is of all pages.

    `wider` counts the rows that aren't shown because they are of a place around the scope, as a county's.
    """

    table: str
    position: int
    total: int
    wider: int
    rows: list[dict[str, Any]]
    next: str | None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A row that differs between two positions; None before means that it is new, after that it is gone."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Effect(Changed, frozen=True, kw_only=True):
    """What an event changed in a row of a read model."""

    table: str


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """Every row that the event at a position changed; `total` says how many, if not all are here.

    `wider` counts those that aren't shown because they are of a place around the scope.
    """

    position: int
    total: int
    wider: int
    changes: list[Effect]


class Difference(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="changes"):
    """A page of what changed in a table after position `start` and up to `position`.

    `wider` counts what isn't shown because it is of a place around the scope.
    """

    table: str
    start: int
    position: int
    total: int
    wider: int
    changes: list[Changed]
    next: str | None


def stood(
    moments: Moments,
    table: str,
    position: int,
    scope: str = "",
    *,
    limit: int = 100,
    cursor: str | None = None,
    key: str = "",
) -> Stood:
    """Return a page of a read model's rows of a scope whose keys begin with `key`.

    Raises `TableUnknown` and `CursorMalformed`.
    """
    rows, around = _rows(moments, table, position, scope, key)
    keys, following = _page(sorted(rows), limit, cursor)
    shown = [msgspec.to_builtins(rows[key]) for key in keys]
    return Stood(
        table=table, position=position, total=len(rows), wider=len(around), rows=shown, next=following
    )


def difference(
    moments: Moments,
    table: str,
    start: int,
    position: int,
    scope: str = "",
    *,
    limit: int = 100,
    cursor: str | None = None,
    key: str = "",
) -> Difference:
    """Return a page of the rows that differ between two positions; raises what `stood` raises."""
    (before, around), (after, around_after) = (
        _rows(moments, table, at, scope, key) for at in (start, position)
    )
    differing = _differing(before, after)
    keys, following = _page(differing, limit, cursor)
    changes = [
        Changed(before=msgspec.to_builtins(before.get(key)), after=msgspec.to_builtins(after.get(key)))
        for key in keys
    ]
    return Difference(
        table=table,
        start=start,
        position=position,
        total=len(differing),
        wider=len(_differing(around, around_after)),
        changes=changes,
        next=following,
    )


def effects(moments: Moments, position: int, scope: str = "", *, limit: int = 500) -> Effects:
    """Return the rows of all read models that the event at a position changed."""
    before, after = (moments.at(EVER, at) for at in (position - 1, position))
    changes: list[Effect] = []
    wider = 0
    for name, table in TABLES.items():
        if isinstance(table, Tally):
            continue
        old = {table.key_of(row): row for row in before.rows(table)}
        new = {table.key_of(row): row for row in after.rows(table)}
        # Rows that nothing was folded into are the same objects at both positions.
        differing = [key for key, row in new.items() if (was := old.get(key)) is not row and was != row]
        differing += [key for key in old if key not in new]
        for key in sorted(differing, key=_text):
            was, became = old.get(key), new.get(key)
            places = [
                PLACE_OF[table](row, moment)
                for row, moment in ((was, before), (became, after))
                if row is not None
            ]
            if any(codes.covers(scope, place) for place in places):
                was, became = map(msgspec.to_builtins, (was, became))
                changes.append(Effect(table=name, before=was, after=became))
            else:
                wider += any(codes.covers(place, scope) for place in places)
    return Effects(position=position, total=len(changes), wider=wider, changes=changes[:limit])


def _rows(
    moments: Moments, name: str, position: int, scope: str, beginning: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows that lie in a scope and those around it, by their keys as text, which begin so."""
    table = TABLES.get(name)
    if table is None:
        raise TableUnknown(table=name[:60], tables=sorted(TABLES))
    moment = moments.at(EVER, position)
    found: dict[str, Any] = {}
    around: dict[str, Any] = {}
    for key, row, place in _placed(table, moment):
        if not key.startswith(beginning):
            continue
        if codes.covers(scope, place):
            found[key] = row
        elif codes.covers(place, scope):
            around[key] = row
    return found, around


def _placed(table: RowTable[Any] | Tally, moment: Moment) -> Iterable[tuple[str, Any, str]]:
    """Give each row of a table with its key as text and its place."""
    if isinstance(table, Tally):
        return ((key, row, row["grid"]) for key, row in _tallied(moment, table))
    return ((_text(table.key_of(row)), row, PLACE_OF[table](row, moment)) for row in moment.rows(table))


def _tallied(moment: Moment, table: Tally) -> list[tuple[str, dict[str, Any]]]:
    names = [column.name for column in table.table.columns]
    keys = len(table.columns.names) - len(table.count_names)
    with moment.connection() as connection:
        rows = connection.execute(sa.select(table.table)).fetchall()
    return [(_text(tuple(row[:keys])), dict(zip(names, row, strict=True))) for row in rows]


def _of_notice(row: NoticeRow, moment: Moment) -> str:
    """Return where a notification belongs: to its item's place, or to its reader's where that lies within.

    So a county's switch, and a digest, which is of no place, are rows of the town in whose inbox they are.
    """
    reader = inboxes.place_of(row.owner)
    if reader is None:
        account = moment.get(ACCOUNTS, row.owner.partition(":")[2])
        reader = "" if account is None else account.scope
    return reader if codes.covers(row.place, reader) else row.place


def _of_columns(table: RowTable[Any]) -> Placing:
    column = attrgetter(next(name for name in PLACES if name in table.columns.names))
    return lambda row, _moment: column(row)


def _of(table: RowTable[Any], key: str, place: str) -> Placing:
    def found(row: Any, moment: Moment) -> str:
        other = moment.get(table, getattr(row, key))
        return "" if other is None else getattr(other, place)

    return found


ELSEWHERE: Final[dict[RowTable[Any], Placing]] = {
    OCCURRENCES: _of(PLANS, "plan", "scope"),
    VISITS: _of(HOUSEHOLDS, "household", "grid"),
    NOTICES: _of_notice,
    READERS: _of(ACCOUNTS, "account", "scope"),
    READ: _of(ACCOUNTS, "account", "scope"),
    AUDITORS: lambda _row, _moment: "",
}
"""For rows whose own columns don't say where they belong."""
PLACE_OF: Final[dict[RowTable[Any], Placing]] = {
    table: ELSEWHERE.get(table) or _of_columns(table) for table in EVERY if isinstance(table, RowTable)
}
"""The code of the place that a row of a moment belongs to; "" is everywhere."""


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _text(key: Key) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return "\x1f".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)


def _page(keys: list[str], limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    begin = 0
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):  # noqa: PLR2004 - no table is that long
            raise CursorMalformed(cursor=cursor[:40])
        begin = int(cursor)
    following = begin + limit
    return keys[begin:following], str(following) if following < len(keys) else None
