"""A projection: a name, a version, tables, and a pure fold of events into rows."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from dispatch.domain.event import Event, Recorded
from projections.engine.rows import Rows, Touched
from projections.engine.tables import RowTable, Tally

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)
E = TypeVar("E", bound=Event)
Keys = Callable[[Recorded], Iterable[Touched]]


class Fold(Protocol[E_contra]):
    """Changes rows as one kind of event says: no SQL, no clock, no I/O, nothing but its arguments."""

    def __call__(self, rows: Rows, event: E_contra, recorded: Recorded, /) -> None:
        """Apply one event."""


class Projection:
    """What is derived from the log under one name, and at one pace.

    A new `version` (of the tables or of what a fold makes of an event) is a rebuild. `keys` names every
    row that an event reads or writes, from the event alone, so that a batch is loaded with one query for
    each table. A projection that can know some keys only from another row says `follows=True`: what
    `keys` left out is then loaded one by one when the fold asks for it, which is slow.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        tables: Sequence[RowTable[Any]],
        keys: Keys,
        tallies: Sequence[Tally] = (),
        follows: bool = False,
    ) -> None:
        self.name, self.version, self.tables, self.tallies = name, version, tuple(tables), tuple(tallies)
        self.keys, self.follows = keys, follows
        self._folds: dict[type[Event], Fold[Any]] = {}
        self._shape: str | None = None
        for tally in self.tallies:
            if not set(tally.sources) <= set(self.tables):
                raise ValueError(
                    f"{name}: {tally.name} counts rows of a table that isn't the projection's own"
                )

    def __repr__(self) -> str:
        return f"Projection({self.name!r}, version={self.version})"

    def on(self, *events: type[E]) -> Callable[[Fold[E]], Fold[E]]:
        """Declare the decorated function as the fold of these events."""

        def declare(fold: Fold[E]) -> Fold[E]:
            for event in events:
                if event in self._folds:
                    raise ValueError(f"{self.name}: {event.__name__} has a fold already")
                self._folds[event] = fold
            return fold

        return declare

    def reads(self, recorded: Recorded) -> bool:
        """Return whether the event means anything to this projection."""
        return type(recorded.event) in self._folds

    def apply(self, rows: Rows, recorded: Recorded) -> None:
        """Change the rows as a recorded event says; an event that isn't read changes nothing."""
        event = recorded.event
        fold = self._folds.get(type(event))
        if fold is not None:
            fold(rows, event, recorded)

    def sql(self) -> list[sa.Table]:
        """Return the tables of rows and of tallies as SQLAlchemy knows them."""
        return [*(table.table for table in self.tables), *(tally.table for tally in self.tallies)]

    def shape(self) -> str:
        """Return a digest of the tables, so that other columns are noticed even under the same version."""
        if self._shape is None:
            self._shape = self._digest()
        return self._shape

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for table in self.sql():
            digest.update(str(CreateTable(table)).encode())
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                digest.update(str(CreateIndex(index)).encode())
        return digest.hexdigest()[:16]
