"""The life of tasks and cases over HTTP, from first to last: steps, refusals, figures, lists, timelines."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.domain.rhythm import SHANGHAI
from tests.e2e.http.client import Answer
from tests.e2e.http.test_bad_time import policy
from tests.e2e.http.town import DIGEST, Town

WORK = {"note": "已清理完毕", "evidence": [DIGEST]}


def step(town: Town, who: str, path: str, body: Any = None) -> str:
    """Take a step that must succeed; returns the item's status afterwards."""
    items = town.do(who, path, body).json["items"]
    status: str = items[0]["status"]
    return status


def refusal(town: Town, who: str, path: str, body: Any = None) -> str:
    """Try a step that must be refused, without any effect; returns the code."""
    head = town.root.head()
    answer = town.by(who).post(f"/api/v1{path}", body)
    assert 400 <= answer.status < 500, answer
    assert town.written_by(who, head) == []  # a sweep may write meanwhile
    return answer.code


def now(town: Town) -> datetime:
    return datetime.fromisoformat(town.read("operator", "/clock")["now"])


def let_pass(town: Town, **time: float) -> datetime:
    """Set the simulated clock forward; returns what time it is then."""
    at = now(town) + timedelta(**time)
    assert town.root.send("PUT", "/api/v1/clock", {"now": at.isoformat()}).status == 200
    return at


def url_time(at: datetime) -> str:
    return at.isoformat().replace("+", "%2B")


def known(town: Town) -> str:
    """What a read is to wait for: everything written so far."""
    return f"after={town.root.head()}"


def pages(town: Town, path: str, items: str, limit: int) -> Iterator[Any]:
    """Follow a list from page to page; checks each page's size and that the total never changes."""
    mark = "&" if "?" in path else "?"
    page = town.read("supervisor", f"{path}{mark}limit={limit}")
    total = page["total"]
    while True:
        assert page["total"] == total
        assert len(page[items]) <= limit
        yield from page[items]
        if page["next"] is None:
            return
        page = town.read("supervisor", f"{path}{mark}limit={limit}&cursor={page['next']}")


def test_a_task_goes_from_issue_to_close_with_a_return_on_the_way(town: Town) -> None:
    task = town.issue(assignee="wang", limit={"kind": "working_days", "amount": 3})
    path = f"/tasks/{task}"
    assert refusal(town, "worker", f"{path}/submit", WORK) == "task-status-forbids"
    assert refusal(town, "zhao", f"{path}/accept") == "out-of-scope"
    assert refusal(town, "li", f"{path}/accept") == "task-assigned-to-another"
    assert step(town, "worker", f"{path}/accept") == "accepted"
    assert step(town, "worker", f"{path}/handle") == "in_progress"
    assert step(town, "supervisor", f"{path}/instruct", {"note": "请今日内办结"}) == "in_progress"
    assert step(town, "worker", f"{path}/request-extension", {"reason": "下雨"}) == "in_progress"
    assert refusal(town, "worker", f"{path}/request-extension", {"reason": "下雨"}) == (
        "extension-already-requested"
    )
    due = town.read("worker", f"{path}?{known(town)}")["handling_due"]
    assert step(town, "operator", f"{path}/decide-extension", {"granted": True}) == "in_progress"
    assert town.read("worker", f"{path}?{known(town)}")["handling_due"] > due
    assert step(town, "worker", f"{path}/submit", WORK) == "submitted"
    assert refusal(town, "worker", f"{path}/verify", {"passed": True}) == "role-not-allowed"
    assert refusal(town, "operator", f"{path}/verify", {"passed": False}) == "reason-missing"
    assert step(town, "operator", f"{path}/verify", {"passed": False, "note": "照片不清"}) == "returned"
    assert step(town, "worker", f"{path}/submit", WORK) == "submitted"
    assert step(town, "operator", f"{path}/verify", {"passed": True}) == "closed"
    assert refusal(town, "operator", f"{path}/cancel", {"reason": "x"}) == "task-ended"
    assert refusal(town, "worker", f"{path}/accept") == "task-ended"

    timeline = town.read("supervisor", f"{path}/timeline?{known(town)}")["entries"]
    assert [entry["name"] for entry in timeline] == [
        "task.issued",
        "task.accepted",
        "task.handling_started",
        "task.instructed",
        "task.extension_requested",
        "task.extension_granted",
        "task.submitted",
        "task.returned",
        "task.submitted",
        "task.closed",
    ]
    assert [entry["version"] for entry in timeline] == list(range(1, 11))
    assert [entry["person"] for entry in timeline[:2]] == ["operator", "王芳"]
    figures = town.read("supervisor", f"/figures?{known(town)}")["figures"]
    assert figures["completion_rate"] == {"numerator": 1, "denominator": 1, "rate": 100.0}
    assert figures["task_rework_rate"] == {"numerator": 1, "denominator": 1, "rate": 100.0}
    assert figures["closure_rate"] == {"numerator": 0, "denominator": 0, "rate": None}


