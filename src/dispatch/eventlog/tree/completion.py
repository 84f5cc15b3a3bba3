"""Building what the tree over a log lacks: all of it, for a log from before there was one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dispatch.eventlog.tree.growth import TileRow
from dispatch.eventlog.tree.leaf import leaves
from dispatch.eventlog.tree.stored_tree import Rows, StoredTree, TreeBroken

PAGE: Final = 8_192
"""Events of one transaction, so that appends don't wait for long."""

EVENTS: Final = """
SELECT position, stream, version, name, at, recorded_at, state
FROM events WHERE position > ? AND position <= ? ORDER BY position
"""
HEAD: Final = "SELECT max(position) FROM events"


def add_page(rows: Rows, insert: Callable[[list[TileRow]], object]) -> bool:
    """Add the next page of events that the tree lacks; False when it lacked none.

    To be called in a transaction that holds the log's lock, and with its connection's `rows`. Raises
    `TreeBroken` when the tree is ahead of the log, or positions are missing.
    """
    tree = StoredTree(rows)
    head: int = rows(HEAD, ())[0][0] or 0
    size = tree.size()
    if size == head:
        return False
    if size > head:
        raise TreeBroken(f"the tree has {size} leaves, the log ends at position {head}")
    growth = tree.growth(size)
    until = min(head, size + PAGE)
    events = rows(EVENTS, (size, until))
    if len(events) != until - size:
        raise TreeBroken(f"positions are missing between {size + 1} and {until}")
    insert(growth.extend(leaves(events)))
    return True
