"""Timers across the life of the service: one long past due turns it red, and a kill loses none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.eventlog import open_log
from dispatch.service.clock import system_clock
from dispatch.service.timers.duty import LATEST
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_life import known, let_pass
from tests.e2e.http.town import Town
from tests.faults.proofs.racing_schedulers import timers, town
from tests.histories import record


def armed(database: str, ago: timedelta) -> None:
    """Have a timer in the log that fell due some time ago, when nobody was there to fire it."""
    due = datetime.now(UTC) - ago
    with open_log(database, clock=system_clock) as log:
        record(log, [*town(due), *timers(1, due, 0, 1)])


def readiness(running: Running) -> tuple[int, Any]:
    """Return what `/readyz` answers once the read models know all that is in the log."""
    head = running.client.get("/readyz").json["head"]
    while True:
        answer = running.client.get("/readyz")
        if answer.json["read_models"]["position"] >= head:
            return answer.status, answer.json


@pytest.mark.parametrize(
    ("ago", "status"), [(LATEST + 600, 503), (LATEST / 4, 200)], ids=["long past due", "just due"]
)
def test_an_armed_timer_long_past_due_turns_the_service_red_until_it_has_fired(
    sqlite_url: str, tmp_path: Path, ago: float, status: int
) -> None:
    root = first_administrator(sqlite_url)
    armed(sqlite_url, timedelta(seconds=ago))
    running = Running(sqlite_url, tmp_path, clock="simulated").start()
    try:
        # On a simulated clock nothing fires before somebody lets time pass.
        found, state = readiness(running)
        assert found == status, state
        assert state["timers"]["late_s"] >= ago - 1
        assert (state["database"], state["ready"]) == ("up", status == 200)
        now = {"now": datetime.now(UTC).isoformat()}
        assert running.client.bearing(root).send("PUT", "/api/v1/clock", now).status == 200
        found, state = readiness(running)
        assert (found, state["timers"]["late_s"]) == (200, 0)
    finally:
        running.stop()


def test_what_was_armed_when_the_service_was_killed_fires_once_in_the_next_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    root = first_administrator(sqlite_url)
    with Running(sqlite_url, tmp_path, clock="simulated") as running:
        office = Town(running.client.bearing(root)).found()
        task = office.issue(limit={"kind": "clock_hours", "amount": 10}, assignee="wang")
        let_pass(office, hours=6)
        running.kill()
        running.start()
        running.await_ready()
        let_pass(office, hours=6)
        running.kill()
        running.start()
        running.await_ready()
        entries = office.read("supervisor", f"/tasks/{task}/timeline?{known(office)}")["entries"]
        fired = [one["changed"]["step"] for one in entries if one["name"] == "task.escalated"]
        assert fired == ["notice", "reminder", "yellow_card"]