def test_a_task_is_declined_transferred_suspended_and_cancelled(town: Town) -> None:
    task = town.issue()
    path = f"/tasks/{task}"
    assert step(town, "worker", f"{path}/decline", {"reason": "不属于本网格"}) == "declined"
    body = {"reason": "属二网格", "grid": town.grids[1], "assignee": "zhao"}
    assert refusal(town, "operator", f"{path}/transfer", body | {"assignee": "li"}) == "assignee-not-in-grid"
    assert step(town, "operator", f"{path}/transfer", body) == "issued"
    assert step(town, "zhao", f"{path}/accept") == "accepted"
    until = {"reason": "等待上级", "until": (now(town) + timedelta(days=3)).isoformat()}
    assert step(town, "operator", f"{path}/suspend", until) == "suspended"
    assert refusal(town, "zhao", f"{path}/handle") == "task-status-forbids"
    assert step(town, "operator", f"{path}/resume") in {"accepted", "in_progress"}
    assert refusal(town, "operator", f"{path}/suspend", until) == "suspensions-used-up"
    assert step(town, "operator", f"{path}/cancel", {"reason": "重复下发"}) == "cancelled"
    board = town.read("supervisor", f"/figures?{known(town)}")
    assert board["figures"]["completion_rate"]["denominator"] == 0
    assert board["counts"]["tasks"]["cancelled"] == 1


def test_a_case_goes_from_report_to_close_with_a_rework_and_a_reopening(town: Town) -> None:
    case = town.report(source="resident", reporter={"name": "张三", "telephone": "13800000000"})
    path = f"/cases/{case}"
    assert refusal(town, "operator", f"{path}/register") == "case-status-forbids"
    assert step(town, "operator", f"{path}/accept") == "accepted"
    assert refusal(town, "operator", f"{path}/register") == "case-not-verified"
    assert step(town, "worker", f"{path}/verify", {"genuine": True}) == "accepted"
    assert step(town, "operator", f"{path}/register") == "registered"
    assert refusal(town, "operator", f"{path}/dispatch", {}) == "one-handler"
    assert refusal(town, "operator", f"{path}/dispatch", {"department": "nobody"}) == "department-unknown"
    assert step(town, "operator", f"{path}/dispatch", {"assignee": "wang"}) == "dispatched"
    assert refusal(town, "li", f"{path}/handle") == "not-the-handler"
    assert step(town, "worker", f"{path}/handle") == "handling"
    assert step(town, "worker", f"{path}/finish", WORK) == "handled"
    assert refusal(town, "operator", f"{path}/start-check", {"checker": "wang"}) == "checker-handled-it"
    assert refusal(town, "operator", f"{path}/start-check", {"checker": "zhao"}) == "checker-not-in-grid"
    assert step(town, "operator", f"{path}/start-check", {"checker": "li"}) == "checking"
    assert to_check(town, "li") == [case]
    assert to_check(town, "worker", "wang") == []
    assert refusal(town, "operator", f"{path}/close", {}) == "check-not-passed"
    assert not town.read("operator", f"{path}?{known(town)}")["check_passed"]
    assert step(town, "li", f"{path}/check", {"passed": False, "note": "未清完"}) == "handling"
    assert to_check(town, "li") == []
    assert step(town, "worker", f"{path}/finish", WORK) == "handled"
    assert step(town, "operator", f"{path}/check", {"passed": True}) == "checking"
    checked = town.read("operator", f"{path}?{known(town)}")
    assert (checked["check_passed"], checked["checker"]) == (True, town.accounts["operator"].name)
    assert step(town, "operator", f"{path}/close", {"note": "已结"}) == "closed"
    closed = town.root.head()
    assert step(town, "operator", f"{path}/follow-up", {"satisfied": False, "note": "又堆了"}) == "reopened"
    assert town.read("operator", f"{path}?{known(town)}")["checker"] is None
    figures = town.read("supervisor", f"/figures?{known(town)}")["figures"]
    assert figures["closure_rate"]["rate"] == 0
    assert figures["rework_rate"]["numerator"] == 1
    then = town.read("supervisor", f"/figures?known_at={closed}")["figures"]
    assert then["closure_rate"] == {"numerator": 1, "denominator": 1, "rate": 100.0}


