"""How one task goes, as it should or otherwise: declined, returned, extended, late, offline and so on."""

import random
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from dispatch.demo.town import GRIDS
from dispatch.demo.year.plan import Chain

ACCEPTANCE: Final = {"visit": (1, 2, 3, 4, 5)}
"""Working moments from issue to acceptance that keep the limit, by category; a moment is about 80 minutes."""
ACCEPTANCE_ELSE: Final = (1, 1, 1, 2, 2)
HANDLING: Final = {"patrol": 5, "inspection": 17}
"""The last working moment after the issue that still keeps the handling limit, by category."""
HANDLING_ELSE: Final = 29

REFUSED: Final = (HTTPStatus.FORBIDDEN, "role-not-allowed")
NOT_MINE: Final = (HTTPStatus.CONFLICT, "not-the-assignee")
NOT_YET: Final = (HTTPStatus.CONFLICT, "task-status-forbids")
ENDED: Final = (HTTPStatus.CONFLICT, "task-ended")
ELSEWHERE: Final = (HTTPStatus.FORBIDDEN, "out-of-scope")

NOTES: Final = (
    "已完成，无异常",
    "已按要求办理完毕",
    "已逐户走到，情况正常",
    "发现小隐患，现场整改完毕",
    "已办结，台账已更新",
    "已到现场，照片已存档",
)
DECLINES: Final = ("不属于本网格范围", "对象已迁至其他网格", "权属不在本村，请重新指派")
TRANSFERS: Final = ("原责任人外出培训", "工作调整，改由同网格人员办理", "请更熟悉情况的同志办理")
RETURNS: Final = ("照片不清晰，请补充", "台账填写不完整", "走访对象不全，请补走", "整改前后对比缺失")
EXTENSIONS: Final = ("连续降雨道路中断，申请延期", "走访对象外出务工，返乡后办理", "需部门配合，申请延期")
SUSPENSIONS: Final = ("等待部门鉴定结论", "对象住院治疗，待出院后办理", "施工未完，暂缓办理")


class Work(NamedTuple):
    """One task and the people around it: who does it, who else could, who verifies it.

    `not_met` are the numbers of the households that nobody opens at.
    """

    chain: Chain
    chance: random.Random
    category: str
    grid: int
    worker: str
    other: str
    operator: str
    not_met: tuple[int, ...] = ()

    def note(self) -> dict[str, Any]:
        """Return the body of a submission."""
        return {"note": self.chance.choice(NOTES)}

    @property
    def last(self) -> int:
        """The last working moment after the issue that keeps the handling limit."""
        return HANDLING.get(self.category, HANDLING_ELSE)

    def accepted(self, who: str | None = None) -> int:
        """Let the worker accept and return how many moments that took."""
        after = self.chance.choice(ACCEPTANCE.get(self.category, ACCEPTANCE_ELSE))
        self.chain.then(after, who or self.worker, "accept")
        return after

    def handled(self, within: int) -> int:
        """Let the worker begin so that some of `within` moments are left, and return how many."""
        begins = self.chance.randint(1, max(1, within - 1))
        self.chain.then(begins, self.worker, "handle")
        return max(1, within - begins)

    def begun(self) -> int:
        """Let the worker accept and begin; return in how many moments the submission is to follow."""
        after = self.chance.choice(ACCEPTANCE.get(self.category, ACCEPTANCE_ELSE))
        self.chain.then(after, self.worker, "accept", {"begin": True})
        most = self.last - after
        return self.chance.randint(min(2, most), most)

    def submitted(self, after: int) -> None:
        """Let the worker submit."""
        self.chain.then(after, self.worker, "submit", self.note(), not_met=self.not_met)

    def closed(self, after: int | None = None) -> None:
        """Let the centre verify the work and find it good."""
        moments = self.chance.choice((1, 1, 2, 3, 4)) if after is None else after
        self.chain.then(moments, self.operator, "verify", {"passed": True})


def ordinary(work: Work) -> None:
    """Let it be accepted, handled, submitted and closed, all in time."""
    work.submitted(work.begun())
    work.closed()


def on_a_day_off(work: Work) -> None:
    """Let those on duty do it the same day; it is verified at the next moment."""
    work.chain.then(1, work.worker, "accept").then(0, work.worker, "handle")
    work.submitted(1)
    work.closed(1)


def declined(work: Work) -> None:
    """Decline it: the centre gives it to the neighbouring grid, whose part-time worker does it."""
    neighbour = (work.grid + 1) % len(GRIDS)
    reason = work.chance.choice(DECLINES)
    work.chain.then(1, work.worker, "decline", {"reason": reason})
    body = {"reason": reason, "grid": GRIDS[neighbour].code}
    work.chain.then(1, work.operator, "transfer", body)
    ordinary(work._replace(grid=neighbour, worker=f"part-time-{neighbour + 1}"))


