"""What comes of a supposition: who would have been late and who would have been told, beside who was."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from dispatch.domain.cases.kinds import PERMIT
from dispatch.domain.escalation import Escalated
from dispatch.domain.event import Recorded
from dispatch.domain.ladder import Level
from dispatch.domain.policy import Mode
from dispatch.domain.streams import kind_of
from dispatch.domain.towns import Town
from dispatch.domain.working_time import Calendar
from dispatch.eventlog.log import EventLog, Stored, micros
from dispatch.service.whatif.replay import Replay
from dispatch.service.whatif.supposition import PeriodAhead, Supposition, require_meant
from projections.cases.row import CaseRow
from projections.catalogue import ITEMS
from projections.engine.rows import Rows
from projections.figures.kinds import CASE, KINDS, TASK, Kind
from projections.tasks.row import TaskRow

CHUNK: Final = 5_000
"""Events read at a time."""
FOLDS: Final = {
    table: projection
    for projection in ITEMS
    for table in projection.tables
    if table in {TASK.table, CASE.table}
}


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that ran out: what had to be done by `due` was done later, or not by the end of the period."""

    clock: str
    due: datetime
    done_at: datetime | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the ladder that fired, and the members whom it reached: a department or district is none."""

    at: datetime
    planned_at: datetime
    persons: tuple[str, ...]
    late_factor: float | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of one item's ladder, as it fired and as it would have fired; None for not at all."""

    item: str
    title: str
    grid: str
    step: str
    level: Level
    was: Told | None
    would: Told | None

    @property
    def same(self) -> bool:
        """Whether it makes no difference."""
        return self.was == self.would


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of an item that ran out in one of the worlds: `acceptance`, `handling` or `report`."""

    item: str
    title: str
    grid: str
    category: str
    clock: str
    was: Late | None
    would: Late | None

    @property
    def same(self) -> bool:
        """Whether it makes no difference."""
        return self.was == self.would


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The whole comparison, as of the end of the period.

    `items` is how many tasks and cases had a clock that started under the supposition, `events` how far the
    log was read; `late` and `steps` are those of them, in order of time. `refused` is how many extensions
    and suspensions the rules would not have given.
    """

    scope: str
    since: datetime
    until: datetime
    mode: Mode | None
    policy: bool
    events: int
    tasks: int
    cases: int
    refused: int
    late: list[Clock]
    steps: list[Step]
    names: dict[str, str]

    @property
    def same(self) -> bool:
        """Whether nothing would have been different."""
        return not self.refused and all(one.same for one in self.late) and all(one.same for one in self.steps)


class _Worlds:
    """The rows of the touched items in both worlds, and the steps that fired."""

    def __init__(self) -> None:
        self.was, self.would = Rows(FOLDS), Rows(FOLDS)
        self.was_told: list[Recorded] = []
        self.would_told: list[Recorded] = []

    def really(self, recorded: Recorded, *, touched: bool) -> None:
        """Take an event as it was."""
        _fold(self.was, recorded)
        if touched and isinstance(recorded.event, Escalated):
            self.was_told.append(recorded)

    def supposedly(self, recorded: Recorded) -> None:
        """Take an event as it would have been; up to here an item's row was as it really was."""
        kind, key = _split(recorded.originator_id)
        if self.would.get(kind.table, key) is None and (row := self.was.get(kind.table, key)) is not None:
            self.would.put(kind.table, row)
        _fold(self.would, recorded)
        if isinstance(recorded.event, Escalated):
            self.would_told.append(recorded)


