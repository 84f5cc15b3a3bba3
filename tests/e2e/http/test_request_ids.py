"""Every request has an id: in its answer, in the service's log and in the events that it recorded."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town

OURS = re.compile(r"[0-9a-f]{32}")
LONGEST = "!" + "~" * 79


@pytest.fixture(scope="module")
def town(on_sqlite: Shared) -> Town:
    return Town(on_sqlite.root).found()


def id_of(answer: Answer) -> str:
    [told] = answer.headers.get_all("X-Request-Id") or [""]
    return told


def event_of(town: Town, answer: Answer) -> dict[str, Any]:
    found = town.by("auditor").get(f"/api/v1/audit/events?after={answer.position - 1}&limit=1")
    event: dict[str, Any] = json.loads(found.content)
    return event


def test_a_request_without_an_id_gets_one_that_its_answer_and_its_event_say(town: Town) -> None:
    by_the_framework = town.by("operator").post(
        "/api/v1/campaigns", {"name": "夏季", "scope": town.grids[0][:12], "category": "patrol"}
    )
    straight = town.by("operator").post(
        "/api/v1/tasks", {"grids": town.grids[:1], "title": "巡查", "category": "patrol"}
    )
    step = town.do("worker", f"/tasks/{straight.item('task')}/accept")
    refused = town.root.bearing(None).get("/api/v1/tasks")
    nowhere = town.root.bearing(None).get("/nowhere")
    told = [id_of(answer) for answer in (by_the_framework, straight, step, refused, nowhere)]
    assert all(OURS.fullmatch(one) for one in told), told
    assert len(set(told)) == len(told)
    for answer in (straight, step):
        assert event_of(town, answer)["request_id"] == id_of(answer)


@pytest.mark.parametrize("sent", ["r-7", LONGEST])
def test_a_sound_id_of_the_client_is_kept(town: Town, sent: str) -> None:
    task = town.issue()
    done = town.do("worker", f"/tasks/{task}/accept", X_Request_Id=sent)
    assert id_of(done) == event_of(town, done)["request_id"] == sent


@pytest.mark.parametrize("sent", [b"", b"r" * 81, b"a b", "查询".encode(), b"a\tb", b"a\xe2\x80\xaeb"])
def test_an_id_that_is_not_sound_is_replaced(town: Town, sent: bytes) -> None:
    task = town.issue()
    headers = {"X-Request-Id": sent}
    done = town.by("worker").send("POST", f"/api/v1/tasks/{task}/accept", headers=headers)
    assert done.status == 200, done
    assert OURS.fullmatch(id_of(done))
    assert event_of(town, done)["request_id"] == id_of(done)


def test_two_ids_are_none(town: Town) -> None:
    answer = town.root.raw(
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\r\nX-Request-Id: b\r\nConnection: close\r\n\r\n"
    )
    assert re.search(rb"\r\nx-request-id: [0-9a-f]{32}\r\n", answer, re.IGNORECASE), answer


def test_the_live_stream_says_it_too(town: Town) -> None:
    client = town.by("operator")
    connection = client.connect()
    try:
        headers = {"Authorization": f"Bearer {client.token}", "X-Request-Id": "stream-1"}
        connection.request("GET", "/api/v1/stream", headers=headers)
        response = connection.getresponse()
        assert response.headers.get_all("X-Request-Id") == ["stream-1"]
    finally:
        connection.close()


def test_the_lines_of_the_service_s_log_say_it(sqlite_url: str, tmp_path: Path) -> None:
    root = first_administrator(sqlite_url)
    with Running(sqlite_url, tmp_path, requests_per_minute="1") as running:
        client = running.client.bearing(root)
        client.get("/api/v1/me", X_Request_Id="first")
        refused = client.get("/api/v1/me")
        assert refused.status == 429
        assert OURS.fullmatch(id_of(refused))
    lines = [json.loads(line) for line in running.said().splitlines() if "too_many_requests" in line]
    assert [line["request_id"] for line in lines] == [id_of(refused)]
