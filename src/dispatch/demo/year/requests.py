"""What residents and the congress ask of the town: social assistance, legal advice, suggestions."""

import random
from typing import Any, Final

from dispatch.demo.town import CODE, GRIDS, OPERATORS
from dispatch.demo.year.cases import reported
from dispatch.demo.year.plan import Plan

ASSISTANCE: Final = 441
ASSISTANCE_ONLINE: Final = 372
ASSISTANCE_SINCE: Final = 8
"""The month from which on assistance can be asked for online."""
AT_HOME: Final = 300
"""How many are settled by a grid worker who goes there; the others go to the department."""
ADVICE_ONLINE: Final = 51
SUGGESTIONS: Final = 52
LAST_REQUEST: Final = 40
"""Working moments before the end of the year after which nothing is asked."""

ASSISTANCE_TITLES: Final = ("临时救助申请", "低保申请", "残疾人两项补贴申请", "医疗救助申请", "特困供养申请")
ADVICE_TITLES: Final = ("婚姻继承法律咨询", "劳动合同法律咨询", "土地承包法律咨询", "民间借贷法律咨询")
SUGGESTION_TITLES: Final = (
    "关于硬化村道的建议",
    "关于增设路灯的建议",
    "关于改善饮水的建议",
    "关于增加公交班次的建议",
)


def _settled_at_home(plan: Plan, chance: random.Random, grid: int, body: dict[str, Any], at: int) -> None:
    """Plan a request that somebody of the grid settles on a visit."""
    operator = chance.choice(OPERATORS)
    places = plan.hours.working
    chain = reported(plan, operator, body, places=places, at=at)
    chain.then(1, operator, "accept")
    worker = chance.choice((f"part-time-{grid + 1}", f"instructor-{grid + 1}", "full-time-1"))
    chain.then(chance.randint(2, 12), worker, "self-handle", {"note": "已上门办理"})


def _settled_by(
    plan: Plan, chance: random.Random, department: str, body: dict[str, Any], *, at: int, longest: int
) -> None:
    """Plan a request that a department settles, seen to by the desks."""
    operator, recorder, checker = chance.sample(OPERATORS, 3)
    chain = reported(plan, operator, body, places=plan.hours.working, at=at)
    chain.then(1, operator, "accept")
    if body["source"] == "resident":
        chain.then(1, operator, "verify", {"genuine": True})
    chain.then(1, operator, "register")
    chain.then(0, operator, "dispatch", {"department": department})
    chain.then(chance.randint(1, 6), recorder, "handle")
    chain.then(chance.randint(2, longest), recorder, "finish", {"note": "已办理并答复"})
    chain.then(chance.randint(1, 3), checker, "check", {"passed": True})
    chain.then(0, checker, "close", {})


def _asked(
    chance: random.Random, grid: int, category: str, titles: tuple[str, ...], *, online: bool
) -> dict[str, Any]:
    return {
        "grid": GRIDS[grid].code,
        "category": category,
        "title": chance.choice(titles),
        "source": "resident",
        "channel": "online" if online else "in_person",
        "severity": "4",
    }


def plan_requests(plan: Plan) -> None:
    """Plan all of them, each settled in the year."""
    chance = random.Random(f"requests {plan.seed}")  # noqa: S311 - a plan, not a secret
    places = plan.hours.working
    begin = len(places) - len(plan.hours.since(ASSISTANCE_SINCE, places))
    for number in range(ASSISTANCE):
        grid = chance.randrange(len(GRIDS))
        online = number < ASSISTANCE_ONLINE
        body = _asked(chance, grid, "assistance", ASSISTANCE_TITLES, online=online)
        at = chance.randrange(begin, len(places) - LAST_REQUEST)
        if number < AT_HOME:
            _settled_at_home(plan, chance, grid, body, at)
        else:
            _settled_by(plan, chance, "civil-affairs", body, at=at, longest=24)
    for _ in range(ADVICE_ONLINE):
        grid = chance.randrange(len(GRIDS))
        body = _asked(chance, grid, "advice", ADVICE_TITLES, online=True)
        _settled_at_home(plan, chance, grid, body, chance.randrange(len(places) - LAST_REQUEST))
    for _ in range(SUGGESTIONS):
        suggestion = {
            "grid": CODE,
            "category": "suggestion",
            "title": chance.choice(SUGGESTION_TITLES),
            "source": "department",
            "channel": "letter",
            "severity": "4",
        }
        at = chance.randrange((len(places) - LAST_REQUEST) // 2)
        _settled_by(plan, chance, "governance", suggestion, at=at, longest=200)
