"""What time can't be told to do, over HTTP: each is refused with the reason, and leaves no trace."""

from typing import Any

import pytest

from tests.e2e.http.town import Town

HOURS = {"kind": "working_hours", "amount": 4}
LIMITS = {"acceptance": HOURS, "handling": HOURS}
STEP = {"name": "reminder", "share": 0.8, "level": "reminder", "to": ["chief"]}
CARD = {"name": "card", "share": 1.0, "level": "yellow_card", "to": ["chief"]}
FLOOD = {"grade": "II", "reason": "暴雨橙色预警"}
PLAN = {"title": "巡逻", "category": "patrol", "schedule": {"times": ["08:00"]}}
NEVER = {"times": ["08:00"], "days": [30], "months": [2]}
BACKWARDS = {"starts": "2190-01-02T08:00:00+08:00", "ends": "2190-01-01T08:00:00+08:00"}
YEARS = {"kind": "calendar_days", "amount": 367}


def policy(**changes: Any) -> dict[str, Any]:
    return {"task_limits": {"*": LIMITS}, "case_limits": {"*": LIMITS}, **changes}


def limited(limit: dict[str, Any]) -> dict[str, Any]:
    return policy(task_limits={"*": {"acceptance": HOURS, "handling": limit}})


LONGEST = ("limit-out-of-range", "at least one and at most a year")
NOTHING = ("request-malformed", "greater than 0")
RISES = ("ladder-does-not-rise", "comes later than the one before")
POLICIES: list[tuple[dict[str, Any], str, str]] = [
    (policy(ladder=[CARD, STEP]), *RISES),
    (
        policy(ladder=[STEP, {**CARD, "share": 0.8}]),
        "ladder-does-not-rise",
        "comes later than the one before",
    ),
    (policy(ladder=[STEP]), "ladder-only-warns", "the limit is used up"),
    (policy(ladder=[{**STEP, "share": 0}]), *NOTHING),
    (policy(ladder=[]), "request-malformed", "at least 1 item"),
    (limited({"kind": "working_days", "amount": 0}), *NOTHING),
    (limited({"kind": "clock_hours", "amount": -1}), *NOTHING),
    (limited(YEARS), *LONGEST),
    (policy(emergency_task_limits={"*": LIMITS}), "emergency-limit-waits", "the watch is 24 hours"),
]
PLANS: list[tuple[dict[str, Any], str, str]] = [
    ({"schedule": NEVER}, "plan-never-comes-round", "No time fits this schedule"),
    ({"schedule": {"times": ["08:00:01"]}}, "schedule-without-time", "in whole minutes"),
    ({"schedule": {"times": ["08:00", "08:01"]}}, "schedule-too-dense", "at most every 15 minutes"),
    (BACKWARDS, "plan-ends-before-it-starts", "ends after it starts"),
    ({"ends": "2001-01-01T08:00:00+08:00"}, "plan-ends-before-it-starts", "and after now"),
]


def refused(town: Town, who: str, method: str, path: str, body: dict[str, Any]) -> tuple[str, str]:
    """Try what must be refused without any effect; returns the code, and all that is said of it."""
    head = town.root.head()
    answer = town.by(who).send(method, f"/api/v1{path}", body)
    assert 400 <= answer.status < 500, answer
    assert town.written_by(who, head) == []  # a sweep may write meanwhile
    return answer.code, answer.content.decode()


@pytest.mark.parametrize(("body", "code", "reason"), POLICIES)
def test_a_policy_that_can_not_be_meant(town: Town, body: dict[str, Any], code: str, reason: str) -> None:
    found, said = refused(town, "administrator", "PUT", f"/policies/{town.code}", body)
    assert (found, reason in said) == (code, True), said


@pytest.mark.parametrize(("changes", "code", "reason"), PLANS)
def test_a_plan_that_can_not_be_meant(town: Town, changes: dict[str, Any], code: str, reason: str) -> None:
    found, said = refused(town, "operator", "POST", "/plans", {"scope": town.code, **PLAN, **changes})
    assert (found, reason in said) == (code, True), said


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ({"kind": "working_hours", "amount": 0}, NOTHING),
        ({"kind": "clock_hours", "amount": -2}, NOTHING),
        ({"kind": "clock_hours", "amount": 0.001}, LONGEST),
        (YEARS, LONGEST),
    ],
)
def test_a_task_with_a_limit_of_nothing_or_over_a_year(
    town: Town, limit: dict[str, Any], why: tuple[str, str]
) -> None:
    body = {"grids": town.grids[:1], "title": "巡查", "category": "patrol", "limit": limit}
    found, said = refused(town, "operator", "POST", "/tasks", body)
    assert (found, why[1] in said) == (why[0], True), said


def test_emergencies_that_overlap(town: Town) -> None:
    town.do("operator", "/mode/enter", {"scope": town.grids[0], **FLOOD})
    for scope in (town.grids[0], town.grids[0][:12], town.code):
        found, said = refused(town, "operator", "POST", "/mode/enter", {"scope": scope, **FLOOD})
        assert (found, "leave that one first" in said) == ("emergency-overlaps", True), said
    town.do("operator", "/mode/leave", {"scope": town.grids[0], "reason": "预警解除"})


def test_a_suspension_that_ends_before_it_begins(town: Town) -> None:
    task = town.issue(assignee="wang")
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    past = "2001-01-01T08:00:00+08:00"
    body = {"reason": "停工", "until": past}
    found, said = refused(town, "operator", "POST", f"/tasks/{task}/suspend", body)
    assert (found, "ends after now" in said) == ("suspension-end-unacceptable", True), said


def test_a_window_that_ends_before_it_begins(town: Town) -> None:
    answer = town.by("supervisor").get("/api/v1/figures?from=2023-02-01&until=2023-01-01")
    assert answer.status == 422, answer
    assert answer.code == "window-reversed", answer