def to_check(town: Town, who: str, member: str | None = None) -> list[str]:
    """The cases that a worker is to check, as his phone asks for them."""
    asked = f"checker={member or who}&status=checking&check_passed=false&{known(town)}"
    return [one["id"] for one in town.read(who, f"/cases?{asked}")["items"]]


def test_duplicates_are_merged_and_come_back(town: Town) -> None:
    first, second = town.report(), town.report()
    body = {"into": first, "reason": "同一处"}
    assert step(town, "operator", f"/cases/{second}/merge", body) in {"merged", "reported"}
    assert refusal(town, "operator", f"/cases/{first}/merge", body | {"into": second}) in {
        "merge-makes-cycle",
        "merged-into-itself",
    }
    assert town.read("operator", f"/cases/{second}?{known(town)}")["status"] == "merged"
    board = town.read("supervisor", f"/figures?{known(town)}")
    assert (board["counts"]["cases"]["reported"], board["counts"]["cases"]["merged"]) == (1, 1)
    town.do("operator", f"/cases/{second}/unmerge", {"reason": "不是同一处"})
    assert town.read("operator", f"/cases/{second}?{known(town)}")["status"] == "reported"
    assert town.read("supervisor", f"/figures?{known(town)}")["counts"]["cases"]["reported"] == 2


def test_a_dispute_gets_a_number_and_is_struck_off(town: Town) -> None:
    case = town.report(category="dispute", title="邻里纠纷")
    town.do("operator", f"/cases/{case}/accept")
    path = f"/disputes/{case}"
    assert refusal(town, "operator", f"/cases/{case}/register") == "case-is-dispute"
    assert step(town, "operator", f"{path}/register") == "registered"
    assert step(town, "operator", f"{path}/classify", {"kind": "neighbours", "major": True}) == "classified"
    assert step(town, "operator", f"{path}/assign", {"mediator": "wang"}) == "assigned"
    assert refusal(town, "worker", f"{path}/mediate", {"level": "moon"}) == "mediation-level-unknown"
    assert step(town, "worker", f"{path}/mediate", {"level": "courtyard"}) == "mediating"
    assert step(town, "worker", f"{path}/agree", {"terms": "各让一步"}) == "agreed"
    assert step(town, "worker", f"{path}/perform", {"note": "已履行"}) == "performed"
    assert step(town, "worker", f"{path}/follow-up", {"settled": True}) == "followed_up"
    assert refusal(town, "operator", f"{path}/strike-off", {"note": "x"}) == "evidence-missing"
    assert step(town, "operator", f"{path}/strike-off", WORK) == "struck_off"
    item = town.read("supervisor", f"/cases/{case}?{known(town)}")
    assert item["number"]
    figures = town.read("supervisor", f"/figures?{known(town)}")["figures"]
    assert figures["resolution_rate"]["rate"] == figures["strike_off_rate"]["rate"] == 100.0


