"""A generation of read models in an SQLite file of its own."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from dispatch.eventlog.files import for_its_owner_only
from projections.engine.columns import Refused
from projections.engine.store import POSITIONS, Standing, Store, Touched, ddl, standing_from, standing_values
from projections.engine.tables import Change, Counts, Key, Row, RowTable, Tally

R = TypeVar("R", bound=Row)

REFUSALS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)


class SqliteStore(Store):
    """Rows in one file. Several threads may use it in turn, never at once.

    `fence` is entered around each transaction and may raise Superseded. Commits don't wait for the disk:
    what a power failure takes away, position and rows alike, is folded again from the log.
    """

    def __init__(self, path: Path | str, *, fence: Callable[[], Any] | None = None) -> None:
        if str(path) != ":memory:":
            for_its_owner_only(path)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._fence = fence
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("PRAGMA synchronous = NORMAL")
        self._execute("PRAGMA cache_size = -65536")
        self.create([POSITIONS])

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        self.before_statement(sql)
        return self._connection.execute(sql, values)

    def _each(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        self.before_statement(sql)
        try:
            self._connection.executemany(sql, values)
        except REFUSALS as error:
            raise Refused(str(error)) from error

    def create(self, tables: Iterable[sa.Table]) -> None:
        """Create tables that don't exist yet."""
        dialect = sqlite.dialect()
        for table in tables:
            for statement in ddl(table, dialect):
                self._execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all writes inside one transaction."""
        with self._fence() if self._fence else _nothing():
            self._execute("BEGIN IMMEDIATE")
            try:
                yield
                self._execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def load(self, touched: Touched) -> dict[RowTable[Any], dict[Key, Any]]:
        """Return the rows with these keys in each table, None for those that don't exist."""
        return {table: self._load(table, keys) for table, keys in touched.items()}

    def _load(self, table: RowTable[R], keys: Collection[Key]) -> dict[Key, R | None]:
        found: dict[Key, R | None] = dict.fromkeys(keys)
        # SQLite answers in this process: a statement for each key costs less than one long statement.
        fetch = self._connection.cursor()
        sql = _select_one(table)
        self.before_statement(sql)
        stored = []
        for key in zip(*table.encoded_keys(keys), strict=True):
            row = fetch.execute(sql, key).fetchone()
            if row is not None:
                stored.append(row)
        found.update((table.key_of(row), row) for row in table.decoded(stored))
        return found

    def write(self, table: RowTable[Any], changes: list[Change]) -> None:
        """Insert, update and delete rows."""
        after = [change.after for change in changes if change.after is not None]
        gone = [table.key_of(c.before) for c in changes if c.after is None and c.before is not None]
        if after:
            self._each(_upsert(table), zip(*table.encoded(after), strict=True))
        if gone:
            self._each(_delete(table), zip(*table.encoded_keys(gone), strict=True))

    def add(self, tally: Tally, deltas: Mapping[Any, Counts]) -> None:
        """Add to the counts of some keys and remove the keys that come to nothing."""
        columns = tally.columns.encoded((*key, *counts) for key, counts in deltas.items())
        self._each(_add(tally), zip(*columns, strict=True))
        lowered = [key for key, counts in deltas.items() if min(counts) < 0]
        if lowered:
            self._each(_prune(tally), zip(*tally.key_columns.encoded(lowered), strict=True))

    def stand(self, standing: Standing) -> None:
        """Record how far a projection has come."""
        marks = ", ".join("?" * len(POSITIONS.columns))
        self._execute(f"INSERT OR REPLACE INTO positions VALUES ({marks})", standing_values(standing))

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
        """Close the connection."""
        self._connection.close()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


# Names of tables and columns come from code, never from data; values are always parameters.
# ruff: noqa: S608 (the names of our own tables)


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _where(names: Iterable[str]) -> str:
    return " AND ".join(f"{name} = ?" for name in _quoted(names))


def _select(table: sa.Table) -> str:
    return f'SELECT {", ".join(_quoted(c.name for c in table.columns))} FROM "{table.name}"'


@cache
def _select_one(table: RowTable[Any]) -> str:
    return f"{_select(table.table)} WHERE {_where(table.key)}"


def insert(table: sa.Table) -> str:
    """Return the statement that inserts a whole row."""
    names = _quoted(c.name for c in table.columns)
    return f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})'


@cache
def _upsert(table: RowTable[Any]) -> str:
    rest = [name for name in _quoted(table.columns.names) if name.strip('"') not in table.key]
    change = f"UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in rest)}" if rest else "NOTHING"
    return f"{insert(table.table)} ON CONFLICT ({', '.join(_quoted(table.key))}) DO {change}"


@cache
def _delete(table: RowTable[Any]) -> str:
    return f'DELETE FROM "{table.name}" WHERE {_where(table.key)}'


@cache
def _add(tally: Tally) -> str:
    key = ", ".join(_quoted(tally.key_columns.names))
    sums = ", ".join(f"{n} = {n} + excluded.{n}" for n in _quoted(tally.count_names))
    return f"{insert(tally.table)} ON CONFLICT ({key}) DO UPDATE SET {sums}"


@cache
def _prune(tally: Tally) -> str:
    zero = " AND ".join(f"{n} = 0" for n in _quoted(tally.count_names))
    return f'DELETE FROM "{tally.name}" WHERE {_where(tally.key_columns.names)} AND {zero}'
