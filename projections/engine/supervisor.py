"""Keeps the read models following the log, unattended, in exactly one of any number of processes."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Lock, Thread
from time import monotonic

import msgspec
import sqlalchemy as sa
import structlog

from dispatch.eventlog.log import EventLog
from projections.engine.engine import BATCH, Decode, Engine
from projections.engine.generations import (
    Generations,
    Gone,
    NotReady,
    RebuildRunning,
    Seen,
    Session,
    readable,
    rebuild,
)
from projections.engine.generations import Progress as Reporter
from projections.engine.progress import Progress
from projections.engine.projection import Projection
from projections.engine.store import Failure, Store, Superseded

log = structlog.get_logger(__name__)

SPACING, LONGEST_SPACING = 0.2, 1.0
"""Seconds from one small batch to the next, unless somebody waits: a lone event is projected at once, a
stream of them together. The more a batch has to do, the longer is the pause, though never longer than a
lost wake-up would take: many events together cost half of what they cost in small batches."""

LEISURE = 5.0
"""How many times as long as the batch took."""

POLL = 1.0
"""Seconds after which the log and the locks are looked at again, signal or no signal."""

RETRY = 5.0
"""Seconds after which a stopped projection tries its event again."""

TIDY = 30.0
"""Seconds between two looks for generations that nobody needs any more."""

SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two tries to reach the database: doubled from the one to the other."""

SETTLED = 5.0
"""Seconds of work after which the pause begins anew."""

TRUSTED = 3.0
"""Seconds for which a proof of the lock is good: a process that was stopped for longer must ask again."""


class Status(msgspec.Struct, frozen=True):
    """What readiness and the API tell about the read models.

    `state` is `starting`, `building` (there is nothing to read yet), `following` (another process
    projects), `projecting`, `waiting` (the database is away; `error` says how) or `stopped`.
    `position` is reached by every projection; `head` is the log's, as last known.
    """

    state: str
    leading: bool
    generation: int | None
    position: int
    head: int
    positions: dict[str, int]
    failures: dict[str, Failure]
    error: str | None = None
    built: tuple[int, int] | None = None
    """While building: the position reached and the head when it began."""

    @property
    def ready(self) -> bool:
        """Whether there are read models, every projection runs, and the database answers."""
        return self.generation is not None and not self.failures and self.error is None