def test_a_permit_is_reported_judged_and_corrected(town: Town) -> None:
    body = {"grid": town.code, "number": "万顺许准字〔2023〕12号", "title": "占道许可", "holder": "张三"}
    made = town.do("operator", "/permits", body)
    permit = made.item("case")
    assert town.do("operator", "/permits", body).json["position"] >= made.position
    # Mistyped: voided, and recorded anew under its number, as one and the same.
    assert step(town, "operator", f"/cases/{permit}/void", {"reason": "名称写错"}) == "voided"
    body["title"] = "临时占道许可"
    assert town.do("operator", "/permits", body).item("case") == permit
    assert refusal(town, "operator", "/permits", {**body, "title": "占道许可"}) == "permit-already-recorded"
    assert town.read("operator", f"/cases?permits=true&{known(town)}")["total"] == 1
    counts = town.read("supervisor", f"/figures?{known(town)}")["counts"]
    assert (counts["cases"]["voided"], counts["permits"]["decided"]) == (0, 1)
    assert len(town.read("operator", f"/cases/{permit}/deadline")["segments"]) > 0
    assert step(town, "operator", f"/permits/{permit}/report", {"evidence": [DIGEST]}) == "published"
    judged = {"compliant": False, "note": "缺页"}
    assert refusal(town, "operator", f"/permits/{permit}/judge", judged) == "reporter-judges"
    town.add("second", "operator")
    assert step(town, "second", f"/permits/{permit}/judge", judged) == "not_compliant"
    assert step(town, "operator", f"/permits/{permit}/correct", WORK) == "corrected"
    figures = town.read("supervisor", f"/figures?{known(town)}")["figures"]
    assert figures["report_rate"]["rate"] == figures["correction_rate"]["rate"] == 100.0
    assert figures["compliance_rate"]["rate"] == 0


def test_a_campaign_goes_to_all_its_grids_or_to_none(town: Town) -> None:
    issue = {"grids": town.grids, "title": "汛期巡查", "category": "patrol"}
    unknown = issue | {"grids": [*town.grids, f"{town.code}008001"]}
    assert refusal(town, "operator", "/tasks", unknown) == "grid-unknown"
    issued = town.do("operator", "/tasks", issue)
    assert [item["kind"] for item in issued.json["items"]] == ["campaign", "task", "task", "task"]
    campaign = issued.item("campaign")
    task = next(item["id"] for item in issued.json["items"] if item["kind"] == "task")
    town.do("operator", f"/tasks/{task}/cancel", {"reason": "重复"})
    found = town.read("supervisor", f"/campaigns/{campaign}?{known(town)}")
    assert {one["issued_to"] for one in found["tasks"]} == set(town.grids)
    assert found["statuses"] == {"cancelled": 1, "issued": 2}
    assert found["completion_rate"] == {"numerator": 0, "denominator": 2, "rate": 0.0}
    listed = town.read("supervisor", f"/tasks?campaign={campaign}")
    assert listed["total"] == 3


def test_what_was_written_is_read_at_once(town: Town) -> None:
    task = town.issue()
    for number, who in enumerate(("worker", "operator") * 10):
        if who == "worker":
            answer = town.do("worker", "/cases", {"grid": town.grids[0], "category": "other", "title": "x"})
            cases = town.read("operator", f"/cases?after={answer.position}")
            assert cases["total"] == number // 2 + 1
            assert cases["position"] >= answer.position
        else:
            note = {"note": f"{number}"}
            answer = town.do("supervisor", f"/tasks/{task}/instruct", note)
            timeline = town.read("operator", f"/tasks/{task}/timeline?after={answer.position}")
            assert len(timeline["entries"]) == number // 2 + 2
    beyond = town.by("operator").get(f"/api/v1/cases?after={town.root.head() + 1_000}")
    assert (beyond.status, beyond.code) == (422, "position-not-in-log")


