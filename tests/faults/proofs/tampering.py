"""Every change to the log behind its back is found, from the export and the last outside checkpoint.

Whoever attacks has every right in the database: drops the triggers, changes events, the tree and the
checkpoints kept there, and even has the signing key. What he can't reach is one checkpoint that was
delivered outside before. Each attack gets a copy of the same log, on either database.
What lies beside the events, keys and answers, is attacked on a log of its own.
Whoever hands out a bundle may forge that instead: he changes what it says, and keeps every hash.
The break: a verifier that trusts the leaves' hashes that are stored with the events, and looks at triggers
alone instead of all that the tables are like.
"""

import shutil
import sqlite3
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from dispatch.eventlog import Append, NewEvent, open_log, shape
from dispatch.eventlog.bundle import verify_bundle
from dispatch.eventlog.bundle.exporting import Directory, export
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint, issue
from dispatch.eventlog.checkpoints.note import parse
from dispatch.eventlog.checkpoints.signer import Ed25519Signer
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.checking import Check
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.leaf import leaf
from tests import postgres
from tests.faults import beside
from tests.faults.forgeries import FORGERIES
from tests.faults.proofs import ProofResult

NAME = "tampering"
SHORT, FULL = 600, 20_000
AFTER = 5
"""Events that were recorded after the last outside checkpoint."""
ORIGIN = "proof.example/log"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
TABLES = ("events", "commands", "nodes", "checkpoints", "subject_keys")
COLUMNS = "position, stream, version, name, at, recorded_at, state"


def clock() -> datetime:
    return datetime.now(UTC)


