"""The live read models against a fold of the whole log, row by row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from dispatch.eventlog.log import EventLog
from projections.engine.engine import Decode
from projections.engine.generations import Generations, Gone, Seen, readable
from projections.engine.moment import Moment, Moments
from projections.engine.projection import Projection

EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
TRIES: Final = 20


class Difference(NamedTuple):
    """A row that only one of the two has: `live` tells whether it is the live tables."""

    table: str
    live: bool
    row: dict[str, Any]


class NothingToCompare(Exception):
    """There are no live read models by today's code, or they never stood still; the message says which."""


def differences(
    event_log: EventLog, generations: Generations, projections: Sequence[Projection], *, decode: Decode
) -> tuple[int, list[Difference]]:
    """Return the position of the live rows, and each row that a fold up to there doesn't give.

    Raises `NothingToCompare`, and `FoldBroken` where a fold raises.
    """
    for _ in range(TRIES):
        seen = _look(generations)
        if seen.generation is None or not readable(seen, projections):
            raise NothingToCompare("there are no read models by this version of the code")
        positions = {name: standing.position for name, standing in seen.standings.items()}
        try:
            with generations.connection(seen.generation) as connection:
                live = {p: dict(_tables(connection, p)) for p in projections}
        except Gone:
            continue
        if _look(generations) == seen:
            break
    else:
        raise NothingToCompare("the read models changed whenever they were read: try when it is quieter")
    moments = Moments(event_log, projections, decode=decode)
    found: list[Difference] = []
    for projection, tables in live.items():
        moment = moments.at(EVER, positions[projection.name])
        found += _differing(moment, projection, tables)
    return min(positions.values(), default=0), found


def _look(generations: Generations) -> Seen:
    # In a session of its own: reading large tables takes longer than a session may idle.
    with generations.session() as session:
        return session.look()


def _tables(connection: sa.Connection, projection: Projection) -> Iterator[tuple[sa.Table, Counter[Any]]]:
    tables = [table.table for table in projection.tables] + [tally.table for tally in projection.tallies]
    for table in tables:
        yield table, Counter(tuple(map(_plain, row)) for row in connection.execute(sa.select(table)))


def _plain(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value


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
