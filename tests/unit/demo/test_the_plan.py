"""The plan of the year: its numbers, its order, and that it is the same for the same seed."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from dispatch.demo.facts import PUBLISHED
from dispatch.demo.town import GRIDS, people
from dispatch.demo.year import case_year, disputes, permits, requests, routine, tasks
from dispatch.demo.year.hours import YEAR, hours
from dispatch.demo.year.plan import ITEM, Arrival, Plan, Step
from dispatch.demo.year.whole import SEED, plan_year
from dispatch.domain.households import HouseholdClass
from dispatch.domain.rhythm import SHANGHAI
from dispatch.service.calendars import china


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_year(SEED, china())


@pytest.fixture(scope="module")
def steps(plan: Plan) -> list[Step]:
    return list(plan.all_steps())


def issues(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.path == "/tasks"]


def reports(steps: list[Step], *, category: str | None = None) -> list[Step]:
    return [
        step
        for step in steps
        if step.path == "/cases"
        and not step.repeats
        and step.body is not None
        and category in (None, step.body["category"])
    ]


def by_plan(plan: Plan) -> list[Arrival]:
    return [arrival for arrivals in plan.arrivals.values() for arrival in arrivals]


def test_the_tasks_issued_are_the_published_ones_and_those_taken_back(plan: Plan, steps: list[Step]) -> None:
    issued = sum(len(step.makes) for step in issues(steps)) + sum(len(one.items) for one in by_plan(plan))
    taken_back = {step.item for step in steps if step.path.endswith("/cancel")}
    assert issued - len(taken_back) == PUBLISHED["tasks"]["issued"]
    assert len(taken_back) == tasks.CANCELLED


def test_visits_and_patrols_come_from_the_recurring_plans(plan: Plan, steps: list[Step]) -> None:
    times = Counter(arrival.recurring for arrival in by_plan(plan))
    assert tuple(times[number] for number in range(len(routine.PLANS))) == routine.TIMES
    assert sum(len(arrival.items) for arrival in by_plan(plan)) == routine.TASKS
    campaigns = [step.body for step in issues(steps) if step.body and len(step.body["grids"]) == len(GRIDS)]
    assert not {body["category"] for body in campaigns} & {"visit", "patrol"}


def test_tasks_of_a_plan_become_known_at_the_first_moment_after_it_came_round(plan: Plan) -> None:
    for at, arrivals in plan.arrivals.items():
        for arrival in arrivals:
            assert arrival.due < at < arrival.due + timedelta(hours=2)


def test_some_households_are_met_by_nobody_and_most_by_somebody(steps: list[Step]) -> None:
    town = list(routine.households())
    missed = Counter(number for step in steps for number in step.not_met)
    rounds = dict(zip(HouseholdClass, routine.TIMES[1:], strict=True))
    never = [n for n, times in missed.items() if times >= rounds[town[n].household_class]]
    assert routine.AWAY_ALL_YEAR <= len(never) < len(town) / 20


def test_every_task_that_is_not_taken_back_is_verified_as_good_last(steps: list[Step]) -> None:
    last: dict[int, Step] = {}
    for step in steps:
        if step.item is not None and step.path.startswith("/tasks") and step.counts:
            last[step.item] = step
    endings = Counter(
        (step.path.rpartition("/")[2], (step.body or {}).get("passed")) for step in last.values()
    )
    assert endings == {("verify", True): PUBLISHED["tasks"]["issued"], ("cancel", None): tasks.CANCELLED}


def test_the_cases_reported_by_the_grids_are_the_published_ones_and_those_in_no_rate(
    steps: list[Step],
) -> None:
    from_grids = [step for step in reports(steps) if step.body and "source" not in step.body]
    assert len(from_grids) == 307 + case_year.MERGED + case_year.VOIDED


def test_disputes_requests_and_permits_are_as_many_as_published(steps: list[Step]) -> None:
    online = [step.body for step in reports(steps, category="assistance") if step.body]
    assert len(reports(steps, category="dispute")) == PUBLISHED["disputes"]["mediated"] == disputes.DISPUTES
    assert len(online) == requests.ASSISTANCE
    assert sum(body["channel"] == "online" for body in online) == 372
    assert len(reports(steps, category="suggestion")) == requests.SUGGESTIONS == 52
    assert len(reports(steps, category="advice")) == requests.ADVICE_ONLINE == 51
    assert sum(step.path == "/permits" for step in steps) == permits.PERMITS == 193


def test_assistance_is_asked_for_online_since_august(plan: Plan) -> None:
    months = {
        at.astimezone(SHANGHAI).month
        for at, lanes in plan.moments()
        for lane in lanes
        for step in lane
        if step.path == "/cases" and step.body and step.body["category"] == "assistance"
    }
    assert min(months) == 8


def test_the_same_seed_gives_the_same_plan(plan: Plan, steps: list[Step]) -> None:
    again = plan_year(SEED, china())
    assert list(again.moments()) == list(plan.moments())
    assert again.commands == sum(step.counts for step in steps)


def test_another_seed_gives_another_plan_with_the_same_figures(plan: Plan, steps: list[Step]) -> None:
    other = plan_year(SEED + 1, china())
    other_steps = list(other.all_steps())
    assert list(other.moments()) != list(plan.moments())
    assert sum(len(step.makes) for step in issues(other_steps)) == sum(
        len(step.makes) for step in issues(steps)
    )
    assert len(reports(other_steps)) == len(reports(steps))
    assert other.items == plan.items


def test_everything_happens_in_order_and_in_2023(plan: Plan) -> None:
    moments = [at.astimezone(SHANGHAI) for at, _ in plan.moments()]
    assert all(before < after for before, after in pairwise(moments))
    assert {at.year for at in moments} == {YEAR}
    devices = [step.device_at for step in plan.all_steps() if step.device_at]
    assert {at.astimezone(SHANGHAI).year for at in devices} == {YEAR}


def test_a_device_sends_what_it_did_before_and_never_what_is_to_come(plan: Plan) -> None:
    for at, lanes in plan.moments():
        for lane in lanes:
            assert all(step.device_at <= at for step in lane if step.device_at)


def test_an_item_is_made_before_anybody_acts_on_it(plan: Plan) -> None:
    made: set[int] = set()
    for at, lanes in plan.moments():
        before = set(made)
        for lane in lanes:
            here: set[int] = set()
            for step in lane:
                assert (ITEM in step.path) == (step.item is not None)
                assert step.item is None or step.item in before | here
                assert step.names is None or step.names[1] in before
                here |= set(step.makes)
            made |= here
        made.update(item for arrival in plan.arrivals.get(at, ()) for item in arrival.items)
    assert made == set(range(plan.items))


def test_steps_on_one_item_at_one_moment_stand_in_one_lane(plan: Plan) -> None:
    for _, lanes in plan.moments():
        items = [{step.item for step in lane if step.item is not None} for lane in lanes]
        assert sum(map(len, items)) == len(set().union(*items))


def test_only_a_repeat_has_the_key_of_another_step(steps: list[Step]) -> None:
    first = [step.key for step in steps if not step.repeats]
    assert len(set(first)) == len(first)
    assert {step.key for step in steps if step.repeats} <= set(first)


def test_who_acts_has_an_account(steps: list[Step]) -> None:
    accounts = {person.member for person in people() if person.signs_in}
    desks = {"duty-1", "duty-2", "duty-3", "supervisor"}
    assert {step.who for step in steps} <= accounts | desks


def test_the_ordinary_mishaps_of_a_year_happen(steps: list[Step]) -> None:
    verbs = Counter(step.path.rpartition("/")[2] for step in steps)
    for verb in (
        "decline",
        "transfer",
        "request-extension",
        "suspend",
        "resume",
        "cancel",
        "merge",
        "unmerge",
    ):
        assert verbs[verb], verb
    assert sum(step.repeats for step in steps) == 49
    assert sum(step.refused is not None for step in steps) > 30
    assert sum(step.device_at is not None for step in steps) > 200


def test_every_grid_has_tasks(steps: list[Step]) -> None:
    named = Counter(grid for step in issues(steps) if step.body for grid in step.body["grids"])
    assert set(named) == {grid.code for grid in GRIDS}
    assert min(named.values()) > 700


def test_people_act_by_day(plan: Plan) -> None:
    year = hours(SEED, china())
    assert {at.astimezone(SHANGHAI).hour for at in year.moments} <= set(range(8, 19))
    assert len(year.working) == 6 * 249
    assert plan.hours == year
