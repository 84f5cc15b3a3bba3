"""The engine on real databases: live is rebuilt, whatever broke off in between."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.domain.event import Event, Recorded
from dispatch.eventlog import EventLog, Stored
from projections.engine.engine import Engine
from projections.engine.generations import Generations, Session
from projections.engine.projection import Projection
from projections.engine.rows import NotLoaded, Rows
from projections.engine.store import Store
from tests.integration.projections.setting import Append, contents
from tests.unit.projections.example import (
    ITEMS,
    NUMBERS,
    SEEN,
    START,
    VISITS,
    Closed,
    ListLog,
    Moved,
    Opened,
    Seen,
    decode,
    folded,
    histories,
    item_of,
    items,
    last_seen,
    store,
    summed,
)

SHARED_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30
)
"""The fixtures stay the same for all examples, each of which takes a generation of its own."""


class Crash(BaseException):
    """The process ends here, as far as the database can tell."""


@pytest.fixture
def session(generations: Generations) -> Iterator[Session]:
    with generations.session() as session:
        yield session


@contextmanager
def new_store(session: Session) -> Iterator[Store]:
    number = session.begin_rebuild()
    try:
        yield session.store(number, live=False)
    finally:
        session.discard(number)


def opened(*names: str) -> list[tuple[str, Event]]:
    return [(name, Opened(at=START, place="north")) for name in names]


def test_events_become_rows_tallies_and_positions(log: EventLog, append: Append, session: Session) -> None:
    projections = [items(), last_seen()]
    append([*opened("a", "b"), ("a", Closed(at=START + timedelta(hours=1)))])
    with new_store(session) as live:
        engine = Engine(log, live, projections, decode=decode)
        engine.catch_up()

        rows = folded(projections[0], log.read())
        assert {item.id: item for item in live.scan(ITEMS)} == {item.id: item for item in rows.all(ITEMS)}
        assert live.tallied(NUMBERS) == {("north", "2026-01-01"): (2, 1), ("north", ""): (2, 1)}
        assert engine.position == 3
        assert not engine.step()


def test_what_is_waited_for_goes_on_alone_and_the_others_follow(
    log: EventLog, append: Append, session: Session
) -> None:
    projections = [items(), last_seen()]
    append(opened("a", "b"))
    with new_store(session) as live:
        engine = Engine(log, live, projections, decode=decode)
        assert engine.step({"items"})
        assert {name: s.position for name, s in engine.standings.items()} == {"items": 2, "last_seen": 0}
        assert not engine.step({"items"})
        append(opened("c"))
        engine.catch_up()

        assert {name: s.position for name, s in engine.standings.items()} == {"items": 3, "last_seen": 3}
        rows = folded(projections[0], log.read())
        assert {item.id: item for item in live.scan(ITEMS)} == {item.id: item for item in rows.all(ITEMS)}


@given(history=histories(), batch=st.integers(1, 9), crash_at=st.lists(st.integers(0, 60), max_size=6))
@SHARED_DATABASE
def test_live_is_rebuilt_row_by_row_after_crashes_between_any_two_statements(
    session: Session, history: list[tuple[str, Event]], batch: int, crash_at: list[int]
) -> None:
    projections = [items(), last_seen()]
    log = ListLog(store(history))
    with new_store(session) as live:
        for statements in [*crash_at, None]:
            live.before_statement = breaking_off_after(statements)
            try:
                Engine(log, live, projections, decode=decode, batch=batch).catch_up()
            except Crash:
                continue
        live.before_statement = breaking_off_after(None)
        found = contents(live, projections)
    rows = folded(projections[0], log.events)
    assert found["items"] == sorted(rows.all(ITEMS), key=str)
    assert found["visits"] == sorted(rows.all(VISITS), key=str)
    assert found["numbers"] == summed(NUMBERS, rows)
    assert {s.position for s in found["standings"].values()} == {len(history)}


def breaking_off_after(statements: int | None) -> Callable[[str], None]:
    left = [statements]

    def before_statement(_: str) -> None:
        if left[0] is not None:
            left[0] -= 1
            if left[0] < 0:
                raise Crash

    return before_statement


def test_a_fold_that_raises_stops_its_projection_just_before_and_no_other(
    log: EventLog, append: Append, session: Session
) -> None:
    spoilt, other = items(), last_seen()
    append([*opened("a", "b"), ("x", Moved(at=START, place="south")), *opened("c")])
    with new_store(session) as live:
        engine = Engine(log, live, [spoilt, other], decode=decode)
        engine.catch_up()

        standing = engine.standings["items"]
        assert standing.position == 2
        assert standing.failure is not None
        assert (standing.failure.position, standing.failure.event) == (3, "example.moved item:x")
        assert standing.failure.error == "RowMissing: items 'x': there is no such row"
        assert {item.id for item in live.scan(ITEMS)} == {"a", "b"}
        assert live.tallied(NUMBERS)["north", ""] == (2, 0)
        assert engine.standings["last_seen"].position == 4
        assert live.standings()["items"] == standing


def test_a_stopped_projection_goes_on_without_a_skip_once_it_is_mended(
    log: EventLog, append: Append, session: Session
) -> None:
    broken = True
    applied = []
    projection = Projection(
        "seen", version=1, tables=[SEEN], keys=lambda recorded: [(SEEN, item_of(recorded))]
    )

    @projection.on(Opened)
    def seen(rows: Rows, event: Opened, recorded: Recorded) -> None:
        rows.put(SEEN, Seen(item_of(recorded), "written, then undone", recorded.position))
        if broken and recorded.position == 3:
            raise ZeroDivisionError
        applied.append(recorded.position)

    append(opened(*"abcdef"))
    with new_store(session) as live:
        engine = Engine(log, live, [projection], decode=decode, batch=2)
        engine.catch_up()
        assert {row.id for row in live.scan(SEEN)} == {"a", "b"}
        engine.retry()
        assert engine.position == 2
        assert not engine.step() or engine.position == 2
        broken = False
        restarted = Engine(log, live, [projection], decode=decode, batch=2)
        restarted.catch_up()
        assert restarted.standings["seen"].failure is None
        assert {row.id for row in live.scan(SEEN)} == set("abcdef")
    assert applied == [1, 2, 3, 4, 5, 6]


def test_an_event_that_nobody_can_read_stops_everybody_before_it(
    log: EventLog, append: Append, session: Session
) -> None:
    def strict(stored: Stored) -> Recorded:
        if stored.position == 2:
            raise ValueError("unreadable")
        return decode(stored)

    append(opened("a", "b", "c"))
    with new_store(session) as live:
        engine = Engine(log, live, [items(), last_seen()], decode=strict)
        engine.catch_up()
        assert {s.position for s in engine.standings.values()} == {1}
        assert {s.failure.event for s in engine.standings.values() if s.failure} == {"example.opened item:b"}


def spoiling(value: object) -> Projection:
    projection = Projection(
        "seen", version=1, tables=[SEEN], keys=lambda recorded: [(SEEN, item_of(recorded))]
    )

    @projection.on(Opened)
    def seen(rows: Rows, event: Opened, recorded: Recorded) -> None:
        position = value if recorded.position == 5 else recorded.position
        rows.put(SEEN, Seen(item_of(recorded), "", position))  # type: ignore[arg-type] # that's the point

    return projection


@pytest.mark.parametrize("value", [2**63, None])
def test_a_row_that_the_database_refuses_is_found_and_stops_its_projection_alone(
    log: EventLog, append: Append, session: Session, value: object
) -> None:
    append(opened(*"abcdefgh"))
    with new_store(session) as live:
        engine = Engine(log, live, [spoiling(value), items()], decode=decode)
        engine.catch_up()
        assert engine.standings["seen"].position == 4
        assert engine.standings["items"].position == 8
        assert {row.id for row in live.scan(SEEN)} == set("abcd")


def test_a_row_that_was_not_named_stops_the_projection_unless_it_says_that_it_follows(
    log: EventLog, append: Append, session: Session
) -> None:
    append([*opened("a", "b"), ("a", Moved(at=START, place="b"))])
    for follows in (False, True):
        projection = Projection(
            "seen",
            version=1,
            tables=[SEEN],
            keys=lambda recorded: [(SEEN, item_of(recorded))],
            follows=follows,
        )

        @projection.on(Opened)
        def seen(rows: Rows, event: Opened, recorded: Recorded) -> None:
            rows.put(SEEN, Seen(item_of(recorded), "", recorded.position))

        @projection.on(Moved)
        def moved(rows: Rows, event: Moved, recorded: Recorded) -> None:
            rows.change(SEEN, item_of(recorded), name="changed")
            rows.change(SEEN, event.place, name="followed")

        with new_store(session) as live:
            engine = Engine(log, live, [projection], decode=decode, batch=2)
            engine.catch_up()
            assert engine.position == (3 if follows else 2)
            assert sorted(row.name for row in live.scan(SEEN)) == (
                ["changed", "followed"] if follows else ["", ""]
            )
            failure = engine.standings["seen"].failure
            assert failure is None if follows else failure and failure.error.startswith(NotLoaded.__name__)


def test_two_projections_may_not_share_a_table(log: EventLog, session: Session) -> None:
    twin = Projection("twin", version=1, tables=[SEEN], keys=lambda _: [])
    with new_store(session) as live, pytest.raises(ValueError, match="declared twice: seen"):
        Engine(log, live, [last_seen(), twin], decode=decode)


def many(number: int) -> Iterable[tuple[str, Event]]:
    for n in range(number):
        yield f"{n:05}", Opened(at=START, place=f"{n % 7}", title="x\t\\\n'\"")
        yield f"{n:05}", Moved(at=START, place="moved")


def test_large_batches_take_other_statements_and_come_to_the_same(session: Session) -> None:
    log, projections = ListLog(store(many(400))), [items(), last_seen()]
    found = []
    for batch in (799, 7):
        with new_store(session) as live:
            Engine(log, live, projections, decode=decode, batch=batch).catch_up()
            found.append(contents(live, projections))
    assert found[0] == found[1]
    assert len(found[0]["items"]) == 400
