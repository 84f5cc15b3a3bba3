"""The live read models against a fold of the whole log, row by row."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from dispatch.eventlog.log import EventLog
from projections.engine.columns import Convert
from projections.engine.engine import Decode
from projections.engine.generations import Generations, Gone, Seen, readable
from projections.engine.moment import FoldBroken, Moment, Moments
from projections.engine.projection import Projection
from projections.engine.store import POSITIONS
from projections.engine.tables import RowTable, Tally

EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
TRIES: Final = 20
STOPPED: Final = sa.select(
    POSITIONS.c.projection, POSITIONS.c.failed_position, POSITIONS.c.failed_event, POSITIONS.c.failed_error
)


class Difference(NamedTuple):
    """A row that only one of the two has: `live` tells whether it is the live tables."""

    table: str
    live: bool
    row: dict[str, Any]


class NothingToCompare(Exception):
    """There are no read models, and so none that anybody could be shown."""

    def __init__(self) -> None:
        super().__init__("there are none")


class NotComparable(Exception):
    """There are live read models, and what is shown from them can't be held against the log; says why."""


def differences(
    event_log: EventLog, generations: Generations, projections: Sequence[Projection], *, decode: Decode
) -> tuple[int, list[Difference]]:
    """Return the position of the live rows, and each row that a fold up to there doesn't give.

    Raises `NothingToCompare`, `NotComparable`, and `FoldBroken` where a fold raises.
    """
    for _ in range(TRIES):
        seen = _look(generations)
        if seen.generation is None:
            _require_none(generations)
            continue
        if not readable(seen, projections):
            raise NotComparable(
                "this version of the code didn't make them: start the service, or rebuild them"
            )
        positions = {name: standing.position for name, standing in seen.standings.items()}
        try:
            with generations.connection(seen.generation) as connection:
                live = {p: dict(_tables(connection, p)) for p in projections}
                stopped = [row._asdict() for row in connection.execute(STOPPED)]
        except Gone:
            continue
        if _look(generations) == seen:
            break
    else:
        changed = "they changed whenever they were read: try when it is quieter"
        none_live = "there are some, and none of them is live: start the service, or rebuild them"
        raise NotComparable(none_live if seen.generation is None else changed)
    if max(positions.values(), default=0) > (head := event_log.head()):
        raise NotComparable(f"they say that they know more than the {head:,} events that there are")
    moments = Moments(event_log, projections, decode=decode)
    found: list[Difference] = []
    for projection, tables in live.items():
        moment = moments.at(EVER, positions[projection.name])
        found += _differing(moment, projection, tables)
    found += _stopped_for_nothing(stopped, moments, projections)
    return min(positions.values(), default=0), found


def _stopped_for_nothing(
    stopped: Sequence[dict[str, Any]], moments: Moments, projections: Sequence[Projection]
) -> Iterator[Difference]:
    """Give what is said to have stopped a projection, where a fold doesn't stop."""
    named = {projection.name: projection for projection in projections}
    for row in (one for one in stopped if one["projection"] in named):
        said = {name: value for name, value in row.items() if value is not None}
        if len(said) > 1 and (len(said) < len(row) or _folds(moments, named[row["projection"]], said)):
            yield Difference(str(POSITIONS.name), live=True, row=row)


def _folds(moments: Moments, projection: Projection, said: dict[str, Any]) -> bool:
    try:
        moments.at(EVER, said["failed_position"]).rows(projection.tables[0])
    except FoldBroken:
        return False
    return True


def _look(generations: Generations) -> Seen:
    # In a session of its own: reading large tables takes longer than a session may idle.
    with generations.session() as session:
        return session.look()


def _require_none(generations: Generations) -> None:
    """Raise `NothingToCompare` where there are no read models at all, if none was live a moment ago."""
    with generations.session() as session:
        if not session.any():
            raise NothingToCompare


def _tables(connection: sa.Connection, projection: Projection) -> Iterator[tuple[sa.Table, Counter[Any]]]:
    """Give each table with its rows; a value that can't be read stands as what is stored, and differs."""
    if isinstance(raw := connection.connection.driver_connection, sqlite3.Connection):
        raw.text_factory = partial(str, encoding="utf-8", errors="replace")
    known: tuple[RowTable[Any] | Tally, ...] = (*projection.tables, *projection.tallies)
    for one in known:
        stored = [sa.type_coerce(column, sa.types.NullType()) for column in one.table.columns]
        decoders = [storage.decode for storage in one.columns.stored.values()]
        rows = connection.execute(sa.select(*stored))
        yield one.table, Counter(tuple(map(_plain, row, decoders)) for row in rows)


def _plain(value: Any, decode: Convert | None) -> Any:
    if value is None or decode is None:
        return value
    try:
        found = decode(value)
    except Exception:  # noqa: BLE001 - whatever keeps it from being read, nobody wrote it so
        return f"unreadable: {value!r}"
    return repr(found) if isinstance(found, list | dict) else found


def _differing(
    moment: Moment, projection: Projection, live: dict[sa.Table, Counter[Any]]
) -> Iterator[Difference]:
    with moment.connection() as connection:
        for table, folded in _tables(connection, projection):
            # SQLAlchemy's names are a kind of text that can't be written as JSON.
            names = [str(column.name) for column in table.columns]
            for one, other, of_live in ((live[table], folded, True), (folded, live[table], False)):
                for row in (one - other).elements():
                    yield Difference(str(table.name), of_live, dict(zip(names, row, strict=True)))
