"""`dispatch whatif` at a terminal: what it says, what it refuses, and that it writes nothing."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.policies.set import SetPolicy
from commands.tasks.accept import AcceptTask
from commands.tasks.escalate import EscalateTask
from commands.tasks.handle import HandleTask
from commands.tasks.issue import IssueTasks
from commands.tasks.submit import SubmitTask
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.post_member import PostMember
from dispatch.cli.whatif import read_policy
from dispatch.domain.towns import Post
from dispatch.eventlog import open_log
from dispatch.service.calendars import china
from tests.integration.cli.conftest import Dispatch
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
START = datetime(2023, 3, 1, 1, tzinfo=UTC)  # nine in the morning of a Wednesday
HOURS = {"kind": "working_hours"}


def file(directory: Path, **changes: Any) -> Path:
    """A policy as `PUT /api/v1/policies/…` takes it; without changes the one that was in force."""
    handling, acceptance = changes.pop("handling", 16), changes.pop("acceptance", 4)
    both = {"acceptance": HOURS | {"amount": acceptance}, "handling": HOURS | {"amount": handling}}
    card = {"name": "yellow_card", "share": 1.0, "level": "yellow_card", "to": ["chief"]}
    whole = {"task_limits": {"*": both}, "case_limits": {"*": both}, "ladder": [card]} | changes
    path = directory / "policy.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.fixture
def tasks(database: str, tmp_path: Path) -> list[str]:
    """Two tasks of two working days: one was done after 7 hours, one after 20 and got its yellow card."""

    async def fill() -> list[str]:
        now = START

        def clock() -> datetime:
            return now

        with open_log(database, clock=clock) as log:
            handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)

            async def send(command: Command) -> Outcome:
                return await handler.handle(Request(command=command, account="system"))

            await send(FoundTown(town=TOWN, name="万顺镇"))
            await send(DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="网格", village="村"),)))
            await send(JoinMembers(town=TOWN, members=(MemberPlan(member="chief", name="罗静"),)))
            await send(PostMember(town=TOWN, member="chief", place=GRID, post=Post.CHIEF))
            await send(SetPolicy(scope=TOWN, policy=read_policy(file(tmp_path))))
            issue = IssueTasks(grids=(GRID,), title="汛期巡查", category="patrol")
            made = [(await send(issue)).key_of("task") for _ in range(2)]
            for task in made:
                await send(AcceptTask(task=task))
                await send(HandleTask(task=task))
            now = START + timedelta(hours=9)  # six at night
            await send(SubmitTask(task=made[0], note="好"))
            now = START + timedelta(hours=48)
            await send(EscalateTask(task=made[1]))
            now = START + timedelta(hours=52)
            await send(SubmitTask(task=made[1], note="好"))
            return made

    return asyncio.run(fill())


PERIOD = ("--from", "2023-03-01", "--until", "2023-03-08")


def contents(database: str) -> dict[str, Any]:
    """Everything that is stored: every row of every table, and of a file every byte."""
    url = database.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for schema in inspector.get_schema_names():
            if schema in {"information_schema", "pg_catalog"}:
                continue
            for name in inspector.get_table_names(schema):
                table = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection)
                found[f"{schema}.{name}"] = sorted(map(repr, connection.execute(sa.select(table))))
    engine.dispose()
    if database.startswith("sqlite"):
        path = Path(database.removeprefix("sqlite:///"))
        for one in sorted(path.parent.glob(f"{path.name}*")):
            found[one.name] = hashlib.sha256(one.read_bytes()).hexdigest()
    return found


def test_under_other_limits_it_says_what_was_and_what_would_have_been(
    dispatch: Dispatch, database: str, tasks: list[str], tmp_path: Path
) -> None:
    before = contents(database)
    assert "events" in str(sorted(before))
    said = dispatch("whatif", "--policy", file(tmp_path, handling=6), *PERIOD, "--json")
    assert said.status == 0, said.err
    assert contents(database) == before
    answer = said.json
    assert (answer["tasks"], answer["cases"], answer["same"], answer["refused"]) == (2, 0, False, 0)
    assert answer["counts"]["was"]["late"]["handling"] == 1
    assert answer["counts"]["would"]["late"]["handling"] == 2
    assert answer["counts"]["would"]["told"] == {"chief": 2}
    late = {one["item"]: (one["was"], one["would"]) for one in answer["late"]}
    done = "2023-03-01T18:00:00+08:00"
    assert late[f"task:{tasks[0]}"] == (None, {"due": "2023-03-01T17:00:00+08:00", "done_at": done})
    steps = {one["item"]: (one["was"], one["would"]) for one in answer["steps"]}
    was, would = steps[f"task:{tasks[1]}"]
    assert (was["at"], was["persons"]) == ("2023-03-03T09:00:00+08:00", ["chief"])
    assert (would["at"], would["late_factor"]) == ("2023-03-01T17:00:00+08:00", None)
    assert answer["names"] == {"chief": "罗静"}

    shown = dispatch("whatif", "--policy", file(tmp_path, handling=6), *PERIOD)
    assert "罗静" in shown.out
    assert "2023-03-01 17:00" in shown.out
    assert contents(database) == before


def test_under_the_policy_that_was_in_force_nothing_differs(
    dispatch: Dispatch, tasks: list[str], tmp_path: Path
) -> None:
    answer = dispatch("whatif", "--policy", file(tmp_path), *PERIOD, "--json").json
    assert (answer["same"], answer["tasks"]) == (True, 2)
    assert answer["counts"]["was"] == answer["counts"]["would"]
    assert answer["counts"]["was"]["steps"]["yellow_card"] == 1
    whole = json.loads(file(tmp_path).read_text(encoding="utf-8")) | {"version": f"{TOWN}@1"}
    answered = tmp_path / "answered.json"
    answered.write_text(json.dumps({"scope": TOWN, "set_by": TOWN, "versions": 1, "policy": whole}))
    shown = dispatch("whatif", "--policy", answered, *PERIOD)
    assert "Nothing would have been different." in shown.out


def test_in_emergency_mode_and_in_another_place(dispatch: Dispatch, tasks: list[str], tmp_path: Path) -> None:
    answer = dispatch("whatif", "--mode", "emergency", *PERIOD, "--json").json
    assert answer["counts"]["would"]["late"]["handling"] == 2  # two hours by the clock
    assert (answer["mode"], answer["policy"]) == ("emergency", False)
    elsewhere = dispatch("whatif", "--mode", "emergency", *PERIOD, "--scope", "500115102", "--json").json
    assert (elsewhere["tasks"], elsewhere["same"]) == (0, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"handling": 0}, "greater than 0"),
        ({"handling": -1}, "greater than 0"),
        ({"handling": 366 * 8 + 1}, "at most a year"),
        ({"handling": 1 / 7}, "whole minutes"),
        ({"ladder": []}, "at least 1 item"),
        ({"days_off": ["2023-03-02"], "workdays": ["2023-03-02"]}, "both off and worked"),
        ({"limits": {}}, "Extra inputs are not permitted"),
        (
            {
                "ladder": [
                    {"name": "card", "share": 1.0, "level": "yellow_card", "to": ["chief"]},
                    {"name": "late", "share": 1.0, "level": "red_card", "to": ["leader"]},
                ]
            },
            "comes later than the one before it",
        ),
    ],
)
def test_a_policy_that_can_not_be_meant_is_refused_with_the_reason(
    dispatch: Dispatch, tasks: list[str], tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    said = dispatch("whatif", "--policy", file(tmp_path, **changes), *PERIOD, "--json")
    assert said.status != 0
    assert reason in said.err
    assert not said.out


def test_a_question_that_is_none_is_refused(dispatch: Dispatch, tasks: list[str], tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    assert "can't be read as JSON" in dispatch("whatif", "--policy", path, *PERIOD).err
    assert (
        "ends after it begins"
        in dispatch("whatif", "--mode", "emergency", "--from", "2023-03-02", "--until", "2023-03-01").err
    )
    ahead = dispatch("whatif", "--mode", "emergency", "--from", "2199-01-01", "--until", "2199-02-01").err
    assert "hasn't begun" in ahead
    assert "Suppose another policy" in dispatch("whatif", *PERIOD).err
    assert dispatch("whatif", "--mode", "panic", *PERIOD).status == 2
    assert dispatch("whatif", "--policy", tmp_path / "none.json", *PERIOD).status == 2
