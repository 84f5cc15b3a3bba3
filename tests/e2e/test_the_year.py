"""The whole year through the real service, as a newcomer starts it."""

import json
import subprocess
import sys
from pathlib import Path

from dispatch.demo.facts import PUBLISHED
from dispatch.demo.town import people
from dispatch.demo.year import routine
from dispatch.demo.year.whole import SEED, plan_year
from dispatch.service.calendars import china

BOUND = 900.0
"""Seconds: on two idle cores the year takes under 60; a machine that tests beside it takes its time."""


def test_the_year_through_the_service_gives_the_published_figures(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from dispatch.cli import main; main()", "demo", "--exit", "--json",
         "--directory", str(tmp_path / "demo")],
        capture_output=True, timeout=BOUND, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4_000:]
    answer = json.loads(done.stdout.splitlines()[-1])
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
        assert steps == sorted(steps, reverse=True)
    founded = answer["commands"] - plan_year(SEED, china()).commands
    assert founded > len(people())
    assert answer["events"] > answer["commands"]
    assert answer["seconds"] < BOUND
