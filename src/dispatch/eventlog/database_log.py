"""What a log is on either database: group commit, reads in SQL, and waiting."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

import structlog
from typing_extensions import override

from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint
from dispatch.eventlog.group_commit import GroupCommit, Job
from dispatch.eventlog.log import (
    Append,
    Appended,
    EventLog,
    LogFull,
    LogUnavailable,
    Stored,
    StoredCommand,
    micros,
)
from dispatch.eventlog.placement import Known, Placed
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.leaf import leaves
from dispatch.eventlog.tree.stored_tree import StoredTree, TreeBroken
from dispatch.eventlog.vault.vault import WrappedKey
from dispatch.eventlog.wakeup import Wakeup

POLL_SECONDS = 1.0
"""How late a follower is at worst when every wake-up got lost."""

FULL_SECONDS = 15.0
"""How long a log counts as full after an append that found it so."""

PAGE = 20_000
"""How many events are asked for at a time, so that no statement takes long."""

COLUMNS = "position, stream, version, name, at, recorded_at, state"
HEAD = "SELECT max(position) FROM events"
TALLIES = "SELECT stream, count(*), sum(version), sum(position) FROM events"
KEY = "SELECT subject, suite, wrapped_by, wrapped FROM subject_keys WHERE subject = ?"
SOME_KEYS = """
SELECT subject, suite, wrapped_by, wrapped FROM subject_keys WHERE subject IN (
    SELECT min(subject) FROM subject_keys GROUP BY wrapped_by
    UNION SELECT max(subject) FROM subject_keys GROUP BY wrapped_by
) ORDER BY subject
"""
KEYS_FROM = """
SELECT subject, suite, wrapped_by, wrapped FROM subject_keys WHERE subject >= ? ORDER BY subject LIMIT ?
"""
TELEPHONES_FROM = """
SELECT digest, subject FROM subject_telephones WHERE (subject, digest) >= (?, ?)
ORDER BY subject, digest LIMIT ?
"""
COMMANDS = "SELECT command_id, fingerprint, first, last, recorded_at, outcome FROM commands WHERE command_id "
BY_TELEPHONE = "SELECT subject FROM subject_telephones WHERE digest = ? ORDER BY subject LIMIT ?"
CHECKPOINTS = "SELECT size, issued_at, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?"
LAST_CHECKPOINT = "SELECT size, issued_at, note FROM checkpoints ORDER BY size DESC LIMIT 1"


class TreeBehind(TreeBroken):
    """Events were appended without the tree, by an earlier version of this program: it can be completed."""


class Tally(NamedTuple):
    """How many events a stream has, and the sums of their versions and of their positions."""

    events: int
    versions: int
    positions: int


class DatabaseLog(EventLog):
    """An event log whose database understands the same SQL as the other; `?` stands for a parameter."""

    def __init__(self, clock: Callable[[], datetime], *, complete_tree: bool) -> None:
        self._clock = clock
        self._completes = complete_tree
        self._closing = Event()
        self._group = GroupCommit(self._commit_noting_room)
        self._wakeup = Wakeup(0)
        self._watcher: Thread | None = None
        self._watcher_mutex = Lock()
        self._filled = float("-inf")  # when an append last found the disk full, on the clock of `monotonic`
        self._growth: Growth | None = None  # the tree as this process has last committed it

    @property
    def full(self) -> bool:
        """Whether an append found the disk full in the last few seconds, and none has gone through since."""
        return monotonic() - self._filled < FULL_SECONDS

    @property
    def tree(self) -> StoredTree:
        """The Merkle tree over this log."""
        return StoredTree(self._rows)

    def checkpoints(self, after: int = 0, limit: int = 1_000) -> list[KeptCheckpoint]:
        """Return the checkpoints of more than `after` events that the database keeps, smallest first."""
        return list(map(KeptCheckpoint._make, self._rows(CHECKPOINTS, (after, limit))))

    def last_checkpoint(self) -> KeptCheckpoint | None:
        """Return the largest checkpoint that the database keeps."""
        return next(map(KeptCheckpoint._make, self._rows(LAST_CHECKPOINT)), None)

    @abstractmethod
    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint for reading, unless one of its size is kept already."""

    def _commit_noting_room(self, jobs: Sequence[Job]) -> None:
        try:
            self._commit(jobs)
        except LogFull:
            self._filled = monotonic()
            raise
        self._filled = float("-inf")

    @abstractmethod
    def _commit(self, jobs: Sequence[Job]) -> None:
        """Commit a group in one transaction and set each job's answer."""

    @abstractmethod
    def _complete_tree_by_a_page(self) -> bool:
        """Build a page of what the tree lacks, in one transaction; False when it lacks nothing."""

    def _complete_tree(self) -> None:
        if not self._completes:
            raise TreeBroken("the tree lacks events; only the service completes it")
        if size := self.tree.size():
            # Not a log from before the tree: worth a look, for nobody else should append.
            structlog.get_logger(__name__).warning("tree_behind", size=size, head=self.head())
        while self._complete_tree_by_a_page():
            if self._closing.is_set():
                raise LogUnavailable("the log is closed")

    def _complete_tree_at_start(self) -> None:
        """Build what the tree lacks; a broken one stays as it is, so that a log can be read and verified."""
        with suppress(TreeBroken):
            # The head first: what another process appends between the two reads is in the tree then.
            if self._completes and self.head() > self.tree.size():
                self._complete_tree()

    def _grown(self, known: Known, placed: Placed) -> Growth:
        """Note the nodes that the tree gets with what is placed, and return the tree as it is then.

        Raises `TreeBehind` when the tree in the database doesn't end where the log does.
        """
        before = self._growth
        if before is None or before.size != known.head:
            before = known.tree
        if before is None:
            raise TreeBehind(f"the tree doesn't end at position {known.head}, where the log does")
        growth = before.copy()
        placed.tree = growth.extend(leaves(placed.rows))
        return growth

    @abstractmethod
    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask a read connection; raises `LogUnavailable`."""

    @abstractmethod
    def _watch(self) -> None:
        """Tell `_wakeup` about new heads until `_closing` is set; a thread of its own."""

    def _end_watch(self) -> None:
        """Make `_watch` return soon."""

    @override
    def append(self, append: Append) -> Appended:
        return self._group.append(append)

    @override
    async def append_async(self, append: Append) -> Appended:
        return await self._group.append_async(append)

    @override
    def head(self) -> int:
        head: int = self._rows(HEAD)[0][0] or 0
        self._wakeup.rise(head)
        return head

    @override
    def read(
        self,
        after: int = 0,
        until: int | None = None,
        happened_until: int | None = None,
        limit: int | None = None,
    ) -> list[Stored]:
        stored: list[Stored] = []
        while limit is None or len(stored) < limit:
            page = PAGE if limit is None else min(PAGE, limit - len(stored))
            found = self._page(stored[-1].position if stored else after, until, happened_until, page)
            stored += found
            if len(found) < page:
                break
        return stored

    def _page(self, after: int, until: int | None, happened_until: int | None, size: int) -> list[Stored]:
        conditions, parameters = "position > ?", [after]
        for condition, value in (("position <= ?", until), ("at <= ?", happened_until)):
            if value is not None:
                conditions += f" AND {condition}"
                parameters.append(value)
        sql = f"SELECT {COLUMNS} FROM events WHERE {conditions} ORDER BY position LIMIT ?"  # noqa: S608 - constants
        return list(map(Stored._make, self._rows(sql, (*parameters, size))))

    @override
    def read_stream(self, stream: str, after: int = 0) -> list[Stored]:
        sql = f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version"  # noqa: S608 (own columns)
        return list(map(Stored._make, self._rows(sql, (stream, after))))

    @override
    def read_kind(self, kind: str) -> list[Stored]:
        # What comes right after the colon: both databases compare streams byte by byte.
        sql = f"SELECT {COLUMNS} FROM events WHERE stream > ? AND stream < ? ORDER BY position"  # noqa: S608 (own columns)
        return list(map(Stored._make, self._rows(sql, (f"{kind}:", f"{kind};"))))

    def tallies(self, streams: Sequence[str], until: int) -> dict[str, Tally]:
        """Return of each of these streams how many events up to a position it has, as a stream is read.

        With their number come the sums of their versions and positions. The index of streams is asked, and
        not that of positions: that is what the `+` is for.
        """
        marks = ", ".join("?" * len(streams))
        sql = f"{TALLIES} WHERE stream IN ({marks}) AND +position <= ? GROUP BY stream"
        return _by_stream(self._rows(sql, (*streams, until)))

    def tallies_by_position(self, kinds: Sequence[str], after: int, until: int) -> dict[str, Tally]:
        """Return the same of the streams whose ids begin so, of the events between two positions.

        No index of streams is asked: what is done to their ids, and a column that no index has, sees to that.
        """
        these = " OR ".join(["stream || '' LIKE ?"] * len(kinds))
        sql = (
            f"{TALLIES} WHERE position > ? AND position <= ? AND at IS NOT NULL AND ({these}) GROUP BY stream"
        )
        return _by_stream(self._rows(sql, (after, until, *(f"{kind}%" for kind in kinds))))

    @abstractmethod
    def unsound(self) -> list[str]:
        """Return what isn't as this program makes it: what protects the log, and its indexes."""

    @override
    def outcome(self, command_id: str) -> tuple[bytes, bytes, int] | None:
        sql = "SELECT fingerprint, outcome, last FROM commands WHERE command_id = ?"
        for fingerprint, outcome, last in self._rows(sql, (command_id,)):
            return fingerprint, outcome, last
        return None

    @override
    def key(self, subject: str) -> WrappedKey | None:
        return next(map(WrappedKey._make, self._rows(KEY, (subject,))), None)

    def some_keys(self) -> list[WrappedKey]:
        """Return two keys of subjects for each key-encryption key that any of them says it lies under."""
        return list(map(WrappedKey._make, self._rows(SOME_KEYS)))

    def keys_from(self, subject: str, limit: int) -> list[WrappedKey]:
        """Return the keys of a subject and of those that come after it, in order."""
        return list(map(WrappedKey._make, self._rows(KEYS_FROM, (subject, limit))))

    def telephones_from(self, subject: str, digest: bytes, limit: int) -> list[tuple[bytes, str]]:
        """Return digests with their subjects, one and those that come after it, in order of subjects."""
        return [(found, of) for found, of in self._rows(TELEPHONES_FROM, (subject, digest, limit))]

    def commands(self, command_ids: Sequence[str]) -> list[StoredCommand]:
        """Return those of these commands that the log knows."""
        sql = f"{COMMANDS} IN ({', '.join('?' * len(command_ids))})"
        return list(map(StoredCommand._make, self._rows(sql, command_ids)))

    def commands_from(self, command_id: str, limit: int) -> list[StoredCommand]:
        """Return a command and those that come after it, in order of their ids."""
        sql = f"{COMMANDS} >= ? ORDER BY command_id LIMIT ?"
        return list(map(StoredCommand._make, self._rows(sql, (command_id, limit))))

    @override
    def found_by_telephone(self, digest: bytes, limit: int) -> list[str]:
        return [subject for (subject,) in self._rows(BY_TELEPHONE, (digest, limit))]

    @override
    def position_at(self, recorded_at: int) -> int:
        def recorded(position: int) -> int:
            sql = "SELECT recorded_at FROM events WHERE position = ?"
            time: int = self._rows(sql, (position,))[0][0]
            return time

        # Positions have no gap and recorded times never fall, so the n-th position bounds the n before.
        return bisect_right(range(1, self.head() + 1), recorded_at, key=recorded)

    @override
    def wait(self, after: int, timeout: float) -> int:
        self._ensure_watched()
        return self._wakeup.wait(after, timeout)

    @override
    async def wait_async(self, after: int, timeout: float) -> int:
        self._ensure_watched()
        return await self._wakeup.wait_async(after, timeout)

    @override
    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        self._ensure_watched()
        return self._wakeup.subscribe(callback)

    @override
    def close(self) -> None:
        self._group.close()
        self._closing.set()
        self._end_watch()
        with self._watcher_mutex:
            watcher = self._watcher
        if watcher is not None:
            watcher.join()

    def _now(self) -> int:
        return micros(self._clock())

    def _ensure_watched(self) -> None:
        if self._watcher is None:
            with self._watcher_mutex:
                if self._watcher is None and not self._closing.is_set():
                    self._watcher = Thread(target=self._watch, name="log-watch", daemon=True)
                    self._watcher.start()


def _by_stream(rows: Iterable[tuple[Any, ...]]) -> dict[str, Tally]:
    return {one: Tally(events, int(versions), int(positions)) for one, events, versions, positions in rows}
