"""A generation of read models in a PostgreSQL schema of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dispatch.eventlog.postgres_connection import PatientConnection
from projections.engine.columns import Refused
from projections.engine.store import (
    POSITIONS,
    Standing,
    Store,
    Superseded,
    Touched,
    ddl,
    standing_from,
    standing_values,
)
from projections.engine.tables import Change, Counts, Key, Row, RowTable, Tally

R = TypeVar("R", bound=Row)

PATIENCE = 60.0
"""Seconds for one statement; a server that is silent for longer is taken for gone."""

COPY_FROM = 50
"""From so many new rows on, COPY is faster than an INSERT from arrays (5 against 14 µs a row)."""

REFUSALS = (
    psycopg.errors.DataError,
    psycopg.errors.IntegrityError,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.CannotCoerce,
    OverflowError,
    UnicodeError,
)


Cursor = psycopg.Cursor[tuple[Any, ...]]
Statement = tuple[str, Sequence[Any]]

FENCE = "SELECT 1 FROM dispatch_views.generations WHERE number = %s AND state = 'live' FOR SHARE"
"""Finds the live generation, and holds back a swap until the transaction has ended."""


class PostgresStore(Store):
    """Rows in one schema, written over a connection of the caller's, which is left open.

    With `fenced`, a transaction goes through only while `schema`'s generation is the live one. Commits
    don't wait for the disk: what a crash takes away, position and rows alike, is folded again from the log.
    """

    def __init__(self, connection: PatientConnection, schema: str, *, fenced: int | None = None) -> None:
        self._connection, self._fenced = connection, fenced
        self._waiting: list[Statement] = []
        self._in_transaction = False
        self._execute(f'SET search_path TO "{schema}"')
        self._execute("SET synchronous_commit TO off")
        self.create([POSITIONS])

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        self.before_statement(sql)
        self._connection.allow(PATIENCE)
        cursor = self._connection.cursor(binary=True)
        return cursor.execute(sql, values or None)

    def _together(self, statements: Sequence[Statement]) -> list[Cursor]:
        """Send statements in one go, and wait for the database once instead of once for each."""
        if len(statements) < 2:  # noqa: PLR2004 (one has nothing to be together with)
            return [self._execute(*statement) for statement in statements]
        with self._connection.pipeline():
            return [self._execute(*statement) for statement in statements]

    def _change(self, sql: str, values: Sequence[Any]) -> None:
        """Send a statement, within a transaction together with the next ones."""
        self._waiting.append((sql, values))
        if not self._in_transaction:
            self._send()

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            answers = self._together(waiting)
        except REFUSALS as error:
            raise Refused(str(error)) from error
        for (sql, _), answer in zip(waiting, answers, strict=True):
            if sql is FENCE and answer.rowcount == 0:
                raise Superseded

    def create(self, tables: Iterable[sa.Table]) -> None:
        """Create tables that don't exist yet."""
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped in SQLAlchemy
        for table in tables:
            for statement in ddl(table, dialect):
                self._execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all writes inside one transaction; raise Superseded, writing nothing, if not live any more."""
        self._in_transaction, self._waiting = True, [("BEGIN", ())]
        try:
            if self._fenced is not None:
                self._waiting.append((FENCE, [self._fenced]))
            yield
            self._send()
            self._execute("COMMIT")
        except BaseException:
            if not self._connection.closed:
                self._connection.rollback()
            raise
        finally:
            self._in_transaction, self._waiting = False, []

    def load(self, touched: Touched) -> dict[RowTable[Any], dict[Key, Any]]:
        """Return the rows with these keys in each table, None for those that don't exist."""
        some = {table: keys for table, keys in touched.items() if keys}
        statements = [(_select_some(table), table.encoded_keys(keys)) for table, keys in some.items()]
        found: dict[RowTable[Any], dict[Key, Any]] = {
            table: dict.fromkeys(touched[table]) for table in touched
        }
        for table, answer in zip(some, self._together(statements), strict=True):
            found[table].update((table.key_of(row), row) for row in table.decoded(answer.fetchall()))
        return found

    def write(self, table: RowTable[Any], changes: list[Change]) -> None:
        """Insert, update and delete rows."""
        new = [c.after for c in changes if c.before is None and c.after is not None]
        changed = [c.after for c in changes if c.before is not None and c.after is not None]
        gone = [table.key_of(c.before) for c in changes if c.after is None and c.before is not None]
        if len(new) >= COPY_FROM:
            self._copy(table, new)
        elif new:
            self._change(_insert(table.table, table.columns.arrays), table.encoded(new))
        if changed:
            self._change(_update(table), table.encoded(changed))
        if gone:
            self._change(_delete(table), table.encoded_keys(gone))

    def _copy(self, table: RowTable[Any], new: list[Any]) -> None:
        sql = f'COPY "{table.name}" ({_names(table.columns.names)}) FROM STDIN'
        self._send()
        self.before_statement(sql)
        self._connection.allow(PATIENCE)
        try:
            with self._connection.cursor() as cursor, cursor.copy(sql) as copy:
                for row in zip(*table.encoded(new), strict=True):
                    copy.write_row(row)
        except REFUSALS as error:
            raise Refused(str(error)) from error

    def add(self, tally: Tally, deltas: Mapping[Any, Counts]) -> None:
        """Add to the counts of some keys and remove the keys that come to nothing."""
        self._change(_add(tally), tally.columns.encoded((*key, *counts) for key, counts in deltas.items()))
        lowered = [key for key, counts in deltas.items() if min(counts) < 0]
        if lowered:
            self._change(_prune(tally), tally.key_columns.encoded(lowered))

    def stand(self, standing: Standing) -> None:
        """Record how far a projection has come."""
        names = [column.name for column in POSITIONS.columns]
        rest = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        sql = f"INSERT INTO positions VALUES ({', '.join(['%s'] * len(names))})"
        self._change(f"{sql} ON CONFLICT (projection) DO UPDATE SET {rest}", standing_values(standing))

    def standings(self) -> dict[str, Standing]:
        """Return how far each projection has come."""
        return {values[0]: standing_from(values) for values in self._execute("SELECT * FROM positions")}

    def scan(self, table: RowTable[R]) -> Iterator[R]:
        """Yield every row of a table, in no order."""
        cursor = self._execute(_select(table.table))
        while stored := cursor.fetchmany(1000):
            yield from table.decoded(stored)

    def tallied(self, tally: Tally) -> dict[Any, Counts]:
        """Return every key of a tally with its counts."""
        width = len(tally.key_columns.names)
        values = tally.columns.decoded(self._execute(_select(tally.table)).fetchall())
        return {tuple(v[:width]): tuple(v[width:]) for v in values}

    def close(self) -> None:
        """Do nothing: the connection is the caller's, who holds locks on it."""


