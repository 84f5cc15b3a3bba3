"""What must hold for the figures of any history: shares, sums, order, and the tallies."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.streams import evolve
from projections.engine.rows import Rows
from projections.figures.board import summed
from projections.figures.counting import Counted, from_rows
from projections.figures.definitions import FIGURES
from projections.figures.kinds import CASE, KINDS, TASK
from projections.figures.tally import contributions
from projections.questions.answers import Rate, rate
from projections.spans import Window, covering
from projections.tasks.row import TASKS
from tests import histories
from tests.unit.projections.folding import folded

DAYS = st.integers(0, 60)


@st.composite
def lived(draw: st.DrawFn) -> tuple[list[histories.Happened], datetime]:
    """Some weeks of a town, and a moment in or after them."""
    seed = draw(st.integers(0, 10_000))
    chance = random.Random(seed)
    made = histories.items(
        seed,
        task_count=draw(st.integers(0, 12)),
        case_count=draw(st.integers(0, 12)),
        dispute_count=draw(st.integers(0, 5)),
        permit_count=draw(st.integers(0, 5)),
        grids=3,
        span=timedelta(days=40),
    )
    moment = histories.START + timedelta(hours=draw(st.integers(0, 24 * 60)))
    return histories.in_order(chance, made), moment


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Whole days of Shanghai, sometimes open at an end."""
    first, length = draw(DAYS), draw(DAYS)
    midnight = histories.START - timedelta(hours=8)
    return Window(
        draw(st.sampled_from((None, midnight + timedelta(days=first)))),
        draw(st.sampled_from((None, midnight + timedelta(days=first + length)))),
    )


def rows_of(rows: Rows) -> dict[str, Any]:
    return {kind.name: rows.all(kind.table) for kind in KINDS}


def counted(rows: Rows, as_of: datetime, window: Window) -> Counted:
    return from_rows(rows_of(rows), as_of, window)


@given(lived())
def test_a_numerator_is_always_part_of_its_denominator(
    lived: tuple[list[histories.Happened], datetime],
) -> None:
    happened, as_of = lived
    rows = folded(happened, as_of=as_of)
    for kind in KINDS:
        for row in rows.all(kind.table):
            sets = kind.membership(row, as_of)
            assert sets <= set(kind.sets)
            for figure in FIGURES.values():
                if figure.kind is kind and figure.numerator in sets:
                    assert figure.denominator in sets, (figure.name, row)
            if "closed_on_time" in sets:
                assert "unit_closed" in sets
            if "unit_closed" in sets:
                assert {"closed", "should_have_closed"} <= sets


@given(lived())
def test_time_alone_adds_nothing_but_the_sets_entered_at_the_lapse(
    lived: tuple[list[histories.Happened], datetime],
) -> None:
    happened, as_of = lived
    rows = folded(happened, as_of=as_of)
    for kind in KINDS:
        for row in rows.all(kind.table):
            by_time = kind.membership(row, as_of) - kind.membership(row, None)
            lapsed = row.lapses_at is not None and row.lapses_at <= as_of
            assert by_time == (kind.entered_by_time(row.category) if lapsed else frozenset())


@given(lived(), windows())
def test_the_parts_sum_to_the_whole(lived: tuple[list[histories.Happened], datetime], window: Window) -> None:
    happened, as_of = lived
    found = counted(folded(happened, as_of=as_of), as_of, window)
    whole = summed(found, lambda _grid, _category: "").get("")
    if whole is None:
        return
    for parts in (summed(found, lambda grid, _: grid), summed(found, lambda _, category: category)):
        for name, figure in whole.figures().items():
            own = [part.figures()[name] for part in parts.values()]
            assert figure.numerator == sum(one.numerator for one in own)
            assert figure.denominator == sum(one.denominator for one in own)


@given(lived(), windows())
def test_the_tallies_and_what_lapsed_are_the_sets_of_the_rows(
    lived: tuple[list[histories.Happened], datetime], window: Window
) -> None:
    happened, as_of = lived
    rows = folded(happened, as_of=as_of)
    spans = covering(window, as_of)
    assert spans is not None
    assert len(spans) == len(set(spans))
    tallied: defaultdict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for kind in KINDS:
        contribute = contributions(kind)
        for row in rows.all(kind.table):
            for (span, grid, cohort, category, _), numbers in contribute(row).items():
                if span in spans:
                    tallied[kind.name, cohort, grid, category].update(
                        dict(zip(kind.sets, numbers, strict=True))
                    )
            for cohort, field in kind.cohorts.items():
                if row.lapses_at is not None and row.lapses_at <= as_of and window.has(getattr(row, field)):
                    entered = dict.fromkeys(kind.entered_by_time(row.category), 1)
                    tallied[kind.name, cohort, row.grid, row.category].update(entered)
    direct: defaultdict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for part in counted(rows, as_of, window).parts:
        direct[part[:4]].update(part.counts)
    assert {key: +numbers for key, numbers in tallied.items()} == dict(direct)


@given(lived(), st.randoms(use_true_random=False))
def test_the_order_in_which_items_arrive_does_not_matter(
    lived: tuple[list[histories.Happened], datetime], chance: random.Random
) -> None:
    happened, as_of = lived
    streams: defaultdict[str, list[Any]] = defaultdict(list)
    for stream, event in happened:
        streams[stream].append(event)
    order = [stream for stream, _ in happened]
    chance.shuffle(order)
    shuffled = [(stream, streams[stream].pop(0)) for stream in order]
    first, second = (
        summed(counted(folded(one, as_of=as_of), as_of, Window()), lambda grid, _: grid)
        for one in (happened, shuffled)
    )
    assert {grid: sums.figures() for grid, sums in first.items()} == {
        grid: sums.figures() for grid, sums in second.items()
    }


@given(lived())
def test_a_row_stands_where_the_domain_says_that_the_item_stands(
    lived: tuple[list[histories.Happened], datetime],
) -> None:
    happened, _ = lived
    states: dict[str, Any] = {}
    for stream, event in happened:
        states[stream] = evolve(stream, states.get(stream), event)
    rows = folded(happened)
    for kind, shared in (
        (TASK, ("status", "grid", "assignee", "reworks", "extensions", "suspended_until", "since")),
        (CASE, ("status", "grid", "assignee", "department", "reworks", "merged_into", "closed_at", "since")),
    ):
        for row in rows.all(kind.table):
            state = states[f"{kind.name}:{row.id}"]
            ended_once = {"closed_at"} if getattr(row, "reopenings", 0) else set()
            for field in set(shared) - ended_once:
                assert getattr(row, field) == getattr(state, field), field
            if kind is TASK:
                assert row.handling_due == state.handling.due
                assert row.acceptance_due == state.acceptance.due
            elif state.handling is not None:
                assert row.handling_due == state.handling.due


def test_as_of_the_end_is_the_present() -> None:
    happened = histories.history(3, task_count=30, case_count=20)
    end = max(event.at for _, event in happened)
    assert list(folded(happened, as_of=end).all(TASKS)) == list(folded(happened).all(TASKS))


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (0, 0, None),
        (0, 7, 0.0),
        (1, 1, 100.0),
        (372, 441, 84.35),
        (1, 8, 12.5),
        (1, 800, 0.13),
        (2, 3, 66.67),
    ],
)
def test_a_rate_is_rounded_half_up_and_zero_of_zero_is_no_data(
    numerator: int, denominator: int, shown: float | None
) -> None:
    assert rate(numerator, denominator) == Rate(numerator, denominator, shown)
