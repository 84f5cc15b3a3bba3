"""Any past moment: the same folds, in memory, over what had happened by then as far as it was known."""

import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import visitors

from dispatch.eventlog.log import EventLog, Stored, micros
from projections.engine.engine import Decode
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.sqlite_store import insert
from projections.engine.store import ddl
from projections.engine.tables import Change, Key, Row, RowTable, Tally, deltas

R = TypeVar("R", bound=Row)

CHUNK = 2_000
"""Events read at a time: few enough that they are still at hand when they are folded."""

SPACING = 50_000
"""Positions between two checkpoints that a long fold leaves behind."""


class FoldBroken(Exception):
    """A past state can't be had, because a fold raised at one of its events."""

    def __init__(self, projection: Projection, stored: Stored) -> None:
        super().__init__(f"{projection.name} can't fold event {stored.position}, {stored.name!r}")


class Checkpoint(NamedTuple):
    """The rows after *every* event up to a position, whichever time it happened; never changed again.

    `latest` is the latest `at` among those events (µs). So it is the state of any moment that knows
    this position and lies not before `latest`, as far as the events up to this position go; and since
    rows are folded in the order of positions, such a moment may go on from here. A state from which
    an event was left out is no checkpoint: a later moment would have to fold that event first.
    """

    position: int
    latest: int
    rows: Rows


class Moment:
    """The read models as of one time and known at one position; safe to use from several threads.

    Each projection is folded when something of it is first asked for, each table filled when it is
    first queried. Raises FoldBroken if a fold does.
    """

    def __init__(
        self,
        as_of: datetime,
        known_at: int,
        projections: Sequence[Projection],
        fold: Callable[[Projection], Rows],
    ) -> None:
        self.as_of, self.known_at = as_of, known_at
        self._fold = fold
        self._rows: dict[Projection, Rows] = {}
        self._projection_of: dict[RowTable[Any] | Tally, Projection] = {}
        for projection in projections:
            self._projection_of |= dict.fromkeys(projection.tables, projection)
            self._projection_of |= dict.fromkeys(projection.tallies, projection)
        self._by_sql = {table.table: table for table in self._projection_of}
        self._filled: set[sa.Table] = set()
        self._mutex = RLock()
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._sqlite.close)
        self._engine: sa.Engine | None = None

    def rows(self, table: RowTable[R]) -> Collection[R]:
        """Return every row of a table."""
        return self._of(table).all(table)

    def get(self, table: RowTable[R], key: Key) -> R | None:
        """Return one row, or None if it didn't exist."""
        return self._of(table).get(table, key)

    def _of(self, table: RowTable[Any] | Tally) -> Rows:
        with self._mutex:
            projection = self._projection_of[table]
            if projection not in self._rows:
                self._rows[projection] = self._fold(projection)
            return self._rows[projection]

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Lend a connection on which the live read models' queries run; to one thread at a time."""
        with self._mutex:
            if self._engine is None:
                self._engine = self._open()
            with self._engine.connect() as connection:
                yield connection

    def _open(self) -> sa.Engine:
        raw, owner = self._sqlite, weakref.ref(self)
        engine = sa.create_engine(
            "sqlite+pysqlite://", creator=lambda: raw, poolclass=sa.StaticPool, hide_parameters=True
        )

        def fill_first(_: sa.Connection, statement: Any, *__: Any) -> None:
            moment = owner()
            assert moment is not None
            moment.fill(statement)

        sa.event.listen(engine, "before_execute", fill_first)
        return engine

    def fill(self, statement: Any) -> None:
        """Fill the tables that a statement reads; all of them for one in plain text, which doesn't say."""
        named = {found for found in visitors.iterate(statement) if isinstance(found, sa.Table)}
        for table in (named or set(self._by_sql)) & self._by_sql.keys() - self._filled:
            known = self._by_sql[table]
            for command in ddl(table, sqlite.dialect()):
                self._sqlite.execute(command)
            columns = self._tallied(known) if isinstance(known, Tally) else known.encoded(self.rows(known))
            self._sqlite.executemany(insert(table), zip(*columns, strict=True))
            self._filled.add(table)

    def _tallied(self, tally: Tally) -> list[list[Any]]:
        rows = self._of(tally)
        new = {table: [Change(None, row) for row in rows.all(table)] for table in tally.sources}
        return tally.columns.encoded((*key, *counts) for key, counts in deltas(tally, new).items())


