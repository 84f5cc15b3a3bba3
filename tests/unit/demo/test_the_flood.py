"""The night of the flood in the plan of the year: apart from all else, and worked through by the clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.demo.town import GRIDS
from dispatch.demo.year import flood, routine
from dispatch.demo.year.plan import Plan, Step
from dispatch.demo.year.whole import SEED, plan_year
from dispatch.service.calendars import china

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_year(SEED, china())


@pytest.fixture(scope="module")
def night(plan: Plan) -> dict[datetime, list[Step]]:
    begin = flood.ENTERED - 45 * MINUTE
    return {
        at: [step for lane in lanes for step in lane]
        for at, lanes in plan.moments()
        if begin < at <= flood.LEFT
    }


def test_the_switch_stands_alone_at_its_moment(night: dict[datetime, list[Step]]) -> None:
    for at, path in ((flood.ENTERED, "/mode/enter"), (flood.LEFT, "/mode/leave")):
        assert [step.path for step in night[at.astimezone(UTC)]] == [path]


def test_nothing_of_the_ordinary_year_happens_that_night(
    plan: Plan, night: dict[datetime, list[Step]]
) -> None:
    made = {item for steps in night.values() for step in steps for item in step.makes}
    assert len(made) == flood.TASKS + 1
    assert {step.item for steps in night.values() for step in steps} <= {*made, None}
    assert not set(night) & set(plan.hours.moments)
    assert not [at for at in plan.arrivals if flood.ENTERED <= at < flood.LEFT]


def test_the_rounds_that_are_passed_over_are_as_many_tasks_as_the_flood_asks_for() -> None:
    times = [
        sum(flood.pauses(recurring.category, due) for due in recurring.times(china()))
        for recurring in routine.PLANS
    ]
    assert tuple(times) == flood.PASSED_OVER
    assert sum(times) * len(GRIDS) == flood.TASKS


def test_most_keep_the_emergency_limit_and_some_get_cards(night: dict[datetime, list[Step]]) -> None:
    done = Counter(
        (at - flood.ENTERED) // MINUTE
        for at, steps in night.items()
        for step in steps
        if step.path.endswith("/submit")
    )
    assert done == {80: 8, 110: 6, 140: 2, 260: 2}


def test_who_is_late_is_a_matter_of_the_seed() -> None:
    def late(seed: int) -> list[str]:
        at = (flood.ENTERED + 260 * MINUTE).astimezone(UTC)
        lanes = dict(plan_year(seed, china()).moments())[at]
        return sorted(step.who for lane in lanes for step in lane)

    assert late(SEED) == late(SEED)
    assert len({tuple(late(seed)) for seed in range(SEED, SEED + 4)}) > 1
