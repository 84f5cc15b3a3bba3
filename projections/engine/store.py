"""What the engine asks of one generation of read models, whichever database keeps it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from projections.engine.tables import Change, Counts, Key, Row, RowTable, Tally

R = TypeVar("R", bound=Row)


class Failure(msgspec.Struct, frozen=True):
    """The event at which a projection stopped, and why."""

    position: int
    event: str
    error: str


class Standing(msgspec.Struct, frozen=True):
    """How far a projection has come: every event up to `position` is in its rows, and none after it.

    `version` and `shape` are those of the code that made the rows.
    """

    projection: str
    version: int
    shape: str
    position: int = 0
    failure: Failure | None = None


class Superseded(Exception):
    """Another generation has gone live: what is written here would never be read."""


def ddl(table: sa.Table, dialect: Dialect) -> list[str]:
    """Return the statements that create a table and its indexes where they don't exist yet."""
    statements: list[sa.schema.ExecutableDDLElement] = [CreateTable(table, if_not_exists=True)]
    statements += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
    return [str(statement.compile(dialect=dialect)) for statement in statements]


POSITIONS = sa.Table(
    "positions",
    sa.MetaData(),
    sa.Column("projection", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("failed_position", sa.BigInteger),
    sa.Column("failed_event", sa.Text),
    sa.Column("failed_error", sa.Text),
)

Touched = Mapping[RowTable[Any], Collection[Key]]
"""Tables, and the keys of some of their rows, each once."""

BeforeStatement = Callable[[str], None]
"""Told what is about to be sent to the database; a test raises here to break off between two statements."""


def unwatched(statement: str) -> None:
    """Do nothing before a statement."""


class Store(ABC):
    """The rows, tallies and positions of one generation, written by one thread of one process.

    Errors of the database itself come through as the driver's; rows that the database will never take
    raise Refused.
    """

    before_statement: BeforeStatement = staticmethod(unwatched)

    @abstractmethod
    def create(self, tables: Iterable[sa.Table]) -> None:
        """Create tables that don't exist yet."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Make all writes inside one transaction; raise Superseded, writing nothing, if not live any more."""

    @abstractmethod
    def load(self, touched: Touched) -> dict[RowTable[Any], dict[Key, Any]]:
        """Return the rows with these keys in each table, None for those that don't exist."""

    @abstractmethod
    def write(self, table: RowTable[Any], changes: list[Change]) -> None:
        """Insert, update and delete rows."""

    @abstractmethod
    def add(self, tally: Tally, deltas: Mapping[Any, Counts]) -> None:
        """Add to the counts of some keys and remove the keys that come to nothing."""

    @abstractmethod
    def stand(self, standing: Standing) -> None:
        """Record how far a projection has come."""

    @abstractmethod
    def standings(self) -> dict[str, Standing]:
        """Return how far each projection has come."""

    @abstractmethod
    def scan(self, table: RowTable[R]) -> Iterator[R]:
        """Yield every row of a table, in no order."""

    @abstractmethod
    def tallied(self, tally: Tally) -> dict[Any, Counts]:
        """Return every key of a tally with its counts."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


def standing_from(values: tuple[Any, ...]) -> Standing:
    """Return a standing from the columns of POSITIONS."""
    projection, version, shape, position, failed_position, failed_event, failed_error = values
    failure = None if failed_position is None else Failure(failed_position, failed_event, failed_error)
    return Standing(projection, version, shape, position, failure)


def standing_values(standing: Standing) -> tuple[Any, ...]:
    """Return the columns of POSITIONS from a standing."""
    failure = standing.failure
    failed = (failure.position, failure.event, failure.error) if failure else (None, None, None)
    return (standing.projection, standing.version, standing.shape, standing.position, *failed)
