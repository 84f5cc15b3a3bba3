"""The year's 10,809 tasks: those of the recurring plans, campaigns and tasks for one grid, to their close."""

import random
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from dispatch.demo.town import FLOOD_PRONE, FORESTED, GRIDS, OPERATORS
from dispatch.demo.year import flood, routine
from dispatch.demo.year import task_mishaps as mishaps
from dispatch.demo.year.plan import Chain, Plan, Step
from dispatch.demo.year.task_kinds import (
    BY_THE_RIVER,
    EVERYDAY,
    FOR_ONE,
    IN_THE_WOODS,
    KINDS,
    ON_DUTY,
    Kind,
    in_season,
)
from dispatch.demo.year.task_mishaps import Work
from dispatch.domain.working_time import Calendar

TO_ALL: Final = 700
TO_SOME: Final = 90
"""Campaigns to the five grids by the river, or to the five with woods."""
TO_ONE: Final = 171
TASKS: Final = TO_ALL * len(GRIDS) + TO_SOME * len(FLOOD_PRONE) + TO_ONE + routine.TASKS + flood.TASKS
ON_DAYS_OFF: Final = 20
"""How many of the campaigns to all grids are issued on days off, to those on duty."""
LAST_ISSUE: Final = 24
"""Working moments before the end of the year after which nothing is issued: four working days."""

MISHAPS: Final = (
    (mishaps.declined, 62),
    (mishaps.transferred, 41),
    (mishaps.returned, 143),
    (mishaps.returned_twice, 7),
    (mishaps.extended, 36),
    (mishaps.not_extended, 12),
    (mishaps.suspended, 21),
    (mishaps.resumed, 9),
    (mishaps.late, 58),
    (mishaps.offline, 160),
    (mishaps.sent_twice, 40),
    (mishaps.verified_by_the_worker, 9),
    (mishaps.submitted_by_another, 8),
    (mishaps.submitted_too_soon, 11),
    (mishaps.accepted_elsewhere, 7),
    (mishaps.instructed, 34),
)
"""What goes otherwise than it should, and for how many tasks."""
CANCELLED_ALONE: Final = 3
CANCELLED: Final = CANCELLED_ALONE + len(GRIDS)
"""Tasks that are taken back, beside the year's number: they leave every denominator."""


class Issue(NamedTuple):
    """One issue: what, to which grids (by number), at which of `places`."""

    kind: Kind
    grids: Sequence[int]
    places: Sequence[int]
    at: int


def workers_of(grid: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return who takes on tasks in a grid, and how often."""
    n = grid + 1
    people = (f"part-time-{n}", f"chief-{n}", "full-time-1", f"instructor-{n}", f"patrol-{n}")
    return people, (40, 25, 12, 12, 11)


def _kind(chance: random.Random, kinds: Sequence[Kind], month: int) -> Kind:
    fitting = in_season(kinds, month)
    return chance.choices(fitting, [kind.weight for kind in fitting])[0]


def _issue(plan: Plan, chance: random.Random, kinds: Sequence[Kind], grids: Sequence[int]) -> Issue:
    """Return an issue in working hours, most likely in the morning."""
    places = plan.hours.working
    day = chance.randrange((len(places) - LAST_ISSUE) // 6)
    at = day * 6 + chance.choices(range(6), (30, 25, 10, 20, 10, 5))[0]
    month = plan.hours.day(places[at]).month
    return Issue(_kind(chance, kinds, month), grids, places, at)


def _on_duty(plan: Plan, chance: random.Random) -> Issue:
    """Return an issue on the morning of a day off; it may be verified on the working day after."""
    off = plan.hours.off
    at = off[chance.randrange(len(off) // 3 - 2) * 3]
    everywhere = range(len(GRIDS))
    kind = _kind(chance, ON_DUTY, plan.hours.day(at).month)
    return Issue(kind, everywhere, range(len(plan.hours.moments)), at)


def _issues(plan: Plan, chance: random.Random) -> list[Issue]:
    everywhere = range(len(GRIDS))
    found = [_on_duty(plan, chance) for _ in range(ON_DAYS_OFF)]
    found += [_issue(plan, chance, KINDS, everywhere) for _ in range(TO_ALL - ON_DAYS_OFF)]
    for _ in range(TO_SOME):
        kinds, grids = chance.choice(((BY_THE_RIVER, FLOOD_PRONE), (IN_THE_WOODS, FORESTED)))
        found.append(_issue(plan, chance, kinds, grids))
    found += [
        _issue(plan, chance, FOR_ONE + EVERYDAY, (chance.randrange(len(GRIDS)),)) for _ in range(TO_ONE)
    ]
    found.sort(key=lambda issue: issue.places[issue.at])
    return found


def _issued(plan: Plan, chance: random.Random, issue: Issue) -> list[Chain]:
    """Plan the issue itself and return the chain of each of its tasks."""
    place = issue.places[issue.at]
    day = plan.hours.day(place)
    items = tuple(plan.new_item() for _ in issue.grids)
    title = chance.choice(issue.kind.titles).format(m=day.month, d=day.day)
    body: dict[str, object] = {
        "grids": [GRIDS[number].code for number in issue.grids],
        "title": title,
        "category": issue.kind.category,
    }
    if issue.kind.instructions:
        body["instructions"] = issue.kind.instructions
    step = Step(
        who=chance.choice(OPERATORS),
        path="/tasks",
        key=plan.new_key(),
        body=body,
        makes=items,
        status=HTTPStatus.CREATED,
    )
    plan.add(place, items[0], step)
    return [Chain(plan, "tasks", item, issue.places, issue.at) for item in items]


def _work(chance: random.Random, issue: Issue, grid: int, chain: Chain) -> Work:
    people, weights = workers_of(grid)
    worker = chance.choices(people, weights)[0]
    other = chance.choice([person for person in people if person != worker])
    return Work(chain, chance, issue.kind.category, grid, worker, other, chance.choice(OPERATORS))


def plan_tasks(plan: Plan, calendar: Calendar) -> None:
    """Plan the year's tasks, all closed in the year, and those that are taken back."""
    chance = random.Random(f"tasks {plan.seed}")  # noqa: S311 - a plan, not a secret
    ordinary, duty = routine.plan_routine(plan, calendar)
    for issue in _issues(plan, chance):
        chains = _issued(plan, chance, issue)
        works = [_work(chance, issue, grid, chain) for grid, chain in zip(issue.grids, chains, strict=True)]
        (ordinary if issue.places is plan.hours.working else duty).extend(works)
    chance.shuffle(ordinary)
    rest = iter(ordinary)
    for mishap, times in MISHAPS:
        for _ in range(times):
            mishap(next(rest))
    for work in rest:
        mishaps.ordinary(work)
    for work in duty:
        mishaps.on_a_day_off(work)
    _cancel(plan, chance)


def _cancel(plan: Plan, chance: random.Random) -> None:
    """Plan a campaign that was issued by mistake and a few single tasks that are taken back."""
    mistaken = _issue(plan, chance, KINDS, range(len(GRIDS)))
    for chain in _issued(plan, chance, mistaken):
        chain.then(1, OPERATORS[0], "cancel", {"reason": "重复下发，予以撤销"})
    for number in range(CANCELLED_ALONE):
        single = _issue(plan, chance, EVERYDAY, (number,))
        (chain,) = _issued(plan, chance, single)
        mishaps.cancelled(_work(chance, single, number, chain))