# Names of tables and columns come from code, never from data; values are always parameters.
# ruff: noqa: S608 (the names of our own tables)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unnest(arrays: Iterable[str]) -> str:
    # Binary parameters: twice as fast as text for long arrays.
    return f"unnest({', '.join(f'%b::{array}[]' for array in arrays)})"


def _matching(table: str, names: Iterable[str]) -> str:
    return " AND ".join(f'"{table}"."{name}" = given."{name}"' for name in names)


def _select(table: sa.Table) -> str:
    columns = ", ".join(f'"{table.name}"."{c.name}"' for c in table.columns)
    return f'SELECT {columns} FROM "{table.name}"'


@cache
def _select_some(table: RowTable[Any]) -> str:
    given = f"{_unnest(table.key_columns.arrays)} AS given({_names(table.key)})"
    return f"{_select(table.table)} JOIN {given} ON {_matching(table.name, table.key)}"


@cache
def _insert(table: sa.Table, arrays: tuple[str, ...]) -> str:
    names = _names(column.name for column in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) SELECT * FROM {_unnest(arrays)}'


@cache
def _update(table: RowTable[Any]) -> str:
    names = table.columns.names
    change = ", ".join(f'"{name}" = given."{name}"' for name in names if name not in table.key)
    given = f"{_unnest(table.columns.arrays)} AS given({_names(names)})"
    return f'UPDATE "{table.name}" SET {change} FROM {given} WHERE {_matching(table.name, table.key)}'


@cache
def _delete(table: RowTable[Any]) -> str:
    given = f"{_unnest(table.key_columns.arrays)} AS given({_names(table.key)})"
    return f'DELETE FROM "{table.name}" USING {given} WHERE {_matching(table.name, table.key)}'


@cache
def _add(tally: Tally) -> str:
    key = _names(tally.key_columns.names)
    sums = ", ".join(f'"{n}" = "{tally.name}"."{n}" + excluded."{n}"' for n in tally.count_names)
    return f"{_insert(tally.table, tally.columns.arrays)} ON CONFLICT ({key}) DO UPDATE SET {sums}"


@cache
def _prune(tally: Tally) -> str:
    names = tally.key_columns.names
    zero = " AND ".join(f'"{n}" = 0' for n in tally.count_names)
    given = f"{_unnest(tally.key_columns.arrays)} AS given({_names(names)})"
    return f'DELETE FROM "{tally.name}" USING {given} WHERE {_matching(tally.name, names)} AND {zero}'
