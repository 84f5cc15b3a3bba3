"""The whole year through the real service, as a newcomer starts it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from dispatch.demo.facts import PUBLISHED
from dispatch.demo.process import DATABASE
from dispatch.demo.town import CODE, GRIDS, people
from dispatch.demo.year import flood, routine
from dispatch.demo.year.whole import SEED, plan_year
from dispatch.domain.escalation import Escalated
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.policies import PolicySet
from dispatch.domain.tasks import TaskIssued
from dispatch.eventlog import micros, open_log
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock

BOUND = 900.0
"""Seconds: on two idle cores the year takes under 60; a machine that tests beside it takes its time."""


def dispatch(*arguments: str) -> Any:
    """Run a command as a person does and return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from dispatch.cli import main; main()", *arguments, "--json"],
        capture_output=True, timeout=BOUND, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4_000:]
    return json.loads(done.stdout.splitlines()[-1])


def in_force(database: str) -> bytes:
    """The policy that held through the year, as a file holds it."""
    with open_log(database, clock=system_clock) as log:
        [event] = [decode(stored).event for stored in log.read_stream(f"policy:{CODE}")]
    assert isinstance(event, PolicySet)
    return msgspec.json.encode(event.policy)


def require_the_flood(database: str) -> None:
    """One emergency, entered and left: the open was hurried, the late told of, a round passed over."""
    with open_log(database, clock=system_clock) as log:
        names = Counter(stored.name for stored in log.read())
        night = [
            decode(stored).event
            for stored in log.read(happened_until=micros(flood.LEFT))
            if stored.at >= micros(flood.ENTERED)
        ]
    assert names["mode.emergency_entered"] == names["mode.emergency_left"] == 1
    assert names["mode.deadlines_recalculated"] == 1
    assert names["task.deadline_recalculated"] == len(GRIDS)
    assert names["plan.passed_over"] == sum(flood.PASSED_OVER)
    issued = [event for event in night if isinstance(event, TaskIssued)]
    assert len(issued) == len(GRIDS)
    assert {event.handling.limit for event in issued} == {Limit(LimitKind.CLOCK_HOURS, 2)}
    steps = Counter(event.step for event in night if isinstance(event, Escalated))
    assert (steps["reminder"], steps["yellow_card"], steps["red_card"], steps["commander"]) == (10, 4, 1, 1)


def test_the_year_through_the_service_gives_the_published_figures(tmp_path: Path) -> None:
    answer = dispatch("demo", "--exit", "--directory", str(tmp_path / "demo"))
    measured = answer["measured"]
    assert answer["published"] == PUBLISHED
    assert answer["equal"] is True
    for group in ("tasks", "cases_reported_by_grids", "staffing", "grids", "disputes"):
        assert measured[group] == PUBLISHED[group]
    held = answer["held"]
    assert held["recurring_plans"] == {
        "plans": len(routine.PLANS),
        "came_round": sum(routine.TIMES),
        "tasks": routine.TASKS,
        "missed": 0,
    }
    households = len(list(routine.households()))
    visits = held["visits"]
    assert visits["households_due"] == households
    assert households - 2 * routine.AWAY_ALL_YEAR < visits["households_visited"]
    assert visits["households_visited"] <= households - routine.AWAY_ALL_YEAR
    for kind in ("tasks", "cases"):
        steps = [held["escalated"][kind][name] for name in ("reminders", "yellow_cards", "red_cards")]
        assert all(steps), kind
        # What nobody accepts in time has no warning and no yellow card: the leader is the first who hears.
        assert kind == "cases" or steps == sorted(steps, reverse=True)
    database = f"sqlite:///{tmp_path / 'demo' / DATABASE}"
    require_the_flood(database)
    founded = answer["commands"] - plan_year(SEED, china()).commands
    assert founded > len(people())
    assert answer["events"] > answer["commands"]
    assert answer["seconds"] < BOUND

    # Decided anew under the policy that was in force, the year is the same, step by step.
    (tmp_path / "policy.json").write_bytes(in_force(database))
    period = ("--from", "2023-01-01", "--until", "2024-01-01")
    again = dispatch("whatif", "--policy", str(tmp_path / "policy.json"), *period, "--database", database)
    assert again["same"] is True
    assert again["tasks"] > PUBLISHED["tasks"]["issued"]
    assert again["counts"]["was"]["steps"]["reminder"] >= held["escalated"]["tasks"]["reminders"] > 0
