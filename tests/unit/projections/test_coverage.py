"""Visit coverage against a walk from day to day: who was due when, who was visited, that the parts sum up."""

import random
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.event import Event
from dispatch.domain.households import (
    HouseholdChanged,
    HouseholdLeft,
    HouseholdRecorded,
    HouseholdVisited,
)
from dispatch.domain.rhythm import SHANGHAI, Rhythm
from projections.catalogue import PAST
from projections.engine.moment import Moment
from projections.figures.coverage import coverage, households
from projections.households import HOUSEHOLDS
from projections.questions.asked import Asked
from projections.questions.view import View
from projections.spans import Window
from tests import histories
from tests.unit.projections.folding import folded

DAY = timedelta(days=1)
FOREVER = datetime(2100, 1, 1, tzinfo=SHANGHAI)


@st.composite
def lived(draw: st.DrawFn) -> tuple[list[histories.Happened], datetime]:
    """Some months of a town's households, and a moment in or after them."""
    seed = draw(st.integers(0, 10_000))
    made = histories.items(
        seed, task_count=0, household_count=draw(st.integers(0, 14)), grids=3, span=timedelta(days=90)
    )
    moment = histories.START + timedelta(hours=draw(st.integers(0, 24 * 240)))
    return histories.in_order(random.Random(seed), made), moment


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """From any hour to any other, sometimes open at an end."""
    first, length = draw(st.integers(0, 200 * 24)), draw(st.integers(0, 200 * 24))
    start = histories.START + timedelta(hours=first)
    return Window(
        draw(st.sampled_from((None, start))),
        draw(st.sampled_from((None, start + timedelta(hours=length)))),
    )


def begins(rhythm: Rhythm, day: date) -> bool:
    if rhythm is Rhythm.WEEK:
        return day.weekday() == 0
    return day.day == 1 and (rhythm is Rhythm.MONTH or day.month in {1, 4, 7, 10})


def spells(events: list[Event]) -> list[tuple[Rhythm, datetime, datetime]]:
    found: list[tuple[Rhythm, datetime, datetime]] = []
    for event in events:
        if isinstance(event, HouseholdChanged | HouseholdLeft):
            every, since, _ = found.pop()
            if isinstance(event, HouseholdChanged) and event.every is every:
                found.append((every, since, FOREVER))
                continue
            found.append((every, since, event.at))
        if isinstance(event, HouseholdRecorded | HouseholdChanged):
            found.append((event.every, event.at, FOREVER))
    return found


def is_due(events: list[Event], window: Window, as_of: datetime) -> bool:
    until = min(window.until or as_of, as_of)
    for every, since, left in spells(events):
        start, end = max(since, window.start or since), min(left, until)
        begun = None
        day = start.astimezone(SHANGHAI).date()
        while datetime.combine(day, time.min, SHANGHAI) <= end:
            midnight = datetime.combine(day, time.min, SHANGHAI)
            if begins(every, day) and midnight >= start:
                if begun is not None:
                    return True
                begun = midnight
            day += DAY
    return False


def visit_due(events: list[Event]) -> datetime | None:
    """The end of the first whole period of the present spell that begins after the last visit."""
    every, since, left = spells(events)[-1]
    if left != FOREVER:
        return None
    visits = [event.at for event in events if isinstance(event, HouseholdVisited)]
    day, begun = since.astimezone(SHANGHAI).date(), None
    while True:
        midnight = datetime.combine(day, time.min, SHANGHAI)
        if begins(every, day) and midnight >= since:
            if begun is not None and all(visit < begun for visit in visits):
                return midnight
            begun = midnight
        day += DAY


@settings(max_examples=150, deadline=None)
@given(lived(), windows())
def test_coverage_is_what_a_walk_from_day_to_day_finds(
    life: tuple[list[histories.Happened], datetime], window: Window
) -> None:
    happened, as_of = life
    rows = folded(happened, as_of=as_of)
    moment = Moment(as_of, len(happened), PAST, lambda _: rows)
    by_household: dict[str, list[Event]] = {}
    for stream, event in happened:
        if event.at <= as_of:
            by_household.setdefault(stream.partition(":")[2], []).append(event)
    found = [rows.need(HOUSEHOLDS, key) for key in by_household]
    assert [one.visit_due for one in found] == [visit_due(by_household[one.id]) for one in found]
    assert len({(one.grid, one.number) for one in found}) == len(found)
    due = {key for key, events in by_household.items() if is_due(events, window, as_of)}
    visited = {
        key
        for key in due
        if any(isinstance(e, HouseholdVisited) and window.has(e.at) for e in by_household[key])
    }
    with moment.connection() as connection:
        view = View(as_of, len(happened), connection, moment)
        asked = Asked(scope=histories.TOWN)
        assert households(view, asked, window, visited=False) == sorted(due)
        assert households(view, asked, window, visited=True) == sorted(visited)
        parts = coverage(view, asked, window)
        assert (sum(one.due for one in parts), sum(one.visited for one in parts)) == (len(due), len(visited))
        for one in parts:
            own = {key for key in due if rows.need(HOUSEHOLDS, key).grid == one.grid}
            assert (one.due, one.visited) == (len(own), len(own & visited))
        assert coverage(view, Asked(scope=histories.TOWN, category="patrol"), window) == []