def transferred(work: Work) -> None:
    """Give it to another person of the grid after it was accepted."""
    work.accepted()
    body = {"reason": work.chance.choice(TRANSFERS), "assignee": work.other}
    work.chain.then(1, work.operator, "transfer", body)
    taken_over = work._replace(worker=work.other)
    taken_over.chain.then(1, work.other, "accept")
    taken_over.submitted(taken_over.handled(2))
    taken_over.closed()


def _rework(work: Work) -> None:
    work.chain.then(1, work.operator, "verify", {"passed": False, "note": work.chance.choice(RETURNS)})
    work.chain.then(1, work.worker, "handle")
    work.submitted(1)


def returned(work: Work) -> None:
    """Let the first verification find something to mend."""
    work.submitted(work.begun())
    _rework(work)
    work.closed()


def returned_twice(work: Work) -> None:
    """Let the second find something too."""
    work.submitted(work.begun())
    _rework(work)
    _rework(work)
    work.closed()


def _asked(work: Work, *, granted: bool) -> None:
    work.accepted()
    work.chain.then(1, work.worker, "handle")
    work.chain.then(1, work.worker, "request-extension", {"reason": work.chance.choice(EXTENSIONS)})
    body = {"granted": granted, "note": "" if granted else "按原时限抓紧办理"}
    work.chain.then(1, work.operator, "decide-extension", body)


def extended(work: Work) -> None:
    """Ask for more time, which is granted and needed."""
    _asked(work, granted=True)
    work.submitted(work.chance.randint(work.last - 4, work.last + 2))
    work.closed()


def not_extended(work: Work) -> None:
    """Ask for more time, which is refused."""
    _asked(work, granted=False)
    work.submitted(1)
    work.closed()


def _suspended(work: Work, pause: int) -> None:
    work.accepted()
    work.chain.then(1, work.worker, "handle")
    until = work.chain.later(pause + 1)
    body = {"reason": work.chance.choice(SUSPENSIONS), "until": until.isoformat()}
    work.chain.then(1, work.operator, "suspend", body)


def suspended(work: Work) -> None:
    """Let the clock wait and go on by itself."""
    pause = work.chance.randint(18, 60)
    _suspended(work, pause)
    work.submitted(pause + 1)
    work.closed()


def resumed(work: Work) -> None:
    """Let the clock wait; the centre lets it go on sooner."""
    _suspended(work, 36)
    work.chain.then(work.chance.randint(3, 20), work.operator, "resume")
    work.submitted(1)
    work.closed()


def late(work: Work) -> None:
    """Submit it after the deadline."""
    after = work.accepted()
    left = work.handled(work.last - after)
    work.submitted(left + work.chance.randint(2, 9))
    work.closed()


def _offline(work: Work, *, twice: bool) -> None:
    left = max(2, work.begun())
    done = work.chain.later(left - 1) + timedelta(minutes=work.chance.randint(5, 60))
    body = work.note()
    work.chain.then(left, work.worker, "submit", body, device_at=done, not_met=work.not_met)
    if twice:
        work.chain.again()
    work.closed()


def offline(work: Work) -> None:
    """Submit it where there is no network; the phone sends it later."""
    _offline(work, twice=False)


def sent_twice(work: Work) -> None:
    """Send it again under the same key, as the phone did not hear the answer."""
    _offline(work, twice=True)


def verified_by_the_worker(work: Work) -> None:
    """Let the worker try to verify the work: refused."""
    work.submitted(work.begun())
    work.chain.then(0, work.worker, "verify", {"passed": True}, refused=REFUSED)
    work.closed()


def submitted_by_another(work: Work) -> None:
    """Let somebody who is not responsible try to submit: refused."""
    left = work.begun()
    work.chain.then(0, work.other, "submit", work.note(), refused=NOT_MINE)
    work.submitted(left)
    work.closed()


def submitted_too_soon(work: Work) -> None:
    """Try to submit before the work has begun: refused."""
    work.accepted()
    work.chain.then(0, work.worker, "submit", work.note(), refused=NOT_YET)
    work.submitted(work.handled(2))
    work.closed()


def accepted_elsewhere(work: Work) -> None:
    """Let the chief of another grid try to accept it: refused."""
    neighbour = (work.grid + 1) % len(GRIDS)
    work.chain.then(1, f"chief-{neighbour + 1}", "accept", refused=ELSEWHERE)
    work.chain.then(0, work.worker, "accept")
    work.submitted(work.handled(2))
    work.closed()


def instructed(work: Work) -> None:
    """Let a leader add an instruction."""
    after = work.accepted()
    work.chain.then(0, "supervisor", "instruct", {"note": "请务必抓实抓细，确保安全。"})
    work.submitted(work.handled(max(2, work.last - after - 1)))
    work.closed()


def cancelled(work: Work) -> None:
    """Take it back after it was accepted; nothing more can be done with it."""
    work.accepted()
    work.chain.then(1, work.operator, "cancel", {"reason": "上级任务取消"})
    work.chain.then(1, work.worker, "handle", refused=ENDED)