def test_a_timeline_names_whom_it_is_about_and_who_has_left_too(town: Town) -> None:
    members = f"/towns/{town.code}/members"
    town.do("administrator", members, {"members": [{"member": "sun", "name": "孙丽"}]})
    town.do("administrator", f"{members}/sun/posts", {"place": town.grids[0], "post": "part_time"})
    case = town.report()
    given = (
        ("accept", None),
        ("register", None),
        ("dispatch", {"assignee": "sun"}),
        ("transfer", {"department": "emergency", "reason": "须专业处置"}),
    )
    for name, body in given:
        town.do("operator", f"/cases/{case}/{name}", body)
    town.do("administrator", f"{members}/sun/posts/end", {"place": town.grids[0], "post": "part_time"})
    town.do("administrator", f"{members}/sun/leave", {"reason": "调离"})
    names = town.read("worker", f"/cases/{case}/timeline?{known(town)}")["names"]
    assert names == {
        "members": {"sun": "孙丽", "wang": "王芳"},
        "departments": {"emergency": "应急办"},
        "grids": {town.grids[0]: f"第{town.grids[0][-6:]}网格"},
    }


def test_who_was_renamed_is_named_as_of_the_moment_asked_about(town: Town) -> None:
    place = f"/towns/{town.code}"
    case = town.report()
    for step, body in (("accept", None), ("register", None), ("dispatch", {"department": "emergency"})):
        town.do("operator", f"/cases/{case}/{step}", body)
    before = now(town)
    let_pass(town, minutes=1)
    for path, name in (("", "千顺镇"), ("/members/wang", "王小芳"), ("/departments/emergency", "应急管理办")):
        assert town.root.send("PATCH", f"/api/v1{place}{path}", {"name": name}).status == 200
    town.do("administrator", f"{place}/departments/emergency/close", {"reason": "机构改革"})
    read = town.read

    def named(moment: str) -> tuple[Any, ...]:
        timeline = read("operator", f"/cases/{case}/timeline?{moment}")
        names = timeline["names"]
        towns = read("supervisor", f"/towns?{moment}")
        offices = read("operator", f"/departments?{moment}")
        return (
            towns[0]["name"],
            (names["members"].get("wang"), timeline["entries"][0]["person"]),
            names["departments"]["emergency"],
            [(one["name"], one["closed"], one["open_cases"]) for one in offices],
        )

    assert named(known(town)) == (
        "千顺镇",
        ("王小芳", "王小芳"),
        "应急管理办",
        [("应急管理办", True, 1)],
    )
    # The account goes by the member's name: where he is signed in, and where accounts are kept.
    assert town.read("worker", "/me")["name"] == "王小芳"
    accounts = read("administrator", f"/accounts?{known(town)}")
    assert [one["name"] for one in accounts if one["member"] == "wang"] == ["王小芳"]
    # An event of the log keeps the name of then.
    reported = read("operator", f"/cases/{case}/timeline?{known(town)}")["entries"][0]
    whole = read("auditor", f"/audit/events/{reported['position']}")
    assert (whole["person"], "王芳 " in whole["zh"]) == ("王芳", True)
    assert named(f"{known(town)}&as_of={url_time(before)}") == (
        "万顺镇",
        ("王芳", "王芳"),
        "应急办",
        [("应急办", False, 1)],
    )
    transfer = {"department": "emergency", "reason": "重派"}
    assert refusal(town, "operator", f"/cases/{case}/transfer", transfer) == "department-is-closed"
    opened = {"department": "emergency", "name": "应急管理办"}
    town.do("administrator", f"{place}/departments", opened)
    assert named(known(town))[3] == [("应急管理办", False, 1)]


