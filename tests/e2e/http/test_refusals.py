"""What people may not is refused, leaves the log alone, and is told to the auditor afterwards."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.http.browser import Place, signed_in
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town


def told(town: Town, account: str) -> list[dict[str, Any]]:
    answer = town.by("auditor").get(f"/api/v1/audit/events?stream=refusals:{account}")
    assert answer.status == 200, answer
    return [json.loads(line) for line in answer.content.splitlines()]


def test_refusals_are_on_record_once_a_while(database: str, tmp_path: Path) -> None:
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated", wait_limit="5") as running:
        town = Town(running.client.bearing(root)).found()
        account = town.accounts["operator"].name
        head = town.root.head()
        task = "0185c2f0a7b07e3c9d1f2a4b6c8e0d12"
        for _ in range(3):
            assert town.by("operator").get("/api/v1/audit/events").code == "role-not-allowed"
            assert town.by("operator").post(f"/api/v1/tasks/{task}/accept").code == "role-not-allowed"
        assert town.by("operator").get(f"/api/v1/tasks/{task}").code == "no-such-item"
        # Under whom somebody means to get in is on record, also once nothing is tried any more.
        supervisor = town.accounts["supervisor"].name
        guess = {"account": supervisor, "password": "guess number 1"}
        said = [town.root.bearing(None).post("/api/v1/session", guess).code for _ in range(6)]
        assert said == ["sign-in-refused"] * 5 + ["too-many-guesses"]
        head = town.root.head()
        assert town.root.bearing("no.such").get("/api/v1/tasks").code == "unauthenticated"
        assert town.root.bearing(None).get("/api/v1/me").code == "unauthenticated"
        assert town.root.head() == head
    # The process that stops tells what it has counted; another one would have within the interval.
    with Running(database, tmp_path, clock="simulated", wait_limit="5") as running:
        town.root = running.client.bearing(root)
        assert town.root.head() == head + 3
        [event] = told(town, supervisor)
        assert ("too-many-guesses", "POST /session") in {
            (line["code"], line["route"]) for line in event["data"]["refused"]
        }
        [event] = told(town, account)
        lines = {(line["code"], line["route"]): line["count"] for line in event["data"]["refused"]}
        assert lines == {
            ("role-not-allowed", "GET /audit/events"): 3,
            ("role-not-allowed", "POST /tasks/{id}/accept"): 3,
        }
        assert (event["scope"], event["actor"]) == (town.code, "system")


def test_an_auditor_finds_whose_data_somebody_tried_to_open_and_how(database: str, tmp_path: Path) -> None:
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated") as running:
        town = Town(running.client.bearing(root)).found()
        case, other = (town.report(reporter={"name": "张某某甲"}) for _ in range(2))
        look = {"subject": f"case:{case}", "purpose": "contact"}
        browser = signed_in(Place(town, running), "zhao")
        [session] = browser.send("GET", "/sessions").json["items"]
        request = "f81d4fae7dec41d0a76500a0c91e6bf6"
        refused = browser.send("POST", "/personal/disclose", look, X_Request_Id=request)
        assert (refused.status, refused.code) == (403, "out-of-scope")
        zhao = town.by("zhao")
        assert zhao.get(f"/api/v1/personal/case:{case}").code == "out-of-scope"
        known = f"/api/v1/cases/{case}?after={town.root.head()}"
        assert zhao.get(known, X_Request_Id="13912345678").code == "out-of-scope"
        assert zhao.post(f"/api/v1/cases/{case}/close", {"note": ""}).code == "role-not-allowed"
        # Who may show nobody's data is refused for that, and what he sends is looked at nevertheless.
        supervisor = town.by("supervisor")
        for body in (look, {"subject": "张某某甲", "purpose": "contact"}, {"subject": f"case:{other}"}):
            assert supervisor.post("/api/v1/personal/disclose", body).code == "role-not-allowed"
        erase = {"subjects": [f"case:{other}", f"case:{case}"], "ground": "request"}
        assert town.by("worker").post("/api/v1/personal/erase", erase).code == "role-not-allowed"
    with Running(database, tmp_path, clock="simulated") as running:
        town.root = running.client.bearing(root)
        auditor = town.by("auditor")
        by_zhao = told(town, town.accounts["zhao"].name)
        lines = {line["route"]: line for line in by_zhao[0]["data"]["refused"]}
        assert {route: line["items"] for route, line in lines.items()} == {
            "POST /personal/disclose": [f"case:{case}"],
            "GET /personal/{subject}": [f"case:{case}"],
            "GET /cases/{id}": [f"case:{case}"],
            "POST /cases/{id}/close": [f"case:{case}"],
        }
        disclose = lines["POST /personal/disclose"]
        assert (disclose["sessions"], disclose["tokens"]) == ([session["session"]], [])
        assert disclose["request_id"] == request
        [token] = lines["GET /cases/{id}"]["tokens"]
        assert "13912345678" not in json.dumps(by_zhao)
        [by_supervisor] = told(town, town.accounts["supervisor"].name)
        [line] = by_supervisor["data"]["refused"]
        assert (line["count"], line["items"]) == (3, [f"case:{case}"])
        for asked, whose in (
            (f"item={case}", ["supervisor", "worker", "zhao"]),
            (f"item=case:{case}", ["supervisor", "worker", "zhao"]),
            (f"item=case:{other}", ["worker"]),
            (f"session={session['session']}", ["zhao"]),
            (f"token={token}", ["zhao"]),
            (f"request={request}", ["zhao"]),
            (f"actor={town.accounts['zhao'].name}", ["zhao"]),
            ("address=127.0.0.1", ["supervisor", "worker", "zhao"]),
        ):
            answer = auditor.get(f"/api/v1/audit/events?name=refusals.noted&{asked}")
            found = [json.loads(one)["data"]["account"] for one in answer.content.splitlines()]
            assert sorted(found) == sorted(town.accounts[who].name for who in whose), asked


def test_they_are_told_while_the_service_runs(database: str, tmp_path: Path) -> None:
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated", refusals_seconds="1") as running:
        town = Town(running.client.bearing(root)).found()
        head = town.root.head()
        assert town.by("operator").get("/api/v1/audit/events").code == "role-not-allowed"
        with Listener(town.by("auditor"), after=head) as listener:
            heard = listener.events(lambda frame: frame.name == "refusals.noted")
        assert heard[-1].data["id"] == town.accounts["operator"].name
