"""The engine: folds batches of the log into a store, each projection from its own position."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import msgspec
import structlog

from dispatch.domain.event import Recorded
from dispatch.eventlog.log import EventLog, Stored
from projections.engine.columns import Refused
from projections.engine.projection import Projection
from projections.engine.rows import BatchRows, NotLoaded
from projections.engine.store import Failure, Standing, Store
from projections.engine.tables import Key, RowTable, deltas

log = structlog.get_logger(__name__)

Decode = Callable[[Stored], Recorded]
"""From what the log holds to the event; raises whatever it likes for bytes that it can't read."""

BATCH = 5_000
"""Events in a batch: large enough that statements and commits don't count, small enough for memory."""


class Undecodable(NamedTuple):
    """An event that nobody can read: every projection stops before it."""

    stored: Stored
    error: Exception


class Folded(NamedTuple):
    """What a fold of some events came to: the rows, how far it got, and what stopped it, if anything."""

    rows: BatchRows
    position: int
    failure: Failure | None


class Engine:
    """Feeds every projection from its own position, in batches, each in one transaction.

    One thread uses it. A fold that raises stops its projection just before that event, with the events
    before it applied, and leaves the others alone; `retry` has the stopped ones try again.
    """

    def __init__(
        self,
        event_log: EventLog,
        store: Store,
        projections: Sequence[Projection],
        *,
        decode: Decode,
        batch: int = BATCH,
    ) -> None:
        _require_apart(projections)
        self._log, self._store, self._decode, self._batch = event_log, store, decode, batch
        self._projections = {projection.name: projection for projection in projections}
        self._standings = prepare(store, projections)
        self._unchanged: dict[str, Standing] = {}
        self._retrying: set[str] = {name for name, s in self._standings.items() if s.failure}

    @property
    def standings(self) -> dict[str, Standing]:
        """How far each projection has come."""
        return dict(self._standings)

    @property
    def position(self) -> int:
        """The position that every projection has reached."""
        return min((standing.position for standing in self._standings.values()), default=0)

    def retry(self) -> None:
        """Have the projections that stopped try their event again at the next step."""
        self._retrying = {name for name, standing in self._standings.items() if standing.failure}

    def catch_up(self, progress: Callable[[int], None] | None = None) -> None:
        """Fold until nothing is left to fold now; `progress` is told the position after each batch."""
        while self.step():
            if progress is not None:
                progress(self.position)

    def step(self, only: Collection[str] | None = None) -> bool:
        """Fold one batch, beginning at the projection that is furthest behind; False if there was none.

        `only` these projections, if any are named. Raises what the log or the database raises; what was
        committed until then stays.
        """
        running = [
            standing
            for name, standing in self._standings.items()
            if (only is None or name in only) and (standing.failure is None or name in self._retrying)
        ]
        if not running:
            return False
        after = min(standing.position for standing in running)
        stored = self._log.read(after=after, limit=self._batch)
        if not stored:
            self._retrying.difference_update(standing.projection for standing in running)
            return False
        events, broken = self._decoded(stored)
        self._unchanged.clear()
        for standing in running:
            self._retrying.discard(standing.projection)
            if standing.position < stored[-1].position:
                fresh = events[max(0, standing.position - after) :]
                self._advance(self._projections[standing.projection], fresh, broken)
        self._stand_unchanged()
        return True

    def _decoded(self, stored: Sequence[Stored]) -> tuple[list[Recorded], Undecodable | None]:
        """Return the events up to the first that can't be read, and that one."""
        events: list[Recorded] = []
        for one in stored:
            try:
                events.append(self._decode(one))
            except Exception as error:  # noqa: BLE001 (whatever a decoder raises, it is this event's fault)
                return events, Undecodable(one, error)
        return events, None

    def _advance(
        self, projection: Projection, events: Sequence[Recorded], broken: Undecodable | None
    ) -> None:
        """Fold events into a projection; those that the database refuses are found by halving."""
        try:
            folded = self._fold(projection, events)
            if (
                folded.failure is None
                and broken is not None
                and broken.stored.position == folded.position + 1
            ):
                name = f"{broken.stored.name} {broken.stored.stream}"
                folded = folded._replace(failure=_failure(broken.stored.position, name, broken.error))
            self._flush(projection, folded)
        except Refused as error:
            if len(events) == 1:
                self._flush(projection, _stopped(events[0], error))
            else:
                half = len(events) // 2
                self._advance(projection, events[:half], None)
                if self._standings[projection.name].failure is None:
                    self._advance(projection, events[half:], broken)

    def _fold(self, projection: Projection, events: Sequence[Recorded]) -> Folded:
        standing = self._standings[projection.name]
        mine = [recorded for recorded in events if projection.reads(recorded)]
        rows, named, failure = self._load(projection, mine)
        for recorded in mine[:named]:
            rows.begin()
            try:
                self._apply(projection, rows, recorded)
            except Exception as error:  # noqa: BLE001 (whatever a fold raises, it stops only this projection)
                rows.undo()
                failure = _failure(recorded.position, described(recorded), error)
                break
        last = events[-1].position if events else standing.position
        return Folded(rows, failure.position - 1 if failure else last, failure)

    def _load(
        self, projection: Projection, events: Sequence[Recorded]
    ) -> tuple[BatchRows, int, Failure | None]:
        """Return the rows that events touch, how many events could say so, and why the next couldn't."""
        touched: dict[RowTable[Any], dict[Key, None]] = {table: {} for table in projection.tables}
        failure = None
        named = 0
        for recorded in events:
            try:
                for table, key in projection.keys(recorded):
                    touched[table][key] = None
            except Exception as error:  # noqa: BLE001 (part of the projection, as the fold is)
                failure = _failure(recorded.position, described(recorded), error)
                break
            named += 1
        return BatchRows(self._store.load(touched)), named, failure

    def _apply(self, projection: Projection, rows: BatchRows, recorded: Recorded) -> None:
        while True:
            try:
                projection.apply(rows, recorded)
            except NotLoaded as miss:
                table, key = miss.touched
                if not projection.follows or key in rows.known(table):
                    raise
                rows.undo()
                rows.load(table, key, self._store.load({table: [key]})[table][key])
            else:
                return

    def _flush(self, projection: Projection, folded: Folded) -> None:
        """Write what a fold changed and how far it got, in one transaction."""
        before = self._standings[projection.name]
        standing = msgspec.structs.replace(before, position=folded.position, failure=folded.failure)
        if standing == before:
            return
        changes = folded.rows.changes()
        if not changes and standing.failure == before.failure:
            self._unchanged[projection.name] = standing
            return
        try:
            tallied = {tally: deltas(tally, changes) for tally in projection.tallies}
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        with self._store.transaction():
            for table, changed in changes.items():
                self._store.write(table, changed)
            for tally, difference in tallied.items():
                if difference:
                    self._store.add(tally, difference)
            self._store.stand(standing)
        self._unchanged.pop(projection.name, None)
        self._standings[projection.name] = standing
        _tell(before, standing)

    def _stand_unchanged(self) -> None:
        """Move on the projections to which the batch meant nothing, all in one transaction."""
        if self._unchanged:
            with self._store.transaction():
                for standing in self._unchanged.values():
                    self._store.stand(standing)
            self._standings |= self._unchanged


