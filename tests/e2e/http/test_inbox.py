"""The inbox over HTTP: who is told, what is unread, and the pages."""

from typing import Any

from tests.e2e.http.client import Answer
from tests.e2e.http.town import Town


def inbox(town: Town, who: str, after: int, query: str = "") -> Any:
    return town.read(who, f"/inbox?after={after}{query}")


def issue(town: Town, **more: Any) -> Answer:
    body = {"grids": town.grids[:1], "title": "汛期巡查", "category": "patrol", **more}
    return town.do("operator", "/tasks", body)


def test_a_task_arrives_in_the_inbox_of_its_assignee_and_is_read(town: Town) -> None:
    issued = issue(town, assignee="wang")
    found = inbox(town, "worker", issued.position)
    assert (found["unread"], found["total"], len(found["items"])) == (1, 1, 1)
    notice = found["items"][0]
    assert (notice["kind"], notice["item"], notice["name"]) == ("task", issued.item("task"), "task.issued")
    assert notice["zh"].startswith("新任务：汛期巡查（期限 ")
    assert notice["en"].startswith("New task: 汛期巡查 (due ")
    assert notice["unread"]
    assert inbox(town, "li", issued.position)["total"] == 0

    read = town.do("worker", "/inbox/read", {"through": notice["position"]})
    found = inbox(town, "worker", read.position)
    assert (found["unread"], found["items"][0]["unread"]) == (0, False)
    assert inbox(town, "worker", read.position, "&unread=true")["items"] == []
    assert inbox(town, "worker", read.position, "&unread=false")["total"] == 1
    again = town.do("worker", "/inbox/read", {"through": notice["position"]})
    assert again.json["items"] == []
    before = inbox(town, "worker", read.position, f"&known_at={issued.position}")
    assert before["unread"] == 1


def test_pages_go_from_the_newest_to_the_oldest_and_some_are_read_by_their_ids(town: Town) -> None:
    last = [issue(town, assignee="wang", title=f"巡查{n}") for n in range(5)][-1].position
    first = inbox(town, "worker", last, "&limit=2")
    second = inbox(town, "worker", last, f"&limit=2&cursor={first['next']}")
    third = inbox(town, "worker", last, f"&limit=2&cursor={second['next']}")
    titles = [one["title"] for page in (first, second, third) for one in page["items"]]
    assert titles == ["巡查4", "巡查3", "巡查2", "巡查1", "巡查0"]
    assert third["next"] is None
    ids = [second["items"][0]["id"]]
    read = town.do("worker", "/inbox/read", {"ids": ids})
    found = inbox(town, "worker", read.position, "&unread=true")
    assert (found["unread"], [one["title"] for one in found["items"]]) == (
        4,
        ["巡查4", "巡查3", "巡查1", "巡查0"],
    )


def test_the_centre_and_a_department_have_an_inbox_that_others_do_not_see(town: Town) -> None:
    case = town.report()
    for step in ("accept", "register"):
        town.do("operator", f"/cases/{case}/{step}")
    sent = town.do("operator", f"/cases/{case}/dispatch", {"department": "emergency"})
    reported = inbox(town, "operator", sent.position)["items"]
    assert [one["name"] for one in reported] == ["case.reported"]
    department = f"&address=department:{town.code}:emergency"
    found = inbox(town, "operator", sent.position, department)["items"]
    assert [one["name"] for one in found] == ["case.dispatched"]
    assert inbox(town, "supervisor", sent.position, department)["total"] == 1
    refused = town.by("worker").get(f"/api/v1/inbox?address=department:{town.code}:emergency")
    assert (refused.status, refused.code) == (403, "out-of-scope")
    refused = town.by("operator").get("/api/v1/inbox?address=department:330106001:emergency")
    assert (refused.status, refused.code) == (403, "out-of-scope")
    malformed = town.by("operator").get("/api/v1/inbox?address=member:330106001:wang")
    assert (malformed.status, malformed.code) == (422, "request-malformed")


def test_a_village_reads_and_changes_nothing_of_another_through_a_member(town: Town) -> None:
    village, place = town.grids[0][:12], {"place": town.grids[2], "post": "chief"}
    town.add("village", "administrator", scope=village)
    # Li works in the village; then in another one as well.
    narrow = {"account": f"n-{town.code}", "name": "李", "role": "worker", "scope": village, "member": "li"}
    town.do("village", "/accounts", narrow)
    made = town.do("village", f"/accounts/{narrow['account']}/tokens", {})
    mine = town.root.bearing(made.json["secret"])
    issued = issue(town, assignee="li")
    path = f"/api/v1/inbox?after={issued.position}"
    assert issued.item("task") in [one["item"] for one in mine.get(path).json["items"]]
    posted = town.do("administrator", f"/towns/{town.code}/members/li/posts", place)
    again = narrow | {"account": f"m-{town.code}"}
    refused = town.by("village").post("/api/v1/accounts", again)
    assert (refused.status, refused.code) == (403, "out-of-scope")
    assert mine.get(f"/api/v1/inbox?after={posted.position}").json["total"] == 0
    assert mine.get("/api/v1/inbox/channels").json["inbox"] == f"account:{narrow['account']}"
    channels = {"channels": [{"channel": "mail", "address": "x@town.example"}]}
    assert mine.send("PUT", "/api/v1/inbox/channels", channels).status == 200
    assert town.read("li", "/inbox/channels")["channels"] == []
    # The task, and that there is a further account in his name.
    assert [one["name"] for one in town.read("li", "/inbox")["items"]] == ["task.issued", "account.added"]


def test_what_is_not_there_yet_cannot_be_read(town: Town) -> None:
    beyond = town.by("worker").post("/api/v1/inbox/read", {"through": town.root.head() + 10_000})
    assert (beyond.status, beyond.code) == (422, "position-not-in-log")
    nothing = town.by("worker").post("/api/v1/inbox/read", {})
    assert (nothing.status, nothing.code) == (422, "nothing-read")