def test_a_number_is_the_length_of_the_list_behind_it(town: Town) -> None:
    for grid in (0, 1, 2):
        tasks = [town.issue(town.grids[grid], title=f"第{n}件") for n in range(grid + 2)]
        town.do("operator", f"/tasks/{tasks[0]}/cancel", {"reason": "重复"})
    done = town.issue()
    for action in ("accept", "handle", "submit"):
        town.do("worker", f"/tasks/{done}/{action}", WORK if action == "submit" else None)
    town.do("operator", f"/tasks/{done}/verify", {"passed": True})
    for _ in range(3):
        town.do("operator", f"/cases/{town.report()}/accept")
    board = town.read("supervisor", f"/figures?{known(town)}&by=grid&by=village&by=category")
    for name, figure in board["figures"].items():
        for part in ("numerator", "denominator"):
            path = f"/figures/{name}/ids?part={part}"
            assert len(set(pages(town, path, "ids", 2))) == figure[part], (name, part)
        parts = {
            group: sum(one["figures"][name]["denominator"] for one in board[group])
            for group in ("grids", "villages")
        }
        assert set(parts.values()) == {figure["denominator"]}, name
    # What belongs to no grid has the town's code, under which lies all of the town.
    outside = {"grid": town.code, "category": "environment", "title": "不属网格的", "source": "hotline"}
    head = town.root.head()
    town.do("operator", "/cases", outside)
    for moment, number in ((known(town), 1), (f"known_at={head}", 0)):
        own = f"scope={town.code}&exact=true&{moment}"
        assert town.read("supervisor", f"/figures/cases.reported/items?{own}")["total"] == number
        assert town.read("supervisor", f"/figures?{own}")["counts"]["cases"]["reported"] == number
        assert town.read("supervisor", f"/tasks?{own}")["total"] == 0
        cases = town.read("supervisor", f"/cases?{own}")
        assert (
            [one["title"] for one in cases["items"]]
            == ["不属网格的"] * number
            == ["不属网格的"] * cases["total"]
        )
        staff = town.read("supervisor", f"/staffing?{moment}")["elsewhere"]
        assert [one["open_cases"] for one in staff if one["code"] == town.code] == [1] * number
    assert town.by("supervisor").get("/api/v1/cases?scope=500116&exact=true").code == "out-of-scope"
    for kind in ("tasks", "cases"):
        for status in ("issued", "closed", "cancelled") if kind == "tasks" else ("accepted", "reported"):
            items = [one["id"] for one in pages(town, f"/{kind}?status={status}", "items", 2)]
            total = town.read("supervisor", f"/{kind}?status={status}")["total"]
            assert len(items) == len(set(items)) == total, (kind, status)
    assert board["counts"]["tasks"]["issued"] == 7
    for name, number in board["counts"]["tasks"].items():
        assert len(set(pages(town, f"/figures/tasks.{name}/ids", "ids", 2))) == number, name


@pytest.mark.parametrize("sort", ["issued", "-issued", "due", "title", "-grid", "status", "assignee"])
def test_lists_are_sorted_and_paged_without_gap_or_repeat(town: Town, sort: str) -> None:
    for number in (3, 1, 2, 5, 4):
        town.issue(town.grids[number % 3], title=f"第{number}件")
        let_pass(town, minutes=1)
    known(town)
    whole = town.read("supervisor", f"/tasks?sort={sort}&{known(town)}")["items"]
    paged = list(pages(town, f"/tasks?sort={sort}", "items", 2))
    assert [one["id"] for one in paged] == [one["id"] for one in whole]
    field = {"issued": "issued_at", "due": "handling_due"}.get(sort.lstrip("-"), sort.lstrip("-"))
    values = [one[field] or "" for one in whole]
    assert values == sorted(values, reverse=sort.startswith("-"))


def test_the_deadline_that_runs_out_first_is_on_top_and_late_acceptance_has_its_list(town: Town) -> None:
    handled = town.issue(title="已办理")
    town.do("worker", f"/tasks/{handled}/accept", {"begin": True})
    town.do("worker", f"/tasks/{handled}/submit", {"note": "已清理"})
    accepted = town.issue(title="已签收")
    town.do("worker", f"/tasks/{accepted}/accept", {"begin": True})
    waiting = town.issue(title="待签收")
    hurried = town.issue(title="急办", limit={"kind": "clock_hours", "amount": 0.5})
    case, settled = town.report(), town.report()
    town.do("operator", f"/cases/{settled}/accept")

    def listed(kind: str, question: str) -> list[str]:
        town.read("supervisor", f"/{kind}?{known(town)}")
        return [one["id"] for one in pages(town, f"/{kind}?{question}", "items", 1)]

    # Its acceptance is due before the handling of the other, and what is handled comes last; what nobody has
    # accepted may be due even before that.
    assert listed("tasks", "sort=runs_out") == [hurried, waiting, accepted, handled]
    assert listed("tasks", "sort=-runs_out") == [handled, accepted, waiting, hurried]
    town.do("operator", f"/tasks/{hurried}/cancel", {"reason": "演练结束"})
    # No clock runs for a case between its acceptance and its registration.
    assert listed("cases", "sort=runs_out") == [case, settled]
    assert listed("tasks", "acceptance_overdue=true") == listed("cases", "acceptance_overdue=true") == []
    let_pass(town, days=3)
    assert listed("tasks", "acceptance_overdue=true") == [waiting]
    assert listed("cases", "acceptance_overdue=true") == [case]
    assert set(listed("tasks", "acceptance_overdue=false")) == {accepted, handled, hurried}
    # No clock of theirs goes on while later tests move the service's.
    for task in (handled, accepted, waiting):
        town.do("operator", f"/tasks/{task}/cancel", {"reason": "演练结束"})
    for one in (case, settled):
        town.do("operator", f"/cases/{one}/void", {"reason": "演练结束"})
    wrong = town.by("supervisor").get("/api/v1/tasks?sort=urgency")
    assert "runs_out" in wrong.json["details"]["allowed"]