class Supervisor:
    """Runs the engine in a thread, reconnects, takes over, and tells others how far it is.

    In a process that doesn't project it follows the positions instead, so that `wait_until` and
    `connection` work everywhere. `start` raises DatabaseInUse if this database serves one process only.
    """

    def __init__(
        self,
        event_log: EventLog,
        generations: Generations,
        projections: Sequence[Projection],
        *,
        decode: Decode,
        batch: int = BATCH,
        poll: float = POLL,
        retry: float = RETRY,
    ) -> None:
        self._log, self._generations, self._projections = event_log, generations, tuple(projections)
        self._names = frozenset(projection.name for projection in self._projections)
        self._decode, self._batch, self._poll, self._retry = decode, batch, poll, retry
        self.progress = Progress()
        self._thread = Thread(target=self._run, name="projections", daemon=True)
        self._stopping = Event()
        self._hurry = Event()
        self._awaited: set[str] = set()
        self._awaited_mutex = Lock()
        self._state = "starting"
        self._error: str | None = None
        self._built: tuple[int, int] | None = None
        self._head = 0
        self._proven = float("-inf")

    def start(self) -> None:
        """Start to follow the log."""
        self._generations.claim()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch at hand, and let another process take over."""
        self._stopping.set()
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join()
        self._generations.close()

    @property
    def leading(self) -> bool:
        """Whether this process is the one that projects, as proven by its lock a moment ago."""
        return monotonic() - self._proven < TRUSTED

    @property
    def status(self) -> Status:
        """What is known now."""
        generation, standings = self.progress.seen
        positions = {name: standing.position for name, standing in standings.items()}
        return Status(
            state=self._state,
            leading=self.leading,
            generation=generation,
            position=min(positions.values(), default=0),
            head=max(self._head, *positions.values(), 0),
            positions=positions,
            failures={name: s.failure for name, s in standings.items() if s.failure is not None},
            error=self._error,
            built=self._built,
        )

    async def wait_until(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109 (a wait that ran out is an answer here, not an error)
        projections: Collection[str] | None = None,
    ) -> bool:
        """Wait until every projection (or the named ones) has applied the events up to a position.

        Returns False after `timeout` seconds, and at once when one of them has stopped before it.
        """
        if not self.progress.reached(position, projections):
            with self._awaited_mutex:
                self._awaited.update(self._names if projections is None else projections)
            self._hurry.set()
        return await self.progress.wait_until(position, timeout, projections)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Lend a connection to the live read models, at one moment; raise NotReady if there are none."""
        with ExitStack() as stack:
            yield self._lend(stack)

    def _lend(self, stack: ExitStack) -> sa.Connection:
        while (generation := self.progress.seen.generation) is not None:
            try:
                return stack.enter_context(self._generations.connection(generation))
            except Gone:
                # Superseded between the two lines; what was seen meanwhile is newer, or else nothing.
                if self.progress.seen.generation == generation:
                    break
        raise NotReady

    def rebuild(self, progress: Reporter | None = None) -> int:
        """Rebuild everything beside the live read models and swap; returns the new generation's number.

        Blocks the calling thread, not the service. Raises RebuildRunning and RebuildFellShort.
        """
        return rebuild(
            self._generations,
            self._log,
            self._projections,
            decode=self._decode,
            progress=progress,
            batch=self._batch,
        )

    def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            begun = monotonic()
            try:
                with self._generations.session() as session:
                    self._serve(session)
            except Exception as error:  # noqa: BLE001 (whatever happens, it goes on: nobody is there to restart it)
                self._proven = float("-inf")
                if not self._stopping.is_set():
                    # After a while of work it was another trouble than the last time.
                    pause = SHORTEST_PAUSE if monotonic() - begun > SETTLED else pause
                    self._state, self._error = "waiting", f"{type(error).__name__}: {error}"
                    log.warning("projecting interrupted", error=self._error, retry_after=pause)
                    self._stopping.wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        self._state, self._proven = "stopped", float("-inf")

    def _serve(self, session: Session) -> None:
        """Follow until this process leads, then lead; raises when the database is away."""
        while not self._stopping.is_set():
            if session.lead():
                log.info("projecting", projections=[p.name for p in self._projections])
                while not self._stopping.is_set():
                    self._lead(session)
                return
            self._state = "following"
            self._note(session.look())
            session.await_change(self._poll)

    def _note(self, seen: Seen) -> None:
        # Tables that another version of the code made are nothing that this one's queries could read.
        if not readable(seen, self._projections):
            seen = Seen(None, {})
        standings = {name: s for name, s in seen.standings.items() if name in self._names}
        self.progress.update(Seen(seen.generation, standings))
        self._error = None

    def _lead(self, session: Session) -> None:
        """Project into the live generation, for as long as it is the live one."""
        live = session.check()
        self._proven = monotonic()
        seen = session.look()
        if live is None or seen.generation != live or not self._usable(seen):
            self._build(session)
            return
        # First let nobody begin to read an older one, then remove it.
        self._note(seen)
        self._generations.tidy()
        self._project(session, live, session.store(live, live=True))

    def _usable(self, seen: Seen) -> bool:
        """Return whether the rows are by today's code, and from a log that hasn't been put back since."""
        head = self._log.head()
        return readable(seen, self._projections) and all(s.position <= head for s in seen.standings.values())

    def _build(self, session: Session) -> None:
        self._state = "building"
        self.progress.update(Seen(None, {}))

        def progress(position: int, head: int) -> None:
            self._built = (position, head)
            session.check()
            self._proven = monotonic()

        try:
            self.rebuild(progress)
        except RebuildRunning:
            # By an operator, in another process: what it builds will do.
            self._stopping.wait(self._poll)
        self._built = None

    def _project(self, session: Session, generation: int, store: Store) -> None:
        engine = Engine(self._log, store, self._projections, decode=self._decode, batch=self._batch)
        self._state = "projecting"
        checked = retried = tidied = rested = monotonic()
        try:
            while not self._stopping.is_set():
                now = monotonic()
                if now - checked >= self._poll:
                    if session.check() != generation:
                        return
                    checked = self._proven = now
                if now - retried >= self._retry:
                    engine.retry()
                    retried = now
                if now - tidied >= TIDY:
                    self._generations.tidy()
                    tidied = now
                only = self._rest(rested)
                begun, reached = monotonic(), engine.position
                moved = engine.step(only)
                self._announce(session, Seen(generation, engine.standings))
                if only is None and moved and engine.position - reached < self._batch:
                    took = monotonic() - begun
                    rested = begun + min(LONGEST_SPACING, max(SPACING, LEISURE * took))
                if only is None and not moved:
                    self._head = max(self._head, *(s.position for s in engine.standings.values()))
                    self._head = self._log.wait(self._head, self._poll)
        except Superseded:
            log.info("another generation went live", superseded=generation)
        finally:
            store.close()

    def _announce(self, session: Session, seen: Seen) -> None:
        before = self.progress.seen
        self._note(seen)
        if self.progress.seen is not before:
            session.announce()

    def _rest(self, until: float) -> frozenset[str] | None:
        """Pause, and return which projections somebody waits for meanwhile; None when all may go on."""
        over = monotonic() >= until or not self._hurry.wait(until - monotonic())
        with self._awaited_mutex:
            self._hurry.clear()
            awaited, self._awaited = frozenset(self._awaited), set()
        return None if over or awaited >= self._names else awaited
