"""The year's 193 administrative permits, published in time (双公示)."""

import random
from http import HTTPStatus
from typing import Final

from dispatch.demo.town import CODE, OPERATORS
from dispatch.demo.year.disputes import evidence
from dispatch.demo.year.plan import Chain, Plan, Step

PERMITS: Final = 193
REPORTING: Final = 36
"""Working moments within which a permit is reported; the limit is seven working days, which are 42."""
TITLES: Final = ("农村宅基地建房许可", "临时占道许可", "林木采伐许可", "乡村建设规划许可", "小型食品摊贩登记")
LAST: Final = 50
"""Working moments before the end of the year after which no permit is decided."""


def plan_permits(plan: Plan) -> None:
    """Plan the permits: decided, reported by one desk, judged by another."""
    chance = random.Random(f"permits {plan.seed}")  # noqa: S311 - a plan, not a secret
    places = plan.hours.working
    begins = sorted(chance.randrange(len(places) - LAST) for _ in range(PERMITS))
    for number, at in enumerate(begins, 1):
        recorder, reporter, judge = chance.sample(OPERATORS, 3)
        item = plan.new_item()
        title = chance.choice(TITLES)
        body = {"grid": CODE, "number": f"万顺许准字〔2023〕{number}号", "title": title}
        step = Step(
            who=recorder,
            path="/permits",
            key=plan.new_key(),
            body=body,
            makes=(item,),
            status=HTTPStatus.CREATED,
        )
        plan.add(places[at], item, step)
        chain = Chain(plan, "permits", item, places, at)
        paper = {"evidence": evidence(f"permit {number}")}
        chain.then(chance.randint(3, REPORTING), reporter, "report", paper)
        chain.then(chance.randint(1, 8), judge, "judge", {"compliant": True})
