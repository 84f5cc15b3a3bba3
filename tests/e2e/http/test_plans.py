"""Recurring plans and visits over HTTP: a plan issues its tasks, a visit is on the household's record."""

from typing import Any

import pytest

from tests.e2e.http.test_life import WORK, known, let_pass, now, refusal, step
from tests.e2e.http.town import Town

DAILY = {"times": ["08:00"]}


def terms(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "scope": town.code,
        "title": "重点住户走访",
        "category": "visit",
        "schedule": DAILY,
        "targets": {"classes": ["key"]},
        "assign_to": "chief",
        **more,
    }


def recorded(town: Town, number: int) -> list[str]:
    household = {"grid": town.grids[0], "household_class": "key", "name": "张三户", "address": "一组12号"}
    done = town.do("administrator", "/households", {"households": [household] * number})
    return [item["id"] for item in done.json["items"]]


def test_a_plan_issues_visits_by_itself_and_the_households_keep_them(town: Town) -> None:
    met, away = sorted(recorded(town, 2))
    plan = town.do("operator", "/plans", terms(town)).item("plan")
    let_pass(town, hours=25)
    shown = town.read("supervisor", f"/plans/{plan}?{known(town)}")
    assert (shown["status"], shown["occurrences"] >= 1) == ("running", True)
    last = town.read("supervisor", f"/plans/{plan}/occurrences?limit=1&{known(town)}")["items"][0]
    (task,) = last["tasks"]
    listed = town.read("li", f"/tasks?plan={plan}&open=true&{known(town)}")["items"]
    assert task in [item["id"] for item in listed]
    item = town.read("li", f"/tasks/{task}?{known(town)}")
    assert (item["households"], item["assignee"], item["plan"]) == ([met, away], "li", plan)

    assert step(town, "li", f"/tasks/{task}/accept", {"begin": True}) == "in_progress"
    stranger = {**WORK, "not_met": [task]}
    assert refusal(town, "li", f"/tasks/{task}/submit", stranger) == "not-to-be-visited"
    assert step(town, "li", f"/tasks/{task}/submit", {**WORK, "not_met": [away]}) == "submitted"
    closed = town.do("operator", f"/tasks/{task}/verify", {"passed": True}).json["items"]
    assert [(one["kind"], one["id"]) for one in closed] == [("task", task), ("household", met)]

    timeline = town.read("li", f"/households/{met}/timeline?{known(town)}")["entries"]
    assert [entry["name"] for entry in timeline] == ["household.recorded", "household.visited"]
    assert "张三" not in str(timeline)
    never = town.read(
        "supervisor", f"/households?visited_before={now(town).year + 2}-01-01&sort=visited&{known(town)}"
    )
    assert [(one["id"], one["visits"]) for one in never["items"]] == [(met, 1), (away, 0)]
    numbers = {one["id"]: one["number"] for one in never["items"]}
    assert "张三" not in str(never)
    by_due = town.read("li", f"/households?sort=due&task={task}&{known(town)}")["items"]
    assert {one["id"]: one["number"] for one in by_due} == numbers
    # Within the week in which they were put on record neither is due before the other.
    assert [one["visit_due"] for one in by_due] == sorted(one["visit_due"] for one in by_due)
    if by_due[0]["visit_due"] != by_due[1]["visit_due"]:
        assert by_due[0]["id"] == away
    assert sorted(numbers.values()) == [1, 2]
    assert (
        town.read("li", f"/households?number={numbers[met]}&overdue=false&{known(town)}")["items"][0]["id"]
        == met
    )
    assert town.read("zhao", f"/households?{known(town)}")["total"] == 0
    assert town.by("zhao").get(f"/api/v1/households/{met}").code == "out-of-scope"
    for part in ("numerator", "denominator"):
        behind = town.read("supervisor", f"/figures/visit_coverage/ids?part={part}&{known(town)}")
        assert behind["kind"] == "household"

    assert step(town, "operator", f"/plans/{plan}/pause", {"reason": "汛期"}) == "paused"
    assert step(town, "operator", f"/plans/{plan}/resume") == "running"
    changed = town.by("operator").send("PUT", f"/api/v1/plans/{plan}", terms(town, title="每日走访"))
    assert changed.status == 200
    assert step(town, "operator", f"/plans/{plan}/end", {"reason": "不再需要"}) == "ended"
    assert refusal(town, "operator", f"/plans/{plan}/resume") == "plan-has-ended"
    names = [
        entry["name"] for entry in town.read("auditor", f"/plans/{plan}/timeline?{known(town)}")["entries"]
    ]
    assert names[-4:] == ["plan.paused", "plan.resumed", "plan.changed", "plan.ended"]
    assert town.by("li").get(f"/api/v1/plans/{plan}").code == "role-not-allowed"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("plan-never-comes-round", {"schedule": {"times": ["08:00"], "days": [30], "months": [2]}}),
        ("schedule-without-time", {"schedule": {"times": ["08:00:01"]}}),
        ("schedule-too-dense", {"schedule": {"times": ["08:00", "08:01"]}}),
        ("schedule-unacceptable", {"schedule": {"times": ["08:00"], "days": [0]}}),
        ("request-malformed", {"schedule": {"times": ["08:00+08:00"]}}),
        ("request-malformed", {"schedule": {"times": [28800]}}),
        ("request-malformed", {"schedule": {"times": []}}),
        (
            "plan-ends-before-it-starts",
            {"starts": "2190-01-02T08:00:00+08:00", "ends": "2190-01-01T08:00:00+08:00"},
        ),
        ("plan-targets-unacceptable", {"assign_to": "leader"}),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_the_reason(
    town: Town, code: str, changes: dict[str, Any]
) -> None:
    assert refusal(town, "operator", "/plans", terms(town, **changes)) == code
