"""Days when the database is away: the service says so at once, and works again by itself when it is back."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from tests import postgres
from tests.e2e.http.browser import Place, signed_in
from tests.e2e.http.client import Answer, Client
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.faults.own_server import own_server

ANSWERED_WITHIN = 12.0
"""Seconds: the service waits a few for the database before it gives up, and this machine is busy."""
RED_WITHIN = 10.0
CAUGHT_UP_WITHIN = 5.0
LOOK = 0.05
TASK = {"title": "巡查", "category": "patrol"}


def away(answer: Answer) -> None:
    assert (answer.status, answer.code) == (503, "database-away"), answer
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def timed(client: Client, method: str, path: str, body: object = None, **headers: str) -> Answer:
    began = monotonic()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.send(method, f"/api/v1{path}", body, headers=sent)
    assert monotonic() - began < ANSWERED_WITHIN, (method, path)
    return answer


def await_red(client: Client) -> Answer:
    began = monotonic()
    while (answer := client.get("/readyz")).status == 200:
        assert monotonic() - began < RED_WITHIN
        sleep(LOOK)
    return answer


def test_postgresql_killed_under_the_service_is_away_and_all_goes_on_when_it_is_back(tmp_path: Path) -> None:
    with own_server() as server:
        root = first_administrator(server.url)
        with Running(server.url, tmp_path) as running:
            pid = running.pid
            town = Town(running.client.bearing(root)).found()
            task = town.issue()
            begin = town.root.head()
            issue = {"grids": town.grids[:1], **TASK}
            town.read("supervisor", f"/figures?after={begin}")
            with Listener(town.by("supervisor"), last=begin) as listener:
                server.kill()
                operator = town.by("operator")
                away(timed(operator, "POST", "/tasks", issue, Idempotency_Key="during"))
                away(timed(operator, "POST", f"/tasks/{task}/cancel", {"reason": "x"}))
                away(timed(operator, "GET", "/figures"))
                away(timed(operator, "GET", "/tasks"))
                away(timed(operator, "GET", f"/tasks/{task}/timeline"))
                away(timed(operator, "GET", "/me"))
                red = await_red(running.client)
                assert red.json["database"] == "away"
                assert red.headers["Retry-After"]
                assert running.client.get("/healthz").status == 200
                assert timed(operator, "GET", "/nowhere").status == 404
                server.start()
                first = issued_when_back(operator, issue)
                back = monotonic()
                position = first.position
                answer = operator.get(f"/api/v1/tasks?after={position}")
                while answer.status == 503:
                    assert monotonic() - back < CAUGHT_UP_WITHIN
                    answer = operator.get(f"/api/v1/tasks?after={position}")
                assert answer.json["total"] == 2
                assert monotonic() - back < CAUGHT_UP_WITHIN
                running.await_ready(RED_WITHIN)
                (event,) = listener.up_to(position)
                assert (event.id, event.name) == (position, "task.issued")
            assert town.root.head() == begin + 1
            assert running.pid == pid
            faults = [line for line in running.said().splitlines() if '"event":"fault"' in line]
            assert not faults


def test_a_page_that_listens_stays_while_the_secrets_of_its_session_are_away(tmp_path: Path) -> None:
    path = tmp_path / "dispatch.db"
    root = first_administrator(f"sqlite:///{path}")
    with Running(f"sqlite:///{path}", tmp_path, clock="simulated") as running:
        town = Town(running.client.bearing(root)).found()
        browser = signed_in(Place(town, running), "supervisor")
        begin = town.root.head()
        with Listener(browser.client, last=begin, cookie=browser.cookie) as listener:
            # From now on each sign of life asks whether the session was used lately.
            now = datetime.fromisoformat(town.read("administrator", "/clock")["now"])
            later = {"now": (now + timedelta(minutes=1)).isoformat()}
            assert town.root.send("PUT", "/api/v1/clock", later).status == 200
            with closing(sqlite3.connect(f"{path}.sign-in", isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                for _ in range(2):  # the second time, the stream has given up waiting for it too
                    away(timed(browser.client, "GET", "/me", Cookie=browser.cookie or ""))
                other.execute("ROLLBACK")
            town.issue()
            assert [event.name for event in listener.up_to(begin + 1)] == ["task.issued"]


def issued_when_back(client: Client, issue: object) -> Answer:
    """Send what was refused again, with its key, until the database takes it."""
    began = monotonic()
    while True:
        answer = timed(client, "POST", "/tasks", issue, Idempotency_Key="during")
        if answer.status == 201:
            return answer
        away(answer)
        assert monotonic() - began < RED_WITHIN
        sleep(LOOK)


def test_an_sqlite_file_that_another_process_locks_is_away_for_that_long(tmp_path: Path) -> None:
    path = tmp_path / "dispatch.db"
    root = first_administrator(f"sqlite:///{path}")
    with Running(f"sqlite:///{path}", tmp_path) as running:
        town = Town(running.client.bearing(root)).found()
        begin = town.root.head()
        issue = {"grids": town.grids[:1], **TASK}
        with Listener(town.by("supervisor"), last=begin) as listener:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                operator = town.by("operator")
                away(timed(operator, "POST", "/tasks", issue, Idempotency_Key="during"))
                other.execute("ROLLBACK")
            first = issued_when_back(operator, issue)
            assert town.read("operator", f"/tasks?after={first.position}")["total"] == 1
            (event,) = listener.up_to(first.position)
            assert event.name == "task.issued"
        assert town.root.head() == begin + 1
        running.await_ready(RED_WITHIN)


def test_a_service_killed_in_the_middle_has_kept_what_it_acknowledged(tmp_path: Path) -> None:
    with postgres.running_server() as url:
        root = first_administrator(url)
        running = Running(url, tmp_path)
        try:
            town = Town(running.start().client.bearing(root)).found()
            tasks = [town.issue() for _ in range(5)]
            head = town.root.head()
            running.kill()
            running.start().await_ready()
            assert town.root.head() == head
            assert town.read("supervisor", f"/tasks?after={head}")["total"] == len(tasks)
        finally:
            running.kill()
