"""The rows that a fold reads and writes: all of them in memory, or those that a batch of events touches."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from projections.engine.tables import Change, Key, Row, RowTable

R = TypeVar("R", bound=Row)

Touched = tuple[RowTable[Any], Key]
"""A place that an event reads or writes."""


class NotLoaded(LookupError):
    """A fold reached for a row that its projection's `keys` didn't name."""

    def __init__(self, table: RowTable[Any], key: Key) -> None:
        super().__init__(f"{table.name} {key!r}: not named by the projection's keys for this event")
        self.touched: Touched = (table, key)


class RowMissing(LookupError):
    """A fold changed a row that doesn't exist."""

    def __init__(self, table: RowTable[Any], key: Key) -> None:
        super().__init__(f"{table.name} {key!r}: there is no such row")


class Rows:
    """Keyed rows in memory, complete: a row that isn't here doesn't exist."""

    def __init__(self, tables: Iterable[RowTable[Any]]) -> None:
        self._now: dict[RowTable[Any], dict[Key, Any]] = {table: {} for table in tables}

    def get(self, table: RowTable[R], key: Key) -> R | None:
        """Return the row, or None if it doesn't exist."""
        row: R | None = self._now[table].get(key)
        return row

    def need(self, table: RowTable[R], key: Key) -> R:
        """Return the row; raise RowMissing if it doesn't exist."""
        row = self.get(table, key)
        if row is None:
            raise RowMissing(table, key)
        return row

    def put(self, table: RowTable[R], row: R) -> None:
        """Keep a row, in place of the one with the same key."""
        self._now[table][table.key_of(row)] = row

    def change(self, table: RowTable[R], key: Key, **fields: Any) -> R:
        """Replace fields of a row and return it; raise RowMissing if it doesn't exist."""
        row = replace(self.need(table, key), **fields)
        self.put(table, row)
        return row

    def delete(self, table: RowTable[Any], key: Key) -> None:
        """Remove a row, if it exists."""
        self._now[table].pop(key, None)

    def all(self, table: RowTable[R]) -> Collection[R]:
        """Return every row of a table, for readers; a fold never asks for this."""
        return self._now[table].values()

    def copy(self) -> "Rows":
        """Return the same rows, to be changed apart from these."""
        other = Rows(())
        other._now = {table: dict(rows) for table, rows in self._now.items()}
        return other


_NOT_LOADED: Any = object()


class BatchRows(Rows):
    """The rows that a batch touches: anything else raises NotLoaded instead of passing for missing."""

    def __init__(self, loaded: Mapping[RowTable[Any], Mapping[Key, Row | None]]) -> None:
        super().__init__(())
        self._now = {table: dict(rows) for table, rows in loaded.items()}
        self._before = {table: dict(rows) for table, rows in loaded.items()}
        self._undo: list[tuple[dict[Key, Any], Key, Any]] = []

    def load(self, table: RowTable[R], key: Key, row: R | None) -> None:
        """Take in one more row as the database has it."""
        self._now[table][key] = self._before[table][key] = row

    def known(self, table: RowTable[Any]) -> Collection[Key]:
        """Return the keys for which somebody looked."""
        return self._now[table].keys()

    def get(self, table: RowTable[R], key: Key) -> R | None:
        """Return the row, or None if it doesn't exist; raise NotLoaded if nobody looked."""
        row: R | None = self._now[table].get(key, _NOT_LOADED)
        if row is _NOT_LOADED:
            raise NotLoaded(table, key)
        return row

    def put(self, table: RowTable[R], row: R) -> None:
        """Keep a row; raise NotLoaded if nobody looked whether it exists."""
        self._write(table, table.key_of(row), row)

    def delete(self, table: RowTable[Any], key: Key) -> None:
        """Remove a row, if it exists; raise NotLoaded if nobody looked."""
        self._write(table, key, None)

    def _write(self, table: RowTable[Any], key: Key, row: Row | None) -> None:
        now = self._now[table]
        previous = now.get(key, _NOT_LOADED)
        if previous is _NOT_LOADED:
            raise NotLoaded(table, key)
        self._undo.append((now, key, previous))
        now[key] = row

    def begin(self) -> None:
        """Begin an event: `undo` goes back to here."""
        self._undo.clear()

    def undo(self) -> None:
        """Take back what was written since `begin`."""
        for now, key, previous in reversed(self._undo):
            now[key] = previous
        self._undo.clear()

    def all(self, table: RowTable[R]) -> Collection[R]:
        """Raise: a batch holds a part of the rows only."""
        raise NotLoaded(table, "every row")

    def changes(self) -> dict[RowTable[Any], list[Change]]:
        """Return what has changed since the rows were loaded, for each table with a change."""
        found = {table: list(self._changed(table)) for table in self._now}
        return {table: changes for table, changes in found.items() if changes}

    def _changed(self, table: RowTable[Any]) -> Iterator[Change]:
        before = self._before[table]
        for key, after in self._now[table].items():
            previous = before[key]
            if previous is not after and previous != after:
                yield Change(previous, after)
