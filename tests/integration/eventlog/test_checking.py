"""The walk over a log names what was changed, where, and once, and makes nothing up."""

from collections.abc import Iterator

import pytest

from dispatch.eventlog import open_log
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.tree import checking
from dispatch.eventlog.tree.checking import Check, Fault
from dispatch.eventlog.tree.growth import TILE, Roots
from dispatch.eventlog.tree.hashes import SIZE
from tests.faults.proofs.tampering import Attacker, tamper
from tests.unit.eventlog.making import Clock, append

PAGE = 2 * TILE
HEAD = PAGE + 40
OTHER = bytes(SIZE)


@pytest.fixture
def log(database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseLog]:
    """A log of two pages, of which the second isn't full."""
    monkeypatch.setattr(checking, "PAGE", PAGE)
    with open_log(database, clock=clock) as log:
        log.append(append("a", events=HEAD))
        yield log


def faults(log: DatabaseLog, **expected: Roots) -> list[Fault]:
    return list(Check(log, expected).faults())


def test_a_log_that_is_whole_has_no_faults_by_whatever_is_known_outside(log: DatabaseLog) -> None:
    sizes = (1, TILE, PAGE - 1, PAGE, PAGE + 1, HEAD)
    check = Check(log, {f"of {size}": log.tree.roots(size) for size in sizes})
    assert list(check.faults()) == []
    assert check.roots() == log.tree.roots(HEAD)


@pytest.mark.parametrize("size", [1, PAGE - 1, PAGE, PAGE + 1, HEAD])
@pytest.mark.parametrize("kind", ["sha256", "sm3"])
def test_a_root_of_another_log_is_told_from_the_last_one_that_agreed(
    log: DatabaseLog, size: int, kind: str
) -> None:
    roots = log.tree.roots(size)
    other = roots._replace(sha256=OTHER) if kind == "sha256" else roots._replace(sm3=OTHER)
    before = {"before": log.tree.roots(size - 1)} if size > 1 else {}
    after = {"after": log.tree.roots(size + 1)} if size < HEAD else {}
    found = faults(log, **before, outside=other, **after)
    assert found == [Fault(size, f"the events from here to {size} are not those of outside")]


def test_what_is_known_outside_of_events_that_are_not_there_is_told(log: DatabaseLog) -> None:
    known = log.tree.roots(HEAD)._replace(size=HEAD + 3)
    assert faults(log, outside=known) == [Fault(HEAD + 1, f"the event is missing: outside knows {HEAD + 3}")]


@pytest.mark.parametrize("position", [1, 300, PAGE, PAGE + 1, HEAD])
def test_a_changed_event_is_told_once_whatever_lies_above_it(
    database: str, log: DatabaseLog, position: int
) -> None:
    known = log.tree.roots(PAGE if position <= PAGE else HEAD)
    tamper(database, "UPDATE events SET at = at + 1 WHERE position = ?", position)
    assert faults(log, outside=known) == [Fault(position, "the event, or its leaf, was changed")]


@pytest.mark.parametrize("position", [1, 300, PAGE, PAGE + 1])
def test_the_first_event_that_is_missing_is_told_and_nothing_after_it(
    database: str, log: DatabaseLog, position: int
) -> None:
    tamper(database, "DELETE FROM events WHERE position = ?", position)
    assert faults(log) == [Fault(position, "the event is missing")]


def test_events_that_are_missing_at_the_end_are_told_by_the_tree(database: str, log: DatabaseLog) -> None:
    tamper(database, "DELETE FROM events WHERE position > ?", HEAD - 2)
    assert faults(log) == [Fault(HEAD - 1, f"the event is missing: the tree has leaves up to {HEAD}")]


@pytest.mark.parametrize("position", [0, -5])
def test_an_event_before_the_first_one_is_told(database: str, log: DatabaseLog, position: int) -> None:
    attacker = Attacker(database)
    unchecked = "PRAGMA ignore_check_constraints = ON"
    if not database.startswith("sqlite"):
        unchecked = "ALTER TABLE events DROP CONSTRAINT events_position_check"
    attacker.ask(unchecked)
    attacker.insert(position)
    attacker.close()
    assert faults(log) == [Fault(position, "the event stands before the first one of the log")]


def test_an_event_that_has_no_leaf_was_not_appended_by_the_service(database: str, log: DatabaseLog) -> None:
    attacker = Attacker(database)
    attacker.insert(HEAD + 1)
    attacker.close()
    [fault] = faults(log)
    assert fault == Fault(HEAD + 1, "the event has no leaf: it was not appended by the service")


@pytest.mark.parametrize("kind", ["sha256", "sm3"])
def test_a_changed_leaf_is_told_by_either_hash_function(database: str, log: DatabaseLog, kind: str) -> None:
    row = log.tree.rows(0, 0, 1)[0]
    hashes: bytes = getattr(row, kind)
    forged = hashes[: 2 * SIZE] + OTHER + hashes[3 * SIZE :]
    tamper(database, f"UPDATE nodes SET {kind} = ? WHERE level = 0 AND first = ?", forged, row.first)
    assert faults(log) == [Fault(3, "the event, or its leaf, was changed")]


@pytest.mark.parametrize("kind", ["sha256", "sm3"])
def test_a_changed_node_is_told_of_the_events_under_it(database: str, log: DatabaseLog, kind: str) -> None:
    [row] = [one for one in log.tree.rows(1, 0, TILE) if one.first == 0]
    hashes: bytes = getattr(row, kind)
    forged = hashes[:SIZE] + OTHER + hashes[2 * SIZE :]
    tamper(database, f"UPDATE nodes SET {kind} = ? WHERE level = 1 AND first = 0", forged)
    assert faults(log) == [Fault(17, "the tree's node over the events from here to 32 is not theirs")]


def test_a_node_that_is_missing_is_told(database: str, log: DatabaseLog) -> None:
    tamper(database, "DELETE FROM nodes WHERE level = 2 AND first = 0")
    found = faults(log)
    assert Fault(1, "the tree's node over the events from here to 256 is missing") in found


@pytest.mark.parametrize("kind", ["sha256", "sm3"])
def test_nodes_beyond_the_last_event_are_told_of_either_hash_function(
    database: str, log: DatabaseLog, kind: str
) -> None:
    row = log.tree.rows(1, 0, TILE)[-1]
    longer = getattr(row, kind) + OTHER
    tamper(database, f"UPDATE nodes SET {kind} = ? WHERE level = 1 AND first = ?", longer, row.first)
    told = Fault(0, f"the tree has nodes of level 1 that are none of a log of {HEAD} events")
    assert told in faults(log)