def test_a_past_moment_is_answered_as_it_was_and_as_it_was_known(town: Town) -> None:
    started = let_pass(town, hours=1)
    case = town.report()
    before = town.root.head()
    let_pass(town, hours=2)
    town.do("operator", f"/cases/{case}/accept")
    accepted = now(town)
    town.root.head()
    # A report of before the acceptance arrives after it: it had happened by then, but nobody knew.
    device = (started + timedelta(minutes=30)).isoformat()
    late = town.do(
        "worker",
        "/cases",
        {"grid": town.grids[0], "category": "other", "title": "迟到的上报"},
        Dispatch_Device_Time=device,
    )
    head = town.root.head()
    then = url_time(started + timedelta(hours=1))

    def reported(question: str) -> int:
        board = town.read("supervisor", f"/figures?{question}")
        found: int = board["counts"]["cases"]["reported"]
        return found

    assert reported(f"as_of={then}") == 2
    assert reported(f"as_of={then}&known_at={before}") == 1
    assert reported(f"known_at={before}") == 1
    assert reported(f"known_at={head}") == reported(f"after={head}") == 2
    assert reported(f"as_of={url_time(started - timedelta(seconds=1))}") == 0
    assert town.read("supervisor", f"/cases/{case}?known_at={before}")["status"] == "reported"
    assert town.read("supervisor", f"/cases/{case}?as_of={url_time(accepted)}")["status"] == "accepted"
    just = url_time(accepted - timedelta(microseconds=1))
    assert town.read("supervisor", f"/cases/{case}?as_of={just}")["status"] == "reported"
    gone = town.by("supervisor").get(f"/api/v1/cases/{late.item('case')}?known_at={before}")
    assert (gone.status, gone.code) == (404, "no-such-item")
    assert len(town.read("supervisor", f"/cases/{case}/timeline?known_at={before}")["entries"]) == 1
    # And whatever is recorded later, that answer stays.
    question = f"as_of={then}&known_at={head}"
    first = town.read("supervisor", f"/figures?{question}")
    town.do("operator", f"/cases/{case}/void", {"reason": "误报"})
    assert town.read("supervisor", f"/figures?{question}") == first


def test_an_offline_report_sent_twice_makes_one_case_with_both_times(town: Town) -> None:
    sent_at = let_pass(town, hours=5)
    happened = sent_at - timedelta(hours=4)
    body = {"grid": town.grids[0], "category": "safety", "title": "电线脱落"}

    def send() -> Answer:
        return town.do(
            "worker",
            "/cases",
            body,
            Idempotency_Key="device-7-report-42",
            Dispatch_Device_Time=happened.isoformat(),
        )

    first = send()
    let_pass(town, hours=1)
    again = send()
    assert again.json == first.json | {"repeated": True}
    assert town.read("supervisor", f"/cases?{known(town)}")["total"] == 1
    entries = town.read("supervisor", f"/cases/{first.item('case')}/timeline")["entries"]
    # At some hours of a day it is escalated by then.
    (entry,) = [entry for entry in entries if entry["name"] == "case.reported"]
    assert datetime.fromisoformat(entry["at"]) == datetime.fromisoformat(entry["device_at"]) == happened
    assert datetime.fromisoformat(entry["recorded_at"]) == sent_at
    item = town.read("supervisor", f"/cases/{first.item('case')}")
    assert datetime.fromisoformat(item["reported_at"]) == happened