class Attacker:
    """A superuser's session: `?` stands for a parameter, the triggers are gone until its end."""

    def __init__(self, database: str) -> None:
        self._connection: Any
        if database.startswith("sqlite"):
            self._connection = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
            triggers = self.ask("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            self._put_back = [statement for _, statement in triggers]
            for name, _ in triggers:
                self.ask(f"DROP TRIGGER {name}")
        else:
            self._connection = psycopg.connect(
                database, autocommit=True, options="-c search_path=dispatch_log"
            )
            self._put_back = [
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
                for table, trigger in self.ask(
                    "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger WHERE NOT tgisinternal"
                )
            ]
            for table in TABLES:
                self.ask(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        self.head: int = self.ask("SELECT max(position) FROM events")[0][0]

    def ask(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        if isinstance(self._connection, sqlite3.Connection):
            return self._connection.execute(statement, parameters).fetchall()
        cursor = self._connection.execute(statement.replace("?", "%s"), parameters or None)
        return cursor.fetchall() if cursor.description else []

    def change(self, column: str, position: int, value: Any) -> None:
        self.ask(f"UPDATE events SET {column} = ? WHERE position = ?", value, position)

    def move(self, after: int, by: int) -> None:
        """Move the events after a position, in two steps that never meet a position that is taken."""
        far = 1_000_000_000
        self.ask(f"UPDATE events SET position = position + {far} WHERE position > ?", after)
        self.ask(f"UPDATE events SET position = position - {far} + ({by}) WHERE position > ?", far)

    def insert(self, position: int) -> None:
        self.ask(
            f"INSERT INTO events ({COLUMNS}) SELECT ?, 'forged', 1, name, at, recorded_at, state "
            "FROM events WHERE position = 1",
            position,
        )

    def rebuild(self) -> None:
        """Compute the whole tree anew, as the service would have."""
        self.ask("DELETE FROM nodes")
        growth = Growth()
        events = [Stored._make(row) for row in self.ask(f"SELECT {COLUMNS} FROM events ORDER BY position")]
        for row in growth.extend([leaf(event._replace(state=bytes(event.state))) for event in events]):
            self.ask("INSERT INTO nodes VALUES (?, ?, ?, ?)", *row)

    def close(self) -> None:
        """Leave no trace of having been there."""
        for statement in self._put_back:
            self.ask(statement)
        self._connection.close()


def tamper(database: str, statement: str, *parameters: Any) -> None:
    """Carry out one statement as a superuser may, past all triggers."""
    attacker = Attacker(database)
    try:
        attacker.ask(statement, *parameters)
    finally:
        attacker.close()


Attack = Callable[[Attacker, int], int | None]
"""Does its worst somewhere in the middle, and returns the position to be named; None if any will do."""
Copies = Callable[[Path, Callable[[str], None]], AbstractContextManager[Callable[[], Any]]]
"""Has a log made in a directory, and gives a maker of copies of it."""


def _flips() -> dict[str, Attack]:
    def flip(column: str, value: Any) -> Attack:
        def attack(attacker: Attacker, at: int) -> int:
            attacker.change(column, at, value)
            return at

        return attack

    values = {"stream": "other", "version": 9_999, "name": "task.closed", "at": 1, "recorded_at": 1}
    return {f"flip {column}": flip(column, value) for column, value in values.items()}


def flip_state(attacker: Attacker, at: int) -> int:
    [(state,)] = attacker.ask("SELECT state FROM events WHERE position = ?", at)
    flipped = bytearray(state)
    flipped[len(flipped) // 2] ^= 1
    attacker.change("state", at, bytes(flipped))
    return at


def delete(attacker: Attacker, at: int) -> int:
    attacker.ask("DELETE FROM events WHERE position = ?", at)
    return at


def delete_and_close_the_gap(attacker: Attacker, at: int) -> int:
    delete(attacker, at)
    attacker.move(at, -1)
    return at


def truncate(attacker: Attacker, at: int) -> int:
    attacker.ask("DELETE FROM events WHERE position > ?", at)
    return at + 1


def truncate_the_head(attacker: Attacker, at: int) -> int:
    attacker.ask("DELETE FROM events WHERE position <= ?", at)
    return 1


def insert_between(attacker: Attacker, at: int) -> int:
    attacker.move(at - 1, 1)
    attacker.insert(at)
    return at


def insert_at_the_end(attacker: Attacker, at: int) -> int:
    attacker.insert(attacker.head + 1)
    return attacker.head + 1


def swap(attacker: Attacker, at: int) -> int:
    far = 1_000_000_000
    for old, new in ((at, far), (at + 1, at), (far, at + 1)):
        attacker.ask("UPDATE events SET position = ? WHERE position = ?", new, old)
    return at


def change_a_node(attacker: Attacker, at: int) -> None:
    attacker.ask("UPDATE nodes SET sm3 = sha256 WHERE level = 1 AND first = 16")


def a_node_of_no_such_log(attacker: Attacker, at: int) -> None:
    attacker.ask("INSERT INTO nodes SELECT 9, 0, sha256, sm3 FROM nodes WHERE level = 1 AND first = 0")


def and_rebuild(attack: Attack) -> Attack:
    def rebuilt(attacker: Attacker, at: int) -> None:
        attack(attacker, at)
        attacker.ask("DELETE FROM checkpoints")
        attacker.rebuild()

    return rebuilt


ONLY_DATABASE = {"change a node", "a node of no such log"}
"""What an export doesn't hold, as nothing depends on it: `dispatch verify` finds it."""

ATTACKS: dict[str, Attack] = {
    **_flips(),
    "flip state": flip_state,
    "delete": delete,
    "delete and close the gap": delete_and_close_the_gap,
    "truncate": truncate,
    "truncate the beginning": truncate_the_head,
    "insert between": insert_between,
    "insert at the end": insert_at_the_end,
    "swap": swap,
    "change a node": change_a_node,
    "a node of no such log": a_node_of_no_such_log,
}
REWRITES = (flip_state, delete_and_close_the_gap, truncate, insert_between, swap)
ATTACKS |= {f"{attack.__name__.replace('_', ' ')} and rebuild": and_rebuild(attack) for attack in REWRITES}


@dataclass
class Found:
    """How many attacks were tried, and which were missed by what."""

    attacks: int = 0
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)


def fill(database: str, size: int, outside: Path) -> None:
    """Make a log with two checkpoints, the second of which is delivered outside, and some events after it."""
    with open_log(database, clock=clock) as log:
        for until in (size // 2, size, size + AFTER):
            while (head := log.head()) < until:
                number = min(7, until - head)
                stream = f"task:{head}"
                state = b'{"data":{"type":"task.accepted","number":%d},"meta":{"actor":"m:1"}}' % head
                events = tuple(
                    NewEvent(stream, n, "task.accepted", head + n, state) for n in range(1, number + 1)
                )
                log.append(Append(stream, b"", events, {stream: 0}, b"null"))
            if until <= size:
                last = log.last_checkpoint()
                checkpoint = issue(log.tree, SIGNER, ORIGIN, [last.note] if last else [])
                log.keep_checkpoint(KeptCheckpoint(checkpoint.roots.size, 0, checkpoint.note))
                outside.write_text(checkpoint.note)


def from_the_export(log: DatabaseLog, directory: Path, outside: Path) -> list[int]:
    """Export, and return the positions that the stand-alone verifier names."""
    kept = [parse(one.note) for one in log.checkpoints()]
    for _ in export(log, Directory(directory), origin=ORIGIN, key=SIGNER.key, checkpoints=kept):
        pass
    key = directory.parent / f"{directory.name}.key"
    key.write_text(SIGNER.key)
    problems, _ = verify_bundle.verify(str(directory), [str(outside)], str(key), 1)
    shutil.rmtree(directory)
    return [problem.position for problem in problems]


def from_forged_bundles(database: str, at: int, directory: Path, outside: Path, found: Found) -> None:
    """Export up to the outside checkpoint, and note each forgery of that bundle that passes for whole."""
    until = parse(outside.read_text()).roots.size
    original, forged = directory / "original", directory / "forged"
    key = directory / "original.key"
    key.write_text(SIGNER.key)
    with open_log(database, clock=clock, complete_tree=False) as log:
        kept = [parse(one.note) for one in log.checkpoints()]
        target = Directory(original)
        for _ in export(log, target, origin=ORIGIN, key=SIGNER.key, checkpoints=kept, until=until):
            pass
    for name, forgery in FORGERIES.items():
        shutil.copytree(original, forged)
        forgery(forged, at)
        with suppress(verify_bundle.NotABundle):
            if not verify_bundle.verify(str(forged), [str(outside)], str(key), 1)[0]:
                found.missed.append(f"{name} (bundle, {urlsplit(database).scheme})")
        shutil.rmtree(forged)
        found.attacks += 1
    shutil.rmtree(original)


def from_the_database(log: DatabaseLog, outside: Path) -> list[int]:
    """Return the positions that `dispatch verify` names."""
    expected = {f"checkpoint {one.size}": parse(one.note).roots for one in log.checkpoints()}
    expected["outside"] = parse(outside.read_text()).roots
    return [fault.position for fault in Check(log, expected).faults()]


def judge(database: str, name: str, position: int | None, directory: Path, found: Found) -> None:
    """Look for an attack in both ways, and note where it was not found."""
    outside = directory / "outside.checkpoint"
    with open_log(database, clock=clock, complete_tree=False) as log:
        ways = {"verify": from_the_database(log, outside)}
        if name not in ONLY_DATABASE:
            ways["export"] = from_the_export(log, directory / "bundle", outside)
    for way, named in ways.items():
        if not named or (position is not None and position not in named):
            found.missed.append(f"{name} ({way}, {urlsplit(database).scheme})")


def on_each_copy(copy: Callable[[], Any], at: int, directory: Path, found: Found) -> None:
    """Carry out each attack on a copy of its own, and look at one that nobody attacked."""
    with copy() as database, open_log(database, clock=clock, complete_tree=False) as log:
        outside = directory / "outside.checkpoint"
        named = from_the_database(log, outside) + from_the_export(log, directory / "bundle", outside)
        found.false_alarms += map(str, named)
        from_forged_bundles(database, at, directory, outside, found)
    for name, attack in ATTACKS.items():
        with copy() as database:
            attacker = Attacker(database)
            position = attack(attacker, at)
            attacker.close()
            judge(database, name, position, directory, found)
        found.attacks += 1


def on_each_copy_beside(copies: Copies, found: Found) -> None:
    """Change what lies beside the events of a log, on a copy for each change; note what is not named."""
    subjects: list[str] = []
    with (
        tempfile.TemporaryDirectory() as name,
        copies(Path(name), lambda database: subjects.extend(beside.fill(database))) as copy,
    ):
        for change in beside.CHANGES:
            with copy() as database:
                found.false_alarms += beside.found(database)
                attacker = Attacker(database)
                attacker.ask(beside.statement(change, database, subjects[1]))
                attacker.close()
                if not beside.found(database):
                    found.missed.append(f"{change} (verify, {urlsplit(database).scheme})")
            found.attacks += 1


def on_each_shape(copies: Copies, found: Found) -> None:
    """Change what the tables of a log are like, on a copy for each change; note what is not named."""
    with (
        tempfile.TemporaryDirectory() as name,
        copies(Path(name), lambda database: open_log(database, clock=clock).close()) as copy,
    ):
        for change, statements in beside.SHAPES.items():
            with copy() as database:
                found.false_alarms += beside.unsound(database)
                embedded = database.startswith("sqlite")
                attacker = Attacker(database)
                attacker.ask(statements[embedded])
                attacker.close()
                if not beside.unsound(database):
                    found.missed.append(f"{change} (verify, {urlsplit(database).scheme})")
            found.attacks += 1


@contextmanager
def sqlite_copies(directory: Path, make: Callable[[str], None]) -> Iterator[Callable[[], Any]]:
    """Give a maker of copies of one log on SQLite."""
    original = directory / "original.db"
    make(f"sqlite:///{original}")

    @contextmanager
    def copy() -> Iterator[str]:
        path = directory / "attacked.db"
        shutil.copy(original, path)
        yield f"sqlite:///{path}"
        for leftover in directory.glob("attacked.db*"):
            leftover.unlink()

    yield copy


@contextmanager
def postgres_copies(_directory: Path, make: Callable[[str], None]) -> Iterator[Callable[[], Any]]:
    """Give a maker of copies of one log on PostgreSQL."""
    with postgres.running_server() as server, psycopg.connect(server, autocommit=True) as session:
        session.execute("CREATE DATABASE original")
        make(urlsplit(server)._replace(path="/original").geturl())

        @contextmanager
        def copy() -> Iterator[str]:
            session.execute("CREATE DATABASE attacked TEMPLATE original")
            yield urlsplit(server)._replace(path="/attacked").geturl()
            session.execute(sql.SQL("DROP DATABASE attacked WITH (FORCE)"))

        yield copy


def trusting(event: dict[str, Any], digests: Sequence[verify_bundle.Hash]) -> list[bytes]:
    """Believe what is said of an event instead of looking at it."""
    return [b64decode(event["leaf"])] * len(digests)


TRIGGERS = f"SELECT * FROM ({shape.POSTGRES_SHAPE}) AS part WHERE kind = 'trigger'"
"""To look at what protects the log, and not at what it is like."""
SHA256 = {"sha256": verify_bundle.hash_functions()["sha256"]}
"""All that the stored leaves say; a bundle doesn't hold those of SM3."""


def run(*, full: bool, red: bool) -> ProofResult:
    """Attack a log on either database; the red twin's verifier trusts the stored leaves."""
    size = FULL if full else SHORT
    found = Found()
    for copies in (sqlite_copies, postgres_copies):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            log = partial(fill, size=size, outside=directory / "outside.checkpoint")
            with copies(directory, log) as copy:
                if not red:
                    on_each_copy(copy, size // 3, directory, found)
                    on_each_copy_beside(copies, found)
                    on_each_shape(copies, found)
                    continue
                with (
                    patch.object(verify_bundle, "leaf_hashes", trusting),
                    patch.object(verify_bundle, "hash_functions", lambda: SHA256),
                    patch.object(shape, "POSTGRES_SHAPE", TRIGGERS),
                    patch.object(shape, "SQLITE_SHAPE", f"{shape.SQLITE_SHAPE} AND type = 'trigger'"),
                ):
                    on_each_copy(copy, size // 3, directory, found)
                    on_each_shape(copies, found)
    figure = (
        f"{len(found.missed):,} of {found.attacks:,} attacks missed ({len(ATTACKS)} kinds on the log, "
        f"{len(beside.CHANGES)} beside it, {len(beside.SHAPES)} on its tables and {len(FORGERIES)} on its "
        f"bundle, on two databases, {size + AFTER:,} events), {len(found.false_alarms)} false alarms"
    )
    ok = not found.missed and not found.false_alarms
    return ProofResult(NAME, ok, figure, found.missed + found.false_alarms)
