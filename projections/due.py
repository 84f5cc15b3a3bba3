"""For which items time brings something about: found by index, so that what is only armed costs nothing."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from projections.cases.row import CASES
from projections.engine.columns import from_microseconds, to_microseconds
from projections.engine.tables import RowTable
from projections.tasks.row import TASKS

KINDS: Final[tuple[tuple[str, RowTable[Any]], ...]] = (("task", TASKS), ("case", CASES))


class Due(NamedTuple):
    """An item's stream, such as `task:0198…`, and when it is to be looked at."""

    at: datetime
    stream: str


def due(connection: sa.Connection, until: datetime, limit: int) -> list[Due]:
    """Return the items to be looked at by `until`, the earliest first, up to `limit` of them."""
    found: list[Due] = []
    for kind, table in KINDS:
        at = sa.type_coerce(table.c.next_step_at, sa.BigInteger())
        # Two plain queries: each is a walk along an index, which a union wouldn't be.
        statement = sa.select(at, table.c.id).where(at <= to_microseconds(until)).order_by(at).limit(limit)
        found += [
            Due(from_microseconds(when), f"{kind}:{key}") for when, key in connection.execute(statement)
        ]
    return sorted(found)[:limit]


def oldest(connection: sa.Connection) -> datetime | None:
    """Return the earliest time at which any item is to be looked at, past or to come, or None."""
    times = [
        row[0]
        for _, table in KINDS
        for row in connection.execute(
            sa.select(sa.func.min(sa.type_coerce(table.c.next_step_at, sa.BigInteger())))
        )
        if row[0] is not None
    ]
    return from_microseconds(min(times)) if times else None
