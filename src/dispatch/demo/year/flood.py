"""The flood of the year: a night in July in emergency mode, watched and worked through by the clock.

Nothing of the year's ordinary plan falls into that night, so it stands for itself. The watch on the dykes,
asked for in the evening, is hurried by the switch; people are brought to safety under emergency limits; and
the morning's round of visits and patrols is passed over for it.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from dispatch.demo.town import CODE, FLOOD_PRONE, GRIDS, OPERATORS
from dispatch.demo.year.hours import YEAR
from dispatch.demo.year.plan import ITEM, Plan, Step
from dispatch.domain.rhythm import SHANGHAI

ENTERED: Final = datetime(YEAR, 7, 2, 18, 40, tzinfo=SHANGHAI)
"""A Sunday evening, when the last who were on duty have gone home."""
LEFT: Final = datetime(YEAR, 7, 3, 8, 10, tzinfo=SHANGHAI)
PAUSED: Final = ("patrol", "visit")
PASSED_OVER: Final = (1, 1, 0, 0)
"""How often each recurring plan makes way: the daily patrol and the weekly visits of Monday at eight."""
WATCH: Final = "dyke"
RESCUE: Final = "rescue"
TASKS: Final = 2 * len(GRIDS)
ENTER: Final[dict[str, Any]] = {
    "scope": CODE,
    "grade": "II",
    "reason": "暴雨橙色预警，龙溪河水位逼近警戒线",
    "pauses": PAUSED,
    "recalculates": [WATCH],
}
LEAVE: Final = {"scope": CODE, "reason": "水位回落，预警解除"}
CASE: Final = {
    "category": "safety",
    "title": "堤脚渗水冒沙",
    "source": "video",
    "channel": "device",
    "severity": "II",
}
DONE: Final = (80,) * 4 + (110,) * 3 + (140, 260)
"""When the nine grids report a task as done: four in good time, three reminded, two with a yellow card."""
VERIFIED: Final = {80: 150, 110: 150, 140: 150, 260: 280}
"""All times are minutes after the switch; an emergency limit is 120."""
MINUTE: Final = timedelta(minutes=1)


def pauses(category: str, due: datetime) -> bool:
    """Tell whether a recurring plan of a category makes way for the flood when it comes round then."""
    return category in PAUSED and ENTERED <= due < LEFT


class Work(NamedTuple):
    """One grid's task of that night: who works on it, and when it is accepted and done."""

    item: int
    worker: str
    accepted: int
    done: int


class Night:
    """The steps of the night, at minutes after the switch."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._chance = random.Random(f"flood {plan.seed}")  # noqa: S311 - a plan, not a secret

    def act(
        self,
        minutes: float,
        who: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        item: int | None = None,
        makes: Sequence[int] = (),
    ) -> None:
        """Let somebody send a request; what makes items is answered with 201."""
        step = Step(
            who=who,
            path=path,
            key=self._plan.new_key(),
            body=body,
            item=item,
            makes=tuple(makes),
            status=HTTPStatus.CREATED if makes else HTTPStatus.OK,
        )
        lane = next(iter(makes), -1) if item is None else item
        self._plan.add_between((ENTERED + minutes * MINUTE).astimezone(UTC), lane, step)

    def issued(self, minutes: int, category: str, title: str) -> list[int]:
        """Let the centre ask the same of every grid; returns the items."""
        items = [self._plan.new_item() for _ in GRIDS]
        body = {"grids": [grid.code for grid in GRIDS], "title": title, "category": category}
        self.act(minutes, OPERATORS[0], "/tasks", body, makes=items)
        return items

    def worked(self, items: Sequence[int], post: str, accepted: int) -> Work:
        """Let every grid do its task, the later ones being found by chance; returns the last to be done."""
        done = self._chance.sample(DONE, len(DONE))
        works = [Work(item, f"{post}-{n}", accepted, done[n - 1]) for n, item in enumerate(items, start=1)]
        for work in works:
            path = f"/tasks/{ITEM}"
            self.act(work.accepted, work.worker, f"{path}/accept", {"begin": True}, item=work.item)
            self.act(work.done, work.worker, f"{path}/submit", {"note": "已到岗处置"}, item=work.item)
            verifier = self._chance.choice(OPERATORS)
            self.act(VERIFIED[work.done], verifier, f"{path}/verify", {"passed": True}, item=work.item)
        return max(works, key=lambda work: work.done)

    def seepage(self, grid: int) -> None:
        """Let the cameras find a dyke that leaks: a Ⅱ case goes straight to the commander."""
        item, worker, path = self._plan.new_item(), f"chief-{grid + 1}", f"/cases/{ITEM}"
        first, second = OPERATORS[:2]
        self.act(20, first, "/cases", {**CASE, "grid": GRIDS[grid].code}, makes=(item,))
        self.act(23, first, f"{path}/accept", item=item)
        self.act(24, first, f"{path}/register", item=item)
        body = {"grid": GRIDS[grid].code, "assignee": worker}
        self.act(25, first, f"{path}/dispatch", body, item=item)
        self.act(30, worker, f"{path}/handle", item=item)
        self.act(90, worker, f"{path}/finish", {"note": "反滤压浸，险情排除"}, item=item)
        self.act(95, second, f"{path}/check", {"passed": True}, item=item)
        self.act(96, second, f"{path}/close", {}, item=item)


def plan_flood(plan: Plan) -> None:
    """Plan the night from the first warning to the all-clear."""
    night = Night(plan)
    watch = night.issued(-40, WATCH, "堤防巡查值守")
    night.act(0, OPERATORS[0], "/mode/enter", ENTER)
    rescue = night.issued(6, RESCUE, "沿河低洼院落群众转移")
    last = night.worked(watch, "part-time", accepted=-30)
    promised = (ENTERED + 270 * MINUTE).isoformat()
    # Answered after the yellow card, so that no red one follows.
    answer = {"promised_at": promised, "note": "抢险队已增援"}
    night.act(135, "supervisor", f"/tasks/{ITEM}/answer-escalation", answer, item=last.item)
    night.worked(rescue, "chief", accepted=12)
    night.seepage(FLOOD_PRONE[0])
    night.act((LEFT - ENTERED) / MINUTE, OPERATORS[0], "/mode/leave", LEAVE)
