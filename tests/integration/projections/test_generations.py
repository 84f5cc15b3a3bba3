"""Generations: a rebuild beside the live read models, swapped in under readers and writers."""

import gc
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from dispatch.eventlog import EventLog
from projections.engine.engine import Engine
from projections.engine.generations import (
    DatabaseInUse,
    Generations,
    Gone,
    RebuildFellShort,
    RebuildRunning,
    Session,
    rebuild,
)
from projections.engine.sqlite_generations import SqliteGenerations
from projections.engine.store import Superseded
from tests.integration.projections.setting import Append, contents, open_generations
from tests.unit.projections.example import ITEMS, SEEN, START, Closed, Moved, Opened, decode, items, last_seen


@pytest.fixture
def session(generations: Generations) -> Iterator[Session]:
    with generations.session() as session:
        yield session


def test_there_is_nothing_live_before_the_first_is_built(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north"))])
    assert session.look().generation is None

    told: list[tuple[int, int]] = []
    number = rebuild(generations, log, [items()], decode=decode, progress=lambda *at: told.append(at))

    assert session.look().generation == session.check() == number
    assert session.look().standings["items"].position == 1
    assert told == [(1, 1)]


def test_who_still_reads_when_all_is_closed_leaves_no_connection_behind(
    log: EventLog, append: Append, generations: Generations
) -> None:
    append([("a", Opened(at=START, place="north"))])
    number = rebuild(generations, log, [items()], decode=decode)
    with generations.connection(number) as reader:
        generations.close()
        assert reader.scalars(sa.select(ITEMS.c.id)).all() == ["a"]
    gc.collect()  # a warning fails a test: here one of a connection that was forgotten while it was open
    with pytest.raises(Gone), generations.connection(number):
        pass


def test_who_stops_reading_while_all_is_being_closed_leaves_no_connection_behind(
    log: EventLog, append: Append, generations: Generations
) -> None:
    append([("a", Opened(at=START, place="north"))])
    number = rebuild(generations, log, [items()], decode=decode)
    with generations.connection(number) as reader:
        # On its way back to the pool, when it is too late for the reader to look.
        sa.event.listen(reader.engine, "reset", lambda *_: generations.close())
    gc.collect()


def test_a_reader_keeps_what_it_reads_while_the_next_generation_goes_live(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north"))])
    first = rebuild(generations, log, [items()], decode=decode)
    with generations.connection(first) as reader:
        assert reader.scalars(sa.select(ITEMS.c.id)).all() == ["a"]
        append([("b", Opened(at=START, place="north"))])
        second = rebuild(generations, log, [items()], decode=decode)
        generations.tidy()
        assert reader.scalars(sa.select(ITEMS.c.id)).all() == ["a"]
        with generations.connection(second) as other:
            assert sorted(other.scalars(sa.select(ITEMS.c.id))) == ["a", "b"]
    assert session.look().generation == second


def test_a_reader_sees_one_moment_in_all_its_queries(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north"))])
    number = rebuild(generations, log, [items()], decode=decode)
    engine = Engine(log, session.store(number, live=True), [items()], decode=decode)
    with generations.connection(number) as reader:
        assert reader.scalar(sa.select(sa.func.count()).select_from(ITEMS.table)) == 1
        append([("b", Opened(at=START, place="north"))])
        engine.catch_up()
        assert reader.scalars(sa.select(ITEMS.c.id)).all() == ["a"]


def test_the_reader_of_a_generation_can_not_write(
    log: EventLog, append: Append, generations: Generations
) -> None:
    append([("a", Opened(at=START, place="north"))])
    number = rebuild(generations, log, [items()], decode=decode)
    with generations.connection(number) as reader, pytest.raises(sa.exc.DBAPIError):
        reader.execute(sa.delete(ITEMS.table))


def test_who_projected_into_the_old_generation_writes_nothing_more(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north"))])
    projections = [items()]
    first = rebuild(generations, log, projections, decode=decode)
    store = session.store(first, live=True)
    engine = Engine(log, store, projections, decode=decode)
    before = contents(store, projections)
    rebuild(generations, log, projections, decode=decode)
    append([("b", Opened(at=START, place="north"))])

    with pytest.raises(Superseded):
        engine.catch_up()
    assert contents(store, projections) == before


def test_a_generation_goes_live_with_every_event_that_the_old_one_had(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    """The swap holds back the projecting process: a position once reached is never unreached."""
    projections = [items(), last_seen()]
    append([("first", Opened(at=START, place="north"))])
    first = rebuild(generations, log, projections, decode=decode)
    begin, reached = Barrier(2), []

    def project() -> None:
        with generations.session() as mine:
            engine = Engine(log, mine.store(first, live=True), projections, decode=decode, batch=3)
            begin.wait()
            try:
                for n in range(200):
                    append([(f"{n}", Opened(at=START, place="north"))])
                    engine.step()
                    reached.append(engine.position)
            except Superseded:
                pass

    thread = Thread(target=project)
    thread.start()
    begin.wait()
    second = rebuild(generations, log, projections, decode=decode, batch=2)
    with generations.session() as other:
        seen = other.look()
    thread.join()
    assert seen.generation == second
    assert min(s.position for s in seen.standings.values()) >= max(reached, default=0)


def test_two_rebuilds_do_not_run_at_once(generations: Generations, session: Session) -> None:
    session.begin_rebuild()
    with generations.session() as other, pytest.raises(RebuildRunning):
        other.begin_rebuild()


def test_a_rebuild_that_is_broken_off_leaves_the_live_one_and_the_next_may_begin(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north"))])
    first = rebuild(generations, log, [items()], decode=decode)

    def break_off(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(generations, log, [items()], decode=decode, progress=break_off)
    assert session.check() == first
    assert rebuild(generations, log, [items()], decode=decode) > first


def test_a_rebuild_that_stops_where_the_live_one_went_on_is_not_swapped_in(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("a", Opened(at=START, place="north")), ("a", Closed(at=START))])
    first = rebuild(generations, log, [items()], decode=decode)
    spoilt = items()
    del spoilt._folds[Closed]

    @spoilt.on(Closed)
    def closed(rows: object, event: Closed, recorded: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(RebuildFellShort, match="items stopped"):
        rebuild(generations, log, [spoilt], decode=decode)
    assert session.check() == first


def test_a_fold_that_stops_in_both_is_no_reason_to_keep_the_old_one(
    log: EventLog, append: Append, generations: Generations, session: Session
) -> None:
    append([("nobody", Moved(at=START, place="north"))])
    rebuild(generations, log, [items()], decode=decode)
    second = rebuild(generations, log, [items(), last_seen()], decode=decode)
    seen = session.look()
    assert seen.generation == second
    assert {name: s.position for name, s in seen.standings.items()} == {"items": 0, "last_seen": 1}


def test_a_removed_generation_is_gone(log: EventLog, append: Append, sqlite_url: str, tmp_path: Path) -> None:
    if not isinstance(generations := open_generations(sqlite_url), SqliteGenerations):
        raise TypeError
    append([("a", Opened(at=START, place="north"))])
    first = rebuild(generations, log, [last_seen()], decode=decode)
    second = rebuild(generations, log, [last_seen()], decode=decode)
    generations.tidy()

    assert [
        path.suffix for path in tmp_path.iterdir() if path.name.startswith(f"dispatch.db.views-{first}")
    ] == []
    with pytest.raises(Gone), generations.connection(first):
        pass
    with generations.connection(second) as reader:
        assert reader.scalars(sa.select(SEEN.c.id)).all() == ["a"]
    generations.close()


def test_a_second_process_is_told_what_to_do_about_a_database_in_use(sqlite_url: str) -> None:
    first, second = open_generations(sqlite_url), open_generations(sqlite_url)
    first.claim()
    with pytest.raises(DatabaseInUse, match="stop that process first"):
        second.claim()
    first.close()
    second.claim()
    second.close()