def test_the_staffing_follows_those_who_come_and_go(town: Town) -> None:
    staff = town.read("supervisor", f"/staffing?{known(town)}")
    assert (staff["totals"]["grids"], staff["totals"]["chiefs"]) == (3, 2)
    first = next(grid for grid in staff["grids"] if grid["code"] == town.grids[0])
    (wang,) = first["posts"]["full_time"]
    assert (wang["name"], wang["shared_with"]) == ("王芳", [town.grids[1]])
    assert first["vacant"] == ["part_time", "instructor"]
    leave = town.root.post(f"/api/v1/towns/{town.code}/members/wang/leave", {"reason": "调走"})
    after = town.read("supervisor", f"/staffing?after={leave.position}")
    assert after["totals"]["full_time"] == 0
    assert after["totals"]["people"] == staff["totals"]["people"] - 1
    # Who has left does nothing more, though his account is still there.
    assert refusal(town, "worker", "/cases", {"grid": town.grids[0], "category": "other", "title": "x"}) == (
        "unauthenticated"
    )
    assert town.by("worker").get("/api/v1/tasks").code == "unauthenticated"


def test_a_worker_sees_his_grids_and_what_is_his_and_no_more(town: Town) -> None:
    mine, other = town.issue(), town.issue(town.grids[1])
    assert town.read("worker", f"/tasks?{known(town)}")["total"] == 2
    assert [one["id"] for one in town.read("zhao", "/tasks")["items"]] == [other]
    assert town.by("zhao").get(f"/api/v1/tasks/{mine}").code == "out-of-scope"
    assert town.by("zhao").get(f"/api/v1/tasks/{mine}/timeline").code == "out-of-scope"
    assert town.by("zhao").get("/api/v1/figures").code == "out-of-scope"
    assert town.read("zhao", f"/figures?scope={town.grids[1]}")["counts"]["tasks"]["issued"] == 1


def test_no_read_shows_who_reported(town: Town) -> None:
    canaries = {"name": "张某某甲", "telephone": "13912345678", "address": "幸福路八十八号", "note": "夜里吵"}
    case = town.report(reporter=canaries, description="邻居李某某夜里施工", source="hotline")
    found = [*canaries.values(), "邻居李某某夜里施工"]
    for who in ("operator", "worker", "supervisor", "auditor", "administrator"):
        for path in (f"/cases/{case}", f"/cases/{case}/timeline", f"/cases?{known(town)}"):
            shown = town.by(who).get(f"/api/v1{path}").content.decode()
            assert not [canary for canary in found if canary in shown], (who, path)


def test_a_policy_says_which_of_the_coming_days_are_worked(town: Town) -> None:
    path = f"/api/v1/policies/{town.code}"
    today = now(town).astimezone(SHANGHAI).date()
    days = [today + timedelta(days=ahead) for ahead in range(30)]
    worked = set(town.by("supervisor").get(path).json["working_days"])
    off = next(day for day in days if str(day) in worked)
    on = next(day for day in days if str(day) not in worked)
    body = policy(days_off=[str(off)], workdays=[str(on)])
    assert town.by("administrator").send("PUT", path, body).status == 200
    found = town.by("supervisor").get(path).json
    assert set(found["working_days"]) == worked - {str(off)} | {str(on)}
    assert found["policy"]["days_off"] == [str(off)]
    body["working_time"] = [["08:00", "12:00"], ["20:00", "00:00"]]
    assert town.by("administrator").send("PUT", path, body).status == 200
    found = town.by("supervisor").get(path).json["policy"]
    assert found["working_time"] == [["08:00:00", "12:00:00"], ["20:00:00", "00:00:00"]]
    for wrong in (
        [],
        [["8:00", "12:00"]],
        [["08:00Z", "12:00Z"]],
        [["12:00", "08:00"]],
        [["08:00", "08:30"]],
    ):
        body["working_time"] = wrong
        assert town.by("administrator").send("PUT", path, body).status == 422
