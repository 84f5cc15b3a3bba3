"""Any read model as it stood at a position of the log, and what changed in it between two positions."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from dispatch.domain import codes
from dispatch.domain.refusal import Unacceptable, Unknown
from projections.catalogue import PAST
from projections.engine.moment import Moment, Moments
from projections.engine.tables import Key, RowTable, Tally

EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""A replay knows an event by its position: whatever was recorded by then is in it, whenever it happened."""
PLACES: Final = ("grid", "town", "code", "scope")
"""Columns that say where a row belongs, the first that there is."""
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
    """A page of rows as they stood at a position, in the order of their keys; `total` is of all pages."""

    table: str
    position: int
    total: int
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
    """Every row that the event at a position changed; `total` says how many, if not all are here."""

    position: int
    total: int
    changes: list[Effect]


class Difference(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="changes"):
    """A page of what changed in a table after position `start` and up to `position`."""

    table: str
    start: int
    position: int
    total: int
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
    rows = _rows(moments, table, position, scope, key)
    keys, following = _page(sorted(rows), limit, cursor)
    shown = [msgspec.to_builtins(rows[key]) for key in keys]
    return Stood(table=table, position=position, total=len(rows), rows=shown, next=following)


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
    before, after = (_rows(moments, table, at, scope, key) for at in (start, position))
    differing = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    keys, following = _page(differing, limit, cursor)
    changes = [
        Changed(before=msgspec.to_builtins(before.get(key)), after=msgspec.to_builtins(after.get(key)))
        for key in keys
    ]
    return Difference(
        table=table, start=start, position=position, total=len(differing), changes=changes, next=following
    )


def effects(moments: Moments, position: int, scope: str = "", *, limit: int = 500) -> Effects:
    """Return the rows of all read models that the event at a position changed."""
    before, after = (moments.at(EVER, at) for at in (position - 1, position))
    changes: list[Effect] = []
    for name, table in TABLES.items():
        if isinstance(table, Tally):
            continue
        old = {table.key_of(row): row for row in before.rows(table)}
        new = {table.key_of(row): row for row in after.rows(table)}
        # Rows that nothing was folded into are the same objects at both positions.
        differing = [key for key, row in new.items() if (was := old.get(key)) is not row and was != row]
        differing += [key for key in old if key not in new]
        for key in sorted(differing, key=_text):
            rows = [old.get(key), new.get(key)]
            if any(row is not None and _within(msgspec.structs.asdict(row), scope) for row in rows):
                was, became = map(msgspec.to_builtins, rows)
                changes.append(Effect(table=name, before=was, after=became))
    return Effects(position=position, total=len(changes), changes=changes[:limit])


def _rows(moments: Moments, name: str, position: int, scope: str, beginning: str) -> dict[str, Any]:
    """Return the rows that lie in a scope and whose keys begin so, by their keys as text."""
    table = TABLES.get(name)
    if table is None:
        raise TableUnknown(table=name[:60], tables=sorted(TABLES))
    moment = moments.at(EVER, position)
    if isinstance(table, Tally):
        tallied = _tallied(moment, table)
        return {key: row for key, row in tallied if key.startswith(beginning) and _within(row, scope)}
    found: dict[str, Any] = {}
    for row in moment.rows(table):
        key = _text(table.key_of(row))
        if key.startswith(beginning) and (scope == "" or _within(msgspec.structs.asdict(row), scope)):
            found[key] = row
    return found


def _tallied(moment: Moment, table: Tally) -> list[tuple[str, dict[str, Any]]]:
    names = [column.name for column in table.table.columns]
    keys = len(table.columns.names) - len(table.count_names)
    with moment.connection() as connection:
        rows = connection.execute(sa.select(table.table)).fetchall()
    return [(_text(tuple(row[:keys])), dict(zip(names, row, strict=True))) for row in rows]


def _within(fields: dict[str, Any], scope: str) -> bool:
    """Tell whether a row lies in a scope; one that says no place is shown to who sees everything."""
    place = next((fields[name] for name in PLACES if name in fields), None)
    return scope == "" or (isinstance(place, str) and codes.covers(scope, place))


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
