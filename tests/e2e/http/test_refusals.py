"""What people may not is refused, leaves the log alone, and is told to the auditor afterwards."""

import json
from pathlib import Path
from typing import Any

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


def test_they_are_told_while_the_service_runs(database: str, tmp_path: Path) -> None:
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated", refusals_seconds="1") as running:
        town = Town(running.client.bearing(root)).found()
        head = town.root.head()
        assert town.by("operator").get("/api/v1/audit/events").code == "role-not-allowed"
        with Listener(town.by("auditor"), after=head) as listener:
            heard = listener.events(lambda frame: frame.name == "refusals.noted")
        assert heard[-1].data["id"] == town.accounts["operator"].name
