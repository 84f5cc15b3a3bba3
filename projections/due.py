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


def _due_by(column: Column, key: Column) -> sa.Executable:
    """Return the query for one kind: put together once, as it is asked many times a second."""
    at = sa.type_coerce(column, sa.BigInteger())
    until, most = sa.bindparam("until", type_=sa.BigInteger()), sa.bindparam("most", type_=sa.Integer())
    return sa.select(at, key).where(at <= until).order_by(at).limit(most)


# Plain queries, one for each kind: each is a walk along an index, which a union wouldn't be.
DUE: Final = tuple((kind, _due_by(column, key)) for kind, column, key in KINDS)
READ_MODELS: Final = frozenset({"tasks", "cases", "routine", "towns"})
"""The projections that say what is due."""


class Due(NamedTuple):
    """An item's stream, such as `task:0198…`, and when it is to be looked at."""

    at: datetime
    stream: str


def due(connection: sa.Connection, until: datetime, limit: int) -> list[Due]:
    """Return the items to be looked at by `until`, the earliest first, up to `limit` of them."""
    asked = {"until": to_microseconds(until), "most": limit}
    found = [
        Due(from_microseconds(when), f"{kind}:{key}")
        for kind, statement in DUE
        for when, key in connection.execute(statement, asked)
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
