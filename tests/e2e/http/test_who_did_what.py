"""Each event says who did it, in which role, from where, in which session and for which request."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.http.browser import Place, signed_in
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_life import let_pass
from tests.e2e.http.test_plans import recorded, terms
from tests.e2e.http.town import Town

FORWARDED = "203.0.113.9"


def issue(place: Place, key: str, **headers: str) -> tuple[int, str]:
    """Issue a task from a browser; returns the event's position and the session's id."""
    browser = signed_in(place)
    body = {"grids": place.town.grids[:1], "title": "巡查", "category": "patrol"}
    made = browser.send("POST", "/tasks", body, Idempotency_Key=key, X_Request_Id="request-7", **headers)
    assert made.status == 201, made
    [session] = browser.send("GET", "/sessions").json["items"]
    return made.position, session["session"]


def event_at(town: Town, position: int) -> dict[str, Any]:
    answer = town.by("auditor").get(f"/api/v1/audit/events?after={position - 1}&limit=1")
    [line] = answer.content.splitlines()
    event: dict[str, Any] = json.loads(line)
    assert event["position"] == position
    return event


@pytest.mark.parametrize(
    ("proxies", "address"), [("", "127.0.0.1"), ("127.0.0.1", FORWARDED), ("10.0.0.0/8", "127.0.0.1")]
)
def test_an_event_says_all_of_it_and_only_a_trusted_proxy_says_the_address(
    sqlite_url: str, tmp_path: Path, proxies: str, address: str
) -> None:
    root = first_administrator(sqlite_url)
    with Running(sqlite_url, tmp_path, clock="simulated", trusted_proxies=proxies) as running:
        place = Place(Town(running.client.bearing(root)).found(), running)
        # What stands left of what the proxy has added is anybody's word.
        position, session = issue(place, "key-7", X_Forwarded_For=f"198.51.100.1, {FORWARDED}")
        event = event_at(place.town, position)
        account = place.town.accounts["operator"].name
        assert (event["actor"], event["role"], event["scope"]) == (account, "operator", place.town.grids[0])
        assert (event["address"], event["request_id"], event["session"]) == (address, "request-7", session)
        assert event["command_id"] == event["correlation_id"] == f"{account}/key-7"
        assert (event["causation_id"], event["source"], event["device_at"]) == (None, "http", None)
        task = place.town.issue()
        by_token = place.town.by("operator").post(f"/api/v1/tasks/{task}/cancel", {"reason": "重复"})
        event = event_at(place.town, by_token.position)
        assert (event["address"], event["session"]) == ("127.0.0.1", None)


def events_of(town: Town, asked: str) -> list[dict[str, Any]]:
    answer = town.by("auditor").get(f"/api/v1/audit/events?{asked}")
    return [json.loads(line) for line in answer.content.splitlines()]


def test_a_session_is_found_from_its_beginning_to_its_end(place: Place) -> None:
    browser = signed_in(place)
    [session] = browser.send("GET", "/sessions").json["items"]
    assert browser.send("DELETE", "/session").status == 200
    found = events_of(place.town, f"session={session['session']}")
    # Its sign-in says so in what it holds: whoever comes in has no session yet.
    assert [one["name"] for one in found] == [
        "account.signed_in",
        "account.password_set",
        "account.signed_out",
    ]
    assert (found[0]["session"], found[0]["data"]["session"]) == (None, session["session"])


def test_a_token_is_found_from_its_issue_to_its_end(town: Town) -> None:
    task = town.issue()
    worker = town.accounts["worker"]
    town.do("worker", f"/tasks/{task}/accept")
    [accepted] = events_of(town, f"stream=task:{task}&name=task.accepted")
    town.do("administrator", f"/accounts/{worker.name}/tokens/{accepted['token']}/revoke", {})
    found = events_of(town, f"token={accepted['token']}")
    assert [one["name"] for one in found] == [
        "account.token_issued",
        "task.accepted",
        "account.token_revoked",
    ]


def test_a_step_of_the_ladder_leads_back_to_its_item(town: Town) -> None:
    task = town.issue()
    let_pass(town, days=30)
    stream = f"task:{task}"
    steps = events_of(town, f"correlation={stream}")
    assert {one["name"] for one in steps} >= {"task.escalated"}
    for one in steps:
        assert (one["stream"], one["source"], one["role"]) == (stream, "timer", "system")
        assert (one["correlation_id"], one["causation_id"]) == (stream, stream)
        assert (one["address"], one["session"], one["request_id"]) == (None, None, None)
    # What a person did has its own command for a correlation, and nothing that caused it.
    [issued] = events_of(town, f"stream={stream}&name=task.issued")
    assert (issued["correlation_id"], issued["causation_id"]) == (issued["command_id"], None)


def test_what_a_plan_issues_leads_back_to_the_time_that_it_came_round(town: Town) -> None:
    recorded(town, 2)
    plan = town.do("operator", "/plans", terms(town)).item("plan")
    let_pass(town, hours=25)
    stream = f"plan:{plan}"
    found = events_of(town, f"correlation={stream}")
    assert {one["name"] for one in found} >= {"task.issued", "plan.came_round"}
    rounds = {one["causation_id"]: one for one in found if one["stream"] == stream}
    for cause, come in rounds.items():
        assert cause == f"{stream}/{come['data']['planned_at'].replace('+00:00', 'Z')}"
        together = [one for one in found if one["causation_id"] == cause]
        assert {one["command_id"] for one in together} == {come["command_id"]}
        assert {one["stream"] for one in together if one["name"] == "task.issued"} == {
            f"task:{task}" for task in come["data"]["tasks"]
        }
    assert {one["causation_id"] for one in found} == set(rounds)
