"""A small projection over events of its own: items are opened in a place, moved, closed, forgotten."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from dispatch.domain.event import Event, Recorded, name_of
from dispatch.eventlog.log import Append, Appended, EventLog, Stored, micros, moment
from dispatch.eventlog.vault.vault import WrappedKey
from projections.engine.projection import Projection
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable, Tally


class Opened(Event, frozen=True, kw_only=True, tag="example.opened"):
    place: str
    title: str = ""


class Moved(Event, frozen=True, kw_only=True, tag="example.moved"):
    place: str


class Closed(Event, frozen=True, kw_only=True, tag="example.closed"):
    pass


class Forgotten(Event, frozen=True, kw_only=True, tag="example.forgotten"):
    pass


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Item(Row, frozen=True, kw_only=True):
    id: str
    place: str
    title: str
    status: Status
    opened_at: datetime
    closed_at: datetime | None = None
    moves: int = 0
    places: tuple[str, ...] = ()
    urgent: bool = False


ITEMS = RowTable("items", Item, key=("id",), indexes=[("place", "status")])


class Visit(Row, frozen=True):
    """How often an item came to a place."""

    item: str
    place: str
    times: int


VISITS = RowTable("visits", Visit, key=("item", "place"))


class Place(NamedTuple):
    place: str
    day: str


class Numbers(NamedTuple):
    opened: int = 0
    closed: int = 0


def counted(item: Item) -> dict[Place, Numbers]:
    """An item counts once in each place where it is, for its day and for all days."""
    numbers = Numbers(opened=1, closed=int(item.status is Status.CLOSED))
    return {Place(item.place, item.opened_at.date().isoformat()): numbers, Place(item.place, ""): numbers}


NUMBERS = Tally("numbers", key=Place, counts=Numbers, sources={ITEMS: counted})


def item_of(recorded: Recorded) -> str:
    return recorded.originator_id.removeprefix("item:")


def keys(recorded: Recorded) -> Iterable[Touched]:
    yield ITEMS, item_of(recorded)
    if isinstance(recorded.event, Opened | Moved):
        yield VISITS, (item_of(recorded), recorded.event.place)


def items(version: int = 1) -> Projection:
    """A new projection each time, so that a test may spoil it."""
    projection = Projection("items", version=version, tables=[ITEMS, VISITS], keys=keys, tallies=[NUMBERS])

    @projection.on(Opened)
    def opened(rows: Rows, event: Opened, recorded: Recorded) -> None:
        item = Item(
            id=item_of(recorded),
            place=event.place,
            title=event.title,
            status=Status.OPEN,
            opened_at=event.at,
            places=(event.place,),
        )
        rows.put(ITEMS, item)
        visit(rows, item.id, event.place)

    @projection.on(Moved)
    def moved(rows: Rows, event: Moved, recorded: Recorded) -> None:
        item = rows.need(ITEMS, item_of(recorded))
        rows.change(
            ITEMS, item.id, place=event.place, moves=item.moves + 1, places=(*item.places, event.place)
        )
        visit(rows, item.id, event.place)

    @projection.on(Closed)
    def closed(rows: Rows, event: Closed, recorded: Recorded) -> None:
        rows.change(ITEMS, item_of(recorded), status=Status.CLOSED, closed_at=event.at)

    @projection.on(Forgotten)
    def forgotten(rows: Rows, event: Forgotten, recorded: Recorded) -> None:
        rows.delete(ITEMS, item_of(recorded))

    return projection


def visit(rows: Rows, item: str, place: str) -> None:
    before = rows.get(VISITS, (item, place))
    rows.put(VISITS, Visit(item, place, before.times + 1 if before else 1))


class Seen(Row, frozen=True):
    """The last event of an item."""

    id: str
    name: str
    position: int


SEEN = RowTable("seen", Seen, key=("id",))


def last_seen() -> Projection:
    """A second, simpler projection over the same events."""
    projection = Projection(
        "last_seen", version=1, tables=[SEEN], keys=lambda recorded: [(SEEN, item_of(recorded))]
    )

    @projection.on(Opened, Moved, Closed, Forgotten)
    def seen(rows: Rows, event: Event, recorded: Recorded) -> None:
        rows.put(SEEN, Seen(item_of(recorded), name_of(event), recorded.position))

    return projection


_decode = msgspec.json.Decoder(Opened | Moved | Closed | Forgotten).decode


def decode(stored: Stored) -> Recorded:
    """Read an event of this module; the log's own mapper need not know them."""
    return Recorded(
        originator_id=stored.stream,
        originator_version=stored.version,
        position=stored.position,
        recorded_at=moment(stored.recorded_at),
        event=_decode(stored.state),
    )