def what_if(
    log: EventLog,
    supposition: Supposition,
    calendar: Calendar,
    *,
    decode: Callable[[Stored], Recorded],
    now: datetime,
    advance: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Replay the log under a supposition and compare; reads the log and writes nothing.

    A period that lasts longer than `now` ends now. `advance` hears of each number of events that were read.
    """
    supposition = require_meant(supposition, calendar)
    if supposition.since >= now:
        raise PeriodAhead(since=supposition.since.isoformat(), now=now.isoformat())
    supposition = replace(supposition, until=min(supposition.until, now))
    replay, worlds, last = Replay(supposition, calendar), _Worlds(), None
    for recorded in _read(log, supposition.until, decode, advance):
        # Before anything of it has happened: what would have been begins from there.
        for supposed in replay.take(recorded):
            worlds.supposedly(supposed)
        worlds.really(recorded, touched=recorded.originator_id in replay.touched)
        last = recorded
    if last is not None:
        for supposed in replay.rest(supposition.until, last):
            worlds.supposedly(supposed)
    return _outcome(supposition, replay, worlds, last.position if last else 0)


def _read(
    log: EventLog, until: datetime, decode: Callable[[Stored], Recorded], advance: Callable[[int], None]
) -> Iterator[Recorded]:
    after, end = 0, log.position_at(micros(until) - 1)
    while after < end:
        stored = log.read(after=after, until=end, limit=CHUNK)
        for one in stored:
            yield decode(one)
        after = stored[-1].position
        advance(len(stored))


def _fold(rows: Rows, recorded: Recorded) -> None:
    for projection in dict.fromkeys(FOLDS.values()):
        projection.apply(rows, recorded)


def _split(stream: str) -> tuple[Kind, str]:
    kind, _, key = stream.partition(":")
    return next(one for one in KINDS if one.name == kind), key


def _outcome(supposition: Supposition, replay: Replay, worlds: _Worlds, events: int) -> Outcome:
    touched = sorted(replay.touched)
    towns = [state for _, state in replay.was.values() if isinstance(state, Town)]
    return Outcome(
        scope=supposition.scope,
        since=supposition.since,
        until=supposition.until,
        mode=supposition.mode,
        policy=supposition.policy is not None,
        events=events,
        tasks=sum(kind_of(stream) == TASK.name for stream in touched),
        cases=sum(kind_of(stream) == CASE.name for stream in touched),
        refused=replay.refused,
        late=sorted(_late(touched, worlds, supposition.until), key=_first_due),
        steps=sorted(_steps(worlds), key=_first_told),
        names={member: name for town in towns for member, name in town.members.items()},
    )


def _first_due(clock: Clock) -> tuple[datetime, str]:
    return min(one.due for one in (clock.was, clock.would) if one is not None), clock.item


def _first_told(step: Step) -> tuple[datetime, str]:
    return min(one.at for one in (step.was, step.would) if one is not None), step.item


def _late(streams: Iterable[str], worlds: _Worlds, as_of: datetime) -> Iterator[Clock]:
    for stream in streams:
        kind, key = _split(stream)
        row = worlds.was.need(kind.table, key)
        was = {one.clock: one for one in _clocks(kind, row, as_of)}
        would = {one.clock: one for one in _clocks(kind, worlds.would.need(kind.table, key), as_of)}
        for clock in dict.fromkeys((*was, *would)):
            yield Clock(
                item=stream,
                title=row.title,
                grid=row.grid,
                category=row.category,
                clock=clock,
                was=was.get(clock),
                would=would.get(clock),
            )


def _clocks(kind: Kind, row: TaskRow | CaseRow, as_of: datetime) -> Iterator[Late]:
    """Give the clocks of an item that have run out, by the same sets that the figures count."""
    sets = kind.membership(row, as_of)
    if "accepted" in sets and "accepted_in_time" not in sets and row.acceptance_due is not None:
        yield Late(clock="acceptance", due=row.acceptance_due, done_at=row.accepted_at)
    if row.handling_due is None:
        return
    if "overdue" in sets:
        yield Late(clock="handling", due=row.handling_due, done_at=row.handled_at)
    if row.category == PERMIT and "permit_due" in sets and "permit_in_time" not in sets:
        published_at = row.published_at if isinstance(row, CaseRow) else None
        yield Late(clock="report", due=row.handling_due, done_at=published_at)


def _steps(worlds: _Worlds) -> Iterator[Step]:
    """Give each step that fired in a world; the n-th time in one belongs to the n-th in the other."""
    was, would = _numbered(worlds.was_told), _numbered(worlds.would_told)
    for key in dict.fromkeys((*was, *would)):
        stream, name, _ = key
        kind, item = _split(stream)
        row = worlds.was.need(kind.table, item)
        event = would[key] if key in would else was[key]
        yield Step(
            item=stream,
            title=row.title,
            grid=row.grid,
            step=name,
            level=event.level,
            was=_told(was.get(key)),
            would=_told(would.get(key)),
        )


def _numbered(told: Iterable[Recorded]) -> dict[tuple[str, str, int], Escalated]:
    times: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str, int], Escalated] = {}
    for recorded in told:
        event: Any = recorded.event
        one = (recorded.originator_id, event.step)
        times[one] += 1
        found[*one, times[one]] = event
    return found


def _told(event: Escalated | None) -> Told | None:
    if event is None:
        return None
    return Told(
        at=event.at, planned_at=event.planned_at, persons=event.persons, late_factor=event.late_factor
    )
