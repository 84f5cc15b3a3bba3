"""Past moments against the obvious way: fold from nothing what had happened and was known by then."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.event import Event
from dispatch.eventlog.log import Stored, micros
from projections.engine.moment import FoldBroken, Moments
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.tables import RowTable
from tests.unit.projections.example import (
    ITEMS,
    NUMBERS,
    SEEN,
    START,
    VISITS,
    Closed,
    ListLog,
    Opened,
    Status,
    decode,
    folded,
    histories,
    items,
    last_seen,
    store,
    summed,
    times,
)

ASKED = st.lists(st.tuples(times(), st.integers(0, 45)), min_size=1, max_size=12)


@given(histories(), ASKED, st.integers(1, 7))
def test_every_moment_is_the_fold_of_its_events_whatever_was_asked_before(
    history: list[tuple[str, Event]], asked: list[tuple[datetime, int]], spacing: int
) -> None:
    log = ListLog(store(history))
    projection, other = items(), last_seen()
    moments = Moments(log, [projection, other], decode=decode, kept=2, checkpoints=3, spacing=spacing)

    for as_of, known_at in asked:
        then = [one for one in log.events[:known_at] if one.at <= micros(as_of)]
        expected, seen = folded_or_none(projection, then), folded(other, then)
        moment = moments.at(as_of, known_at)
        assert sorted(moment.rows(SEEN), key=str) == sorted(seen.all(SEEN), key=str)
        if expected is None:
            with pytest.raises(FoldBroken):
                moment.rows(ITEMS)
            continue
        tables: list[RowTable[Any]] = [ITEMS, VISITS]
        for table in tables:
            assert sorted(moment.rows(table), key=str) == sorted(expected.all(table), key=str)
        with moment.connection() as connection:
            assert {
                tuple(row[:2]): tuple(row[2:]) for row in connection.execute(sa.select(NUMBERS.table))
            } == summed(NUMBERS, expected)


def folded_or_none(projection: Projection, events: list[Stored]) -> Rows | None:
    """None where a late report leaves an item moved that wasn't opened yet: that past can't be folded."""
    try:
        return folded(projection, events)
    except LookupError:
        return None


def moments_of_a_day() -> Moments:
    history = [
        ("a", Opened(at=START, place="north", title="巡查")),
        ("b", Opened(at=START + timedelta(hours=1), place="north")),
        ("a", Closed(at=START + timedelta(hours=2))),
    ]
    return Moments(ListLog(store(history)), [items(), last_seen()], decode=decode)


def test_a_query_written_for_the_live_tables_runs_on_the_past() -> None:
    query = (
        sa.select(ITEMS.c.id, ITEMS.c.opened_at, ITEMS.c.status, SEEN.c.position)
        .join(SEEN.table, SEEN.c.id == ITEMS.c.id)
        .where(ITEMS.c.opened_at <= START + timedelta(minutes=90))
        .order_by(ITEMS.c.id)
    )
    with moments_of_a_day().at(START + timedelta(minutes=90), 3).connection() as connection:
        assert connection.execute(query).all() == [
            ("a", START, Status.OPEN, 1),
            ("b", START + timedelta(hours=1), Status.OPEN, 2),
        ]


def test_a_table_in_a_subquery_or_in_plain_text_is_filled_too() -> None:
    moment = moments_of_a_day().at(START + timedelta(days=1), 3)
    counted = sa.select(sa.func.count()).select_from(ITEMS.table).scalar_subquery()
    with moment.connection() as connection:
        assert connection.scalar(sa.select(counted)) == 2
        assert connection.scalar(sa.select(sa.exists().where(VISITS.c.times == 1))) is True
        assert connection.scalar(sa.text("SELECT count(*) FROM seen")) == 2


def test_what_was_not_known_is_not_there() -> None:
    assert moments_of_a_day().at(START + timedelta(days=1), 1).get(ITEMS, "b") is None