START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def store(history: Iterable[tuple[str, Event]], *, after: int = 0) -> list[Stored]:
    """The stored form of (item, event) pairs, one position each, recorded a second apart."""
    versions: dict[str, Iterator[int]] = {}
    return [
        Stored(
            position,
            f"item:{item}",
            next(versions.setdefault(item, itertools.count(1))),
            name_of(event),
            micros(event.at),
            micros(START + timedelta(seconds=position)),
            msgspec.json.encode(event),
        )
        for position, (item, event) in enumerate(history, start=after + 1)
    ]


class ListLog(EventLog):
    """A log in a list: what the engine reads of the real one, and no more."""

    def __init__(self, events: Sequence[Stored] = ()) -> None:
        self.events = list(events)

    def head(self) -> int:
        return len(self.events)

    def read(
        self,
        after: int = 0,
        until: int | None = None,
        happened_until: int | None = None,
        limit: int | None = None,
    ) -> list[Stored]:
        found = self.events[after:until]
        if happened_until is not None:
            found = [one for one in found if one.at <= happened_until]
        return found[:limit]

    def position_at(self, recorded_at: int) -> int:
        return sum(one.recorded_at <= recorded_at for one in self.events)

    def wait(self, after: int, timeout: float) -> int:
        return self.head()

    async def wait_async(self, after: int, timeout: float) -> int:  # noqa: ASYNC109 (the log's form)
        return self.head()

    def close(self) -> None:
        pass

    def append(self, append: Append) -> Appended:
        raise NotImplementedError

    async def append_async(self, append: Append) -> Appended:
        raise NotImplementedError

    def read_kind(self, kind: str) -> list[Stored]:
        raise NotImplementedError

    def read_stream(self, stream: str, after: int = 0) -> list[Stored]:
        raise NotImplementedError

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        raise NotImplementedError

    def outcome(self, command_id: str) -> tuple[bytes, bytes, int] | None:
        raise NotImplementedError

    def key(self, subject: str) -> WrappedKey | None:
        raise NotImplementedError

    def found_by_telephone(self, digest: bytes, limit: int) -> list[str]:
        raise NotImplementedError

    def wipe(self) -> bool:
        raise NotImplementedError

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        raise NotImplementedError


def times(values: st.SearchStrategy[int] | None = None) -> st.SearchStrategy[datetime]:
    """Times of a few days around START, in no order: a late report happens before what is known already."""
    return (values or st.integers(0, 4_000)).map(lambda minutes: START + timedelta(minutes=minutes))


@st.composite
def histories(draw: st.DrawFn, *, most: int = 40) -> list[tuple[str, Event]]:
    """Histories of a few items that could have happened: nothing moves before it is opened."""
    existing: set[str] = set()
    history: list[tuple[str, Event]] = []
    for item in draw(st.lists(st.sampled_from("abcde"), max_size=most)):
        at, place = draw(times()), draw(st.sampled_from(["north", "south"]))
        if item not in existing:
            history.append((item, Opened(at=at, place=place, title="巡查")))
            existing.add(item)
            continue
        event = draw(st.sampled_from([Moved, Moved, Closed, Forgotten]))
        if event is Forgotten:
            existing.discard(item)
        history.append((item, Moved(at=at, place=place) if event is Moved else event(at=at)))
    return history


def folded(projection: Projection, events: Iterable[Stored]) -> Rows:
    """The rows that the fold makes of events, by the shortest way."""
    rows = Rows(projection.tables)
    for one in events:
        projection.apply(rows, decode(one))
    return rows


def summed(tally: Tally, rows: Rows) -> dict[tuple[object, ...], tuple[int, ...]]:
    """What a tally must hold for these rows, by the longest way."""
    total: dict[tuple[object, ...], list[int]] = {}
    for table, contributions in tally.sources.items():
        for row in rows.all(table):
            for key, counts in contributions(row).items():
                entry = total.setdefault(tuple(key), [0] * len(tally.count_names))
                for n, count in enumerate(counts):
                    entry[n] += count
    return {key: tuple(counts) for key, counts in total.items() if any(counts)}
