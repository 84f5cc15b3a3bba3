"""For which items time brings something about: found by index, so that what is only armed costs nothing."""

from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

import sqlalchemy as sa

from dispatch.domain import codes
from projections.cases.row import CASES
from projections.engine.columns import from_microseconds, to_microseconds
from projections.modes import EMERGENCIES
from projections.plans import PLANS
from projections.tasks.row import TASKS

Column: TypeAlias = sa.ColumnElement[Any]
KINDS: Final[tuple[tuple[str, Column, Column], ...]] = (
    ("task", TASKS.c.next_step_at, TASKS.c.id),
    ("case", CASES.c.next_step_at, CASES.c.id),
    ("plan", PLANS.c.next_at, PLANS.c.id),
    ("mode", EMERGENCIES.c.recalculate_at, sa.func.substr(EMERGENCIES.c.scope, 1, codes.COUNTY)),
)
"""The kinds of stream, when each is to be looked at, and its key."""
READ_MODELS: Final = frozenset({"tasks", "cases", "routine", "towns"})
"""The projections that say what is due."""


class Due(NamedTuple):
    """An item's stream, such as `task:0198…`, and when it is to be looked at."""

    at: datetime
    stream: str


def due(connection: sa.Connection, until: datetime, limit: int) -> list[Due]:
    """Return the items to be looked at by `until`, the earliest first, up to `limit` of them."""
    found: list[Due] = []
    for kind, column, key_column in KINDS:
        at = sa.type_coerce(column, sa.BigInteger())
        # Two plain queries: each is a walk along an index, which a union wouldn't be.
        statement = sa.select(at, key_column).where(at <= to_microseconds(until)).order_by(at).limit(limit)
        found += [
            Due(from_microseconds(when), f"{kind}:{key}") for when, key in connection.execute(statement)
        ]
    return sorted(found)[:limit]


def oldest(connection: sa.Connection) -> datetime | None:
    """Return the earliest time at which any item is to be looked at, past or to come, or None."""
    times = [
        row[0]
        for _, column, _key in KINDS
        for row in connection.execute(sa.select(sa.func.min(sa.type_coerce(column, sa.BigInteger()))))
        if row[0] is not None
    ]
    return from_microseconds(min(times)) if times else None
