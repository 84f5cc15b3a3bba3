"""The year's 307 cases reported by the nine grids, with what goes otherwise than it should."""

import random
from http import HTTPStatus
from typing import Final

from dispatch.demo.town import OPERATORS
from dispatch.demo.year.case_kinds import REWORK
from dispatch.demo.year.cases import Report, ordinary, report, report_beside
from dispatch.demo.year.plan import Plan

CASES: Final = 307
SELF_HANDLED: Final = 88
"""How many of them the worker puts right on the spot."""
MERGED: Final = 3
VOIDED: Final = 2
"""Cases beside the 307: merged for good or voided, they are in no rate."""
HANDLED_BY_CHECKER: Final = (HTTPStatus.CONFLICT, "checker-handled-it")
NOT_CHECKED: Final = (HTTPStatus.CONFLICT, "case-status-forbids")


def _reworked(report: Report) -> None:
    """Let the check find that it is not fixed: rework."""
    report.registered()
    report.dispatched()
    report.handled()
    failed = {"passed": False, "note": report.chance.choice(REWORK)}
    report.chain.then(1, report.checker, "check", failed)
    report.finished(report.chance.randint(1, 3))
    report.closed()


def _reopened(report: Report) -> None:
    """Let whoever reported be dissatisfied: it is reopened, with a new clock."""
    ordinary(report)
    dissatisfied = {"satisfied": False, "note": "问题反复出现"}
    report.chain.then(report.chance.randint(2, 6), report.checker, "follow-up", dissatisfied)
    report.dispatched()
    report.handled()
    report.closed()
    report.chain.then(2, report.checker, "follow-up", {"satisfied": True})


def _followed_up(report: Report) -> None:
    ordinary(report)
    report.chain.then(report.chance.randint(2, 12), report.checker, "follow-up", {"satisfied": True})


def _extended(report: Report) -> None:
    report.registered()
    report.dispatched()
    report.chain.then(1, report.handler, "handle")
    report.chain.then(1, report.handler, "request-extension", {"reason": "需采购配件，申请延期"})
    granter = next(desk for desk in OPERATORS if desk != report.handler)
    report.chain.then(1, granter, "decide-extension", {"granted": True})
    report.finished(8)
    report.closed()


def _suspended(report: Report) -> None:
    report.registered()
    report.dispatched()
    report.chain.then(1, report.handler, "handle")
    pause = report.chance.randint(10, 20)
    body = {"reason": "等待鉴定结论", "until": report.chain.later(pause).isoformat()}
    report.chain.then(1, report.operator, "suspend", body)
    report.finished(pause + 1)
    report.closed()


def _declined(report: Report) -> None:
    """Let the handler send it back to the centre, which gives it to somebody else."""
    report.registered()
    report.dispatched()
    report.chain.then(1, report.handler, "decline", {"reason": "不属于本单位职责"})
    report.chain.then(1, report.operator, "dispatch", {"department": "governance"})
    handled_by_another = report._replace(handler=_third(report))
    handled_by_another.handled(3)
    handled_by_another.closed()


def _transferred(report: Report) -> None:
    report.registered()
    report.dispatched()
    body = {"reason": "转主管部门处理", "department": "civil-affairs"}
    report.chain.then(1, report.operator, "transfer", body)
    handled_by_another = report._replace(handler=_third(report))
    handled_by_another.handled(4)
    handled_by_another.closed()


def _third(report: Report) -> str:
    """Return the operator who neither runs nor checks the case and records what the department does."""
    return next(desk for desk in OPERATORS if desk not in (report.operator, report.checker))


def _late(report: Report) -> None:
    report.registered()
    report.dispatched()
    report.chain.then(2, report.handler, "handle")
    report.finished(report.chance.randint(70, 90))
    report.closed()


def _handed_up(report: Report) -> None:
    """Let the district settle it; the town closes it."""
    report.registered()
    report.chain.then(1, report.operator, "hand-up", {"reason": "涉及跨镇河道，提级办理"})
    report.chain.then(report.chance.randint(8, 20), report.checker, "close", {"note": "区级已办结"})


def _appealed(report: Report) -> None:
    """Refuse it by mistake; it is appealed against and taken on after all."""
    report.chain.then(1, report.operator, "refuse", {"reason": "不属于受理范围"})
    report.chain.then(1, report.reporter, "appeal", {"reason": "确属本镇管辖，请复核"})
    body = {"upheld": True, "reason": "经复核，应予受理"}
    report.chain.then(1, report.checker, "decide-appeal", body)
    ordinary(report)


def _checked_by_the_handler(report: Report) -> None:
    """Let the worker who put it right try to check it: refused."""
    by_worker = report._replace(handler=report.reporter)
    by_worker.registered()
    by_worker.dispatched()
    by_worker.handled()
    by_worker.chain.then(0, by_worker.handler, "check", {"passed": True}, refused=HANDLED_BY_CHECKER)
    by_worker.closed()


def _closed_too_soon(report: Report) -> None:
    """Try to close it before anybody has checked: refused."""
    report.registered()
    report.dispatched()
    report.handled()
    report.chain.then(0, report.checker, "close", {}, refused=NOT_CHECKED)
    report.closed()


def _instructed(report: Report) -> None:
    report.registered()
    report.chain.then(0, "supervisor", "instruct", {"note": "请尽快处置，确保群众安全。"})
    report.dispatched()
    report.handled()
    report.closed()


COURSES: Final = (
    (_reworked, 11),
    (_reopened, 4),
    (_followed_up, 46),
    (_extended, 6),
    (_suspended, 4),
    (_declined, 6),
    (_transferred, 5),
    (_late, 4),
    (_handed_up, 2),
    (_appealed, 2),
    (_checked_by_the_handler, 3),
    (_closed_too_soon, 3),
    (_instructed, 8),
)
OFFLINE: Final = 22
"""Reports made where there is no network, sent later."""
SENT_TWICE: Final = 9
"""Of these, how many the phone sends two times: one case each."""


def _merged(plan: Plan, chance: random.Random, *, undone: bool) -> None:
    """Plan a report that is taken for a duplicate of another one, and how that is undone if it is none."""
    survivor = report(plan, chance)
    survivor.registered()
    duplicate = report_beside(plan, survivor)
    body = {"reason": "与前一事件地点、内容相同"}
    duplicate.chain.then(1, survivor.operator, "merge", body, names=("into", survivor.chain.item))
    if undone:
        duplicate.chain.then(2, survivor.operator, "unmerge", {"reason": "经核对为另一处，撤销并案"})
        ordinary(duplicate)
    # The survivor is still open when the duplicate is merged into it, and not acted on at that moment.
    survivor.chain.at += 1
    survivor.dispatched()
    survivor.handled()
    survivor.closed()


def plan_cases(plan: Plan) -> None:
    """Plan the 307 cases, all closed in the year, and the few that are in no rate."""
    chance = random.Random(f"cases {plan.seed}")  # noqa: S311 - a plan, not a secret
    for _ in range(SELF_HANDLED):
        report(plan, chance, on_the_spot=True)
    for course, times in COURSES:
        for _ in range(times):
            course(report(plan, chance))
    _merged(plan, chance, undone=True)
    rest = CASES - SELF_HANDLED - sum(times for _, times in COURSES) - 2
    for number in range(rest - MERGED):
        ordinary(report(plan, chance, offline=number < OFFLINE, twice=number < SENT_TWICE))
    for _ in range(MERGED):
        _merged(plan, chance, undone=False)
    for _ in range(VOIDED):
        mistaken = report(plan, chance)
        mistaken.chain.then(1, mistaken.operator, "void", {"reason": "误报"})
