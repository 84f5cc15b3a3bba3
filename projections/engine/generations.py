"""Generations of read models beside the log: which one is live, who may write it, and who reads it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import NamedTuple, Self

import sqlalchemy as sa

from dispatch.eventlog.log import EventLog
from projections.engine.engine import BATCH, Decode, Engine
from projections.engine.projection import Projection
from projections.engine.store import Standing, Store


class Seen(NamedTuple):
    """The live generation, None when there is none, and how far each projection has come in it."""

    generation: int | None
    standings: dict[str, Standing]


class NotReady(Exception):
    """There are no read models to read yet: they are being built."""


class Gone(Exception):
    """This generation is no more: look again which one is live."""


class RebuildRunning(Exception):
    """The read models are being rebuilt already."""


class RebuildFellShort(Exception):
    """The rebuilt read models stopped before the live ones: the live ones stay."""


class Session(ABC):
    """One thread's way to the generations: its own connection, and the locks that it holds on it.

    Losing the connection loses the locks, and the other way round nothing is written without them.
    Each method raises the driver's error when the database is away; the session is of no use then.
    """

    @abstractmethod
    def lead(self) -> bool:
        """Try to become the one that projects, for as long as the session lasts."""

    @abstractmethod
    def check(self) -> int | None:
        """Return the live generation, having made sure that the session's locks are still held."""

    @abstractmethod
    def look(self) -> Seen:
        """Return the live generation and how far it has come."""

    @abstractmethod
    def any(self) -> bool:
        """Tell whether there is a generation, live or not, or anything that says that there is."""

    @abstractmethod
    def await_change(self, timeout: float) -> None:
        """Wait until the read models change, or for `timeout` seconds."""

    @abstractmethod
    def announce(self) -> None:
        """Tell the other processes that the read models have changed."""

    @abstractmethod
    def begin_rebuild(self) -> int:
        """Return the number of a new, empty generation; raise RebuildRunning if one is being built."""

    @abstractmethod
    def store(self, generation: int, *, live: bool) -> Store:
        """Return the way to write a generation: the live one, until it no longer is, or a new one."""

    @abstractmethod
    def swap(self, generation: int) -> AbstractContextManager[Seen]:
        """Make a generation the live one at the end of the block; gives the one that is live until then.

        Within the block nobody writes the live generation; if it raises, nothing has changed.
        """

    @abstractmethod
    def discard(self, generation: int) -> None:
        """Remove a generation that hasn't gone live."""

    @abstractmethod
    def close(self) -> None:
        """Give up the locks and the connection."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Generations(ABC):
    """The generations of one database, for all threads of a process."""

    def __init__(self) -> None:
        self._engines: dict[int, sa.Engine] = {}
        self._reading: Counter[int] = Counter()
        self._gone: set[int] = set()
        self._closed = False
        self._mutex = Lock()

    @abstractmethod
    def claim(self) -> None:
        """Raise DatabaseInUse if this database serves one process only, and another one has it."""

    @abstractmethod
    def session(self) -> Session:
        """Open a session; raises the driver's error when the database is away."""

    @abstractmethod
    def tidy(self) -> None:
        """Remove generations that were superseded and that nobody reads any more."""

    @abstractmethod
    def _engine(self, generation: int) -> sa.Engine:
        """Return a new SQLAlchemy engine that reads one generation."""

    @contextmanager
    def connection(self, generation: int) -> Iterator[sa.Connection]:
        """Lend a connection that reads one generation, at one moment for all queries of the block.

        Raises Gone if the generation was superseded and removed, or all of them are closed.
        """
        with self._mutex:
            if self._closed or generation in self._gone:
                raise Gone
            engine = self._engines.get(generation)
            if engine is None:
                engine = self._engines[generation] = self._engine(generation)
            self._reading[generation] += 1
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            with self._mutex:
                self._reading[generation] -= 1
                last = self._closed and not self._reading[generation]
            if last:
                engine.dispose()

    def _forget(self, generation: int) -> bool:
        """Lend no more connections to a generation; False, and nothing done, if one is lent."""
        with self._mutex:
            if self._reading[generation] > 0:
                return False
            engine = self._engines.pop(generation, None)
            self._reading.pop(generation, None)
            self._gone.add(generation)
        if engine is not None:
            engine.dispose()
        return True

    def close(self) -> None:
        """Close the readers' connections; those that are lent, when their readers are done with them."""
        with self._mutex:
            self._closed = True
            idle = [engine for number, engine in self._engines.items() if not self._reading[number]]
            self._engines = {}
        for engine in idle:
            engine.dispose()


class DatabaseInUse(RuntimeError):
    """Another process works on this SQLite database, which serves one process at a time."""


Progress = Callable[[int, int], None]
"""Told the position that a rebuild has reached, and the log's head when it began."""


def rebuild(
    generations: Generations,
    event_log: EventLog,
    projections: Sequence[Projection],
    *,
    decode: Decode,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> int:
    """Build the next generation beside the live one, swap it in, and return its number.

    Readers and the projecting process go on meanwhile, and continue on the new generation. Raises
    RebuildRunning, or RebuildFellShort if a fold now stops at an event that the live one got past.
    """
    head = event_log.head()
    with generations.session() as session:
        number = session.begin_rebuild()
        try:
            engine = Engine(
                event_log, session.store(number, live=False), projections, decode=decode, batch=batch
            )
            engine.catch_up(None if progress is None else lambda position: progress(position, head))
            with session.swap(number) as seen:
                # Nobody writes the live one now: the new one has at least its positions at the swap, so
                # that who has waited for a position doesn't see the state before it.
                engine.catch_up()
                _require_no_loss(engine.standings, seen.standings, projections, event_log.head())
        except BaseException:
            session.discard(number)
            raise
        session.announce()
    return number


def _require_no_loss(
    new: dict[str, Standing], live: dict[str, Standing], projections: Sequence[Projection], head: int
) -> None:
    for projection in projections:
        before, after = live.get(projection.name), new[projection.name]
        if before is None or not current(before, projection) or before.position > head:
            continue
        if after.failure is not None and after.position < before.position:
            raise RebuildFellShort(f"{projection.name} stopped at {after.failure}")


def current(standing: Standing, projection: Projection) -> bool:
    """Return whether these rows were made by today's code."""
    return (standing.version, standing.shape) == (projection.version, projection.shape())


def readable(seen: Seen, projections: Sequence[Projection]) -> bool:
    """Return whether a generation has the tables that today's queries expect."""
    return seen.generation is not None and all(
        projection.name in seen.standings and current(seen.standings[projection.name], projection)
        for projection in projections
    )