class Moments:
    """The past, for all threads of a process, with the last few moments and checkpoints kept.

    `kept` is the number of moments, `checkpoints` that of checkpoints for each projection.
    """

    def __init__(
        self,
        event_log: EventLog,
        projections: Sequence[Projection],
        *,
        decode: Decode,
        kept: int = 4,
        checkpoints: int = 6,
        spacing: int = SPACING,
    ) -> None:
        self._log, self._projections, self._decode = event_log, tuple(projections), decode
        self._kept, self._most, self._spacing = kept, checkpoints, spacing
        self._moments: OrderedDict[tuple[int, int], Moment] = OrderedDict()
        self._checkpoints: dict[Projection, OrderedDict[int, Checkpoint]] = {
            projection: OrderedDict() for projection in self._projections
        }
        self._mutex = RLock()

    def at(self, as_of: datetime, known_at: int) -> Moment:
        """Return the moment of what had happened by `as_of`, as far as position `known_at` knew."""
        key = (micros(as_of), known_at)
        with self._mutex:
            moment = self._moments.get(key)
            if moment is None:
                moment = self._moments[key] = Moment(
                    as_of, known_at, self._projections, lambda projection: self._fold(projection, *key)
                )
                while len(self._moments) > self._kept:
                    self._moments.popitem(last=False)
            self._moments.move_to_end(key)
        return moment

    def _fold(self, projection: Projection, as_of: int, known_at: int) -> Rows:
        """Return the rows of a projection, from the nearest checkpoint on, and leave checkpoints behind."""
        start = self._nearest(projection, as_of, known_at)
        position, latest, rows = start.position, start.latest, start.rows.copy()
        whole, marked, after = True, position, position
        decode, apply, spacing = self._decode, projection.apply, self._spacing
        while stored := self._log.read(after=after, until=known_at, happened_until=as_of, limit=CHUNK):
            one = stored[0]
            try:
                for one in stored:
                    if whole:
                        # Positions have no gaps: one that isn't here was left out, as it happened later.
                        whole = one.position == position + 1
                        if not whole or position - marked >= spacing:
                            rows = self._mark(projection, Checkpoint(position, latest, rows))
                            marked = position
                    apply(rows, decode(one))
                    position = one.position
                    latest = max(latest, one.at)
            except Exception as error:
                raise FoldBroken(projection, one) from error
            after = position
        # Nobody changes these rows any more: the moment and the checkpoint may share them.
        if whole:
            self._mark(projection, Checkpoint(position, latest, rows), copy=False)
        return rows

    def _nearest(self, projection: Projection, as_of: int, known_at: int) -> Checkpoint:
        with self._mutex:
            kept = self._checkpoints[projection]
            valid = [c for c in kept.values() if c.position <= known_at and c.latest <= as_of]
            if not valid:
                return Checkpoint(0, -(2**63), Rows(projection.tables))
            nearest = max(valid, key=lambda checkpoint: checkpoint.position)
            kept.move_to_end(nearest.position)
            return nearest

    def _mark(self, projection: Projection, checkpoint: Checkpoint, *, copy: bool = True) -> Rows:
        """Keep a checkpoint and return rows to go on with, apart from its own."""
        if checkpoint.position > 0:
            with self._mutex:
                kept = self._checkpoints[projection]
                kept[checkpoint.position] = checkpoint
                kept.move_to_end(checkpoint.position)
                while len(kept) > self._most:
                    kept.popitem(last=False)
        return checkpoint.rows.copy() if copy else checkpoint.rows
