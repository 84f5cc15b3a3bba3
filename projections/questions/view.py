"""The read models as a question sees them: the live ones, or those of a past moment, behind one face."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from dispatch.eventlog.log import EventLog, micros
from projections.engine.moment import Moment, Moments
from projections.engine.store import POSITIONS
from projections.engine.tables import Row, RowTable
from projections.questions.asked import AsOfInFuture, KnownAtInFuture, When

R = TypeVar("R", bound=Row)
Condition = sa.ColumnElement[bool]
Live = Callable[[], AbstractContextManager[sa.Connection]]
"""Lends a connection to the live read models, at one moment for all queries."""


@dataclass(frozen=True)
class View:
    """Rows at one moment: the answer holds what had happened `as_of` by then, up to `position`.

    `moment` is None for the live read models.
    """

    as_of: datetime
    position: int
    connection: sa.Connection
    moment: Moment | None = None

    def execute(self, statement: sa.Executable) -> Sequence[Any]:
        """Return what a query finds."""
        return self.connection.execute(statement).fetchall()

    def rows(
        self,
        table: RowTable[R],
        *conditions: Condition,
        order: sa.ColumnElement[Any] | None = None,
        limit: int | None = None,
    ) -> list[R]:
        """Return the rows for which the conditions hold, in no order unless one is given."""
        statement = _whole(table).where(*conditions).limit(limit)
        if order is not None:
            statement = statement.order_by(order)
        return table.decoded(tuple(found) for found in self.execute(statement))

    def one(self, table: RowTable[R], *conditions: Condition) -> R | None:
        """Return the row for which the conditions hold, or None."""
        return next(iter(self.rows(table, *conditions)), None)


class Views:
    """Finds the view that a question needs."""

    def __init__(self, event_log: EventLog, live: Live, moments: Moments) -> None:
        self._log, self._live, self._moments = event_log, live, moments

    @contextmanager
    def at(self, when: When) -> Iterator[View]:
        """Lend a view; raises `AsOfInFuture`, `KnownAtInFuture`, NotReady while there is nothing to read."""
        self.require_past(when)
        if when.as_of is None and when.known_at is None:
            with self._live() as connection:
                found: Iterable[Any] = connection.execute(_reached(when.of))
                yield View(when.now, int(next(iter(found))[0] or 0), connection)
            return
        position = self.known(when)
        moment = self._moments.at(when.as_of or when.now, position)
        with moment.connection() as connection:
            yield View(moment.as_of, position, connection, moment)

    def require_past(self, when: When) -> None:
        """Raise `AsOfInFuture` for a moment after now."""
        if when.as_of is not None and when.as_of > when.now:
            raise AsOfInFuture(as_of=when.as_of.isoformat(), now=when.now.isoformat())

    def known(self, when: When) -> int:
        """Return the last position that the log held at `known_at`."""
        head = self._log.head()
        if when.known_at is None:
            return head
        if isinstance(when.known_at, int):
            if not 0 <= when.known_at <= head:
                raise KnownAtInFuture(known_at=when.known_at, head=head)
            return when.known_at
        if when.known_at > when.now:
            raise KnownAtInFuture(known_at=when.known_at.isoformat(), now=when.now.isoformat())
        return self._log.position_at(micros(when.known_at))


@cache
def _whole(table: RowTable[Any]) -> "sa.Select[*tuple[Any, ...]]":
    """Return the query for whole rows, put together once for each table."""
    # Plain columns: the table decodes a thousand rows faster than SQLAlchemy's types decode a hundred.
    return sa.select(*(sa.type_coerce(column, sa.types.NullType()) for column in table.table.columns))


@cache
def _reached(read_models: frozenset[str] | None) -> sa.Executable:
    """Return the query for the position that all of these read models have reached."""
    reached = sa.select(sa.func.min(POSITIONS.c.position))
    return reached if read_models is None else reached.where(POSITIONS.c.projection.in_(read_models))


def within(column: sa.ColumnElement[str], scope: str, *, exact: bool = False) -> list[Condition]:
    """Return the conditions for a code to lie in a scope, or to be it `exact`-ly, in a form for an index."""
    if exact:
        return [column == scope]
    # ":" follows "9": every code that begins with the scope lies between the two.
    return [column >= scope, column < f"{scope}:"] if scope else []
