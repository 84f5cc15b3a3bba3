"""The stored tree on an SQLite in memory, with nothing but the tree in it."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.stored_tree import StoredTree


def leaf_number(number: int) -> bytes:
    return f"leaf {number}".encode()


class MemoryTree(StoredTree):
    """A stored tree that grows in steps of some sizes."""

    def __init__(self, steps: Iterable[int] = ()) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("CREATE TABLE nodes (level, first, sha256, sm3, PRIMARY KEY (level, first))")
        super().__init__(self._ask)
        self.grown = Growth()
        for step in steps:
            self.grow(step)

    def _ask(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, parameters).fetchall()

    def grow(self, step: int) -> None:
        new = [leaf_number(n) for n in range(self.grown.size, self.grown.size + step)]
        self.connection.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?)", self.grown.extend(new))
