"""The year's routine: households, the recurring plans for visits and patrols, and the work that follows."""

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Any, Final, NamedTuple

from dispatch.demo.town import CODE, GRIDS, OPERATORS
from dispatch.demo.year import flood
from dispatch.demo.year.hours import YEAR
from dispatch.demo.year.plan import Arrival, Chain, Plan
from dispatch.demo.year.task_mishaps import Work
from dispatch.domain.households import HouseholdClass
from dispatch.domain.rhythm import SHANGHAI
from dispatch.domain.schedule import Schedule
from dispatch.domain.towns import Post
from dispatch.domain.working_time import Calendar

IN_GRID: Final = {HouseholdClass.HIGH_RISK: 3, HouseholdClass.KEY: 8, HouseholdClass.GENERAL: 25}
"""Households on record in each grid, by class; made up, and far fewer than the town has."""
AWAY_ALL_YEAR: Final = 5
"""Households of the town that work elsewhere and are met by nobody, so that the coverage is not whole."""
ABSENT: Final = 0.04
"""The share of visits at which a household is not met."""
BEGINNING: Final = datetime(YEAR, 1, 2, tzinfo=SHANGHAI)
EIGHT: Final = (time(8),)


class Household(NamedTuple):
    """One household, by the number of its grid."""

    grid: int
    household_class: HouseholdClass
    name: str
    address: str


class RecurringPlan(NamedTuple):
    """A plan of the town: which class it visits, or None for a patrol of every grid."""

    title: str
    schedule: Schedule
    visits: HouseholdClass | None = None

    @property
    def category(self) -> str:
        """The category of its tasks."""
        return "patrol" if self.visits is None else "visit"

    def terms(self) -> dict[str, Any]:
        """Return what is sent to start it."""
        schedule = self.schedule
        targets: dict[str, Any] = {} if self.visits is None else {"classes": [self.visits]}
        return {
            "scope": CODE,
            "title": self.title,
            "category": self.category,
            "schedule": {
                "times": [at.isoformat() for at in schedule.times],
                "weekdays": list(schedule.weekdays),
                "days": list(schedule.days),
                "months": list(schedule.months),
            },
            "targets": targets,
            "instructions": "按路线巡查，发现隐患立即处置或上报。"
            if self.visits is None
            else "逐户走访，如实记录。",
            "assign_to": None if self.visits is None else Post.PART_TIME,
            "starts": BEGINNING.isoformat(),
            "ends": datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI).isoformat(),
        }

    def times(self, calendar: Calendar) -> list[datetime]:
        """Return when it comes round in the year."""
        end = datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI)
        begin = BEGINNING - timedelta(microseconds=1)
        return list(takewhile(lambda at: at < end, self.schedule.after(begin, calendar)))


PLANS: Final = (
    RecurringPlan("网格日常巡逻", Schedule(times=EIGHT)),
    RecurringPlan("高风险住户每周走访", Schedule(times=EIGHT, weekdays=(1,)), HouseholdClass.HIGH_RISK),
    RecurringPlan("重点住户每月走访", Schedule(times=EIGHT, days=(5,)), HouseholdClass.KEY),
    RecurringPlan(
        "一般住户每季走访", Schedule(times=EIGHT, days=(10,), months=(1, 4, 7, 10)), HouseholdClass.GENERAL
    ),
)
TIMES: Final = tuple(times - less for times, less in zip((364, 52, 12, 4), flood.PASSED_OVER, strict=True))
"""How often each issues tasks: whenever it comes round in the year, but for the morning of the flood."""
TASKS: Final = sum(TIMES) * len(GRIDS)


def households() -> Iterator[Household]:
    """Give the town's households; names and addresses are made up."""
    chance = random.Random("the households of the demonstration")  # noqa: S311 - made-up names
    surnames = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁"
    for number, grid in enumerate(GRIDS):
        for household_class, times in IN_GRID.items():
            for _ in range(times):
                address = f"{grid.village}{chance.randint(1, 9)}组{chance.randint(1, 120)}号"
                yield Household(number, household_class, f"{chance.choice(surnames)}家", address)


def plan_routine(plan: Plan, calendar: Calendar) -> tuple[list[Work], list[Work]]:
    """Plan where the tasks of the plans become known; return the work of working days and of days off."""
    rounds = _Rounds(plan)
    ordinary: list[Work] = []
    duty: list[Work] = []
    for number, recurring in enumerate(PLANS):
        for due in recurring.times(calendar):
            if flood.pauses(recurring.category, due):
                continue
            place = bisect_left(plan.hours.moments, due)
            items = tuple(plan.new_item() for _ in GRIDS)
            plan.arrive(place, Arrival(number, due, items))
            # On a day off those on duty patrol; a visit waits for the next working day, as its limit does.
            on_duty = recurring.visits is None and place in plan.hours.off
            places = range(len(plan.hours.moments)) if on_duty else plan.hours.working
            chains = [Chain(plan, "tasks", item, places, bisect_left(places, place)) for item in items]
            (duty if on_duty else ordinary).extend(rounds.works(recurring, chains))
    return ordinary, duty


class _Rounds:
    """Who does the work of the plans, and whom nobody meets."""

    def __init__(self, plan: Plan) -> None:
        self._chance = random.Random(f"routine {plan.seed}")  # noqa: S311 - a plan, not a secret
        self._town = list(households())
        general = [n for n, one in enumerate(self._town) if one.household_class is HouseholdClass.GENERAL]
        self._away = frozenset(self._chance.sample(general, AWAY_ALL_YEAR))

    def works(self, recurring: RecurringPlan, chains: Sequence[Chain]) -> Iterator[Work]:
        """Give the work of one round, grid by grid."""
        for grid, chain in enumerate(chains):
            n = grid + 1
            worker, other = f"part-time-{n}", f"chief-{n}"
            not_met: tuple[int, ...] = ()
            if recurring.visits is None:
                worker = self._chance.choices((f"patrol-{n}", worker, other), (6, 3, 1))[0]
                other = f"instructor-{n}"
            else:
                not_met = self._not_met(grid, recurring.visits)
            operator = self._chance.choice(OPERATORS)
            yield Work(chain, self._chance, recurring.category, grid, worker, other, operator, not_met)

    def _not_met(self, grid: int, visited: HouseholdClass) -> tuple[int, ...]:
        """Return the numbers of the households that nobody opens at."""
        return tuple(
            number
            for number, one in enumerate(self._town)
            if (one.grid, one.household_class) == (grid, visited)
            and (number in self._away or self._chance.random() < ABSENT)
        )