def _tell(before: Standing, now: Standing) -> None:
    """Log that a projection has stopped or resumed."""
    failure = now.failure
    if failure is not None and failure != before.failure:
        log.error(
            "projection stopped",
            projection=now.projection,
            position=failure.position,
            at_event=failure.event,
            error=failure.error,
        )
    elif failure is None and before.failure is not None:
        log.info("projection resumed", projection=now.projection, position=now.position)


def prepare(store: Store, projections: Sequence[Projection]) -> dict[str, Standing]:
    """Create the tables of projections that the store doesn't know yet, and return every standing."""
    known = store.standings()
    for projection in projections:
        if projection.name not in known:
            standing = Standing(projection.name, projection.version, projection.shape())
            store.create(projection.sql())
            with store.transaction():
                store.stand(standing)
            known[projection.name] = standing
    return {projection.name: known[projection.name] for projection in projections}


def described(recorded: Recorded) -> str:
    """Return an event's name and stream, without its contents, which may be personal."""
    return f"{recorded.event.__struct_config__.tag} {recorded.originator_id}"


def _stopped(recorded: Recorded, error: Exception) -> Folded:
    failure = _failure(recorded.position, described(recorded), error)
    return Folded(BatchRows({}), recorded.position - 1, failure)


def _failure(position: int, event: str, error: Exception) -> Failure:
    # PostgreSQL takes neither NUL nor half a character, and this text comes from anywhere.
    error_text = f"{type(error).__name__}: {error}".replace("\0", "\\0")
    return Failure(position, event, error_text.encode(errors="backslashreplace").decode())


def _require_apart(projections: Sequence[Projection]) -> None:
    """Raise ValueError if two projections share a name or a table."""
    names = [p.name for p in projections]
    tables = [table.name for p in projections for table in p.sql()]
    for found in (names, [*tables, "positions"]):
        twice = {name for name in found if found.count(name) > 1}
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
