"""`dispatch audit trail` and `dispatch replay` at a terminal."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog.testing
from pydantic import SecretStr

from commands.accounts.add import AddAccount
from commands.command import Command, Request
from commands.handler import Handler
from commands.tasks.cancel import CancelTask
from commands.tasks.issue import IssueTasks
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain.accounts import Role
from dispatch.eventlog import open_log
from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.service.calendars import china
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.settings import Settings
from tests.integration.cli.conftest import Dispatch
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
NOW = datetime(2023, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def task(database: str) -> str:
    """A task that was issued (position 4) and cancelled (position 5); the town's founding came before."""

    async def fill() -> str:
        with open_log(database, clock=lambda: NOW) as log:
            handler = Handler(log, calendar=china(), clock=lambda: NOW, vault=VAULT)

            async def send(account: str, command: Command) -> str:
                request = Request(
                    command=command, account=account, address="10.1.2.3", request_id="r-7", session="s-9"
                )
                return (await handler.handle(request)).written[0].stream

            await send("system", FoundTown(town=TOWN, name="万顺镇"))
            grid = GridPlan(code=GRID, name="第一网格", village="村")
            await send("system", DrawGrids(town=TOWN, grids=(grid,)))
            await send("system", AddAccount(account="op", name="张敏", role=Role.OPERATOR, scope=TOWN))
            stream = await send("op", IssueTasks(grids=(GRID,), title="汛期巡查", category="patrol"))
            key = stream.partition(":")[2]
            await send("op", CancelTask(task=key, reason="重复下发"))
            return key

    return asyncio.run(fill())


def test_a_trail_says_who_in_which_role_when_and_from_where(dispatch: Dispatch, task: str) -> None:
    said = dispatch("audit", "trail", task)
    assert said.status == 0, said.err
    assert (
        "2023-03-01 10:00:00 张敏 op（值班员）撤销：重复下发，来自接口，10.1.2.3，请求r-7（第5号）"
        in said.out
    )
    english = dispatch("audit", "trail", f"task:{task}", "--lang", "en").out
    assert (
        "张敏 op (operator): Cancelled: 重复下发; from the API, 10.1.2.3, request r-7 (position 5)" in english
    )
    steps = dispatch("audit", "trail", task, "--json").json[f"task:{task}"]
    assert [step["event"]["session"] for step in steps] == ["s-9", "s-9"]


def test_what_is_not_in_the_log_has_no_trail(dispatch: Dispatch, task: str) -> None:
    assert dispatch("audit", "trail", "0" * 32).status == 1


def test_a_read_model_is_shown_as_it_stood(dispatch: Dispatch, task: str) -> None:
    def statuses(*when: object) -> list[str]:
        tables = dispatch("replay", "--table", "tasks", "--json", *when).json["tables"]
        return [row["status"] for row in tables[0]["rows"]]

    assert statuses("--until", 3) == []
    assert statuses("--until", 4) == ["issued"]
    assert statuses() == ["cancelled"]
    assert statuses("--scope", "500115102") == []
    assert statuses("--until", "2023-02-28") == []


def test_a_replay_tells_what_changed_between_two_positions(dispatch: Dispatch, task: str) -> None:
    found = dispatch("replay", "--from", 4, "--until", 5, "--table", "tasks", "--json").json["tables"][0]
    assert found["total"] == 1
    [change] = found["changes"]
    assert (change["before"]["status"], change["after"]["status"]) == ("issued", "cancelled")


def test_every_read_model_is_counted_without_a_table(dispatch: Dispatch, task: str) -> None:
    counted = {one["table"]: one["total"] for one in dispatch("replay", "--json").json["tables"]}
    assert (counted["tasks"], counted["grids"], counted["cases"]) == (1, 1, 0)
    assert dispatch("replay", "--table", "nothing").status == 1
    assert dispatch("replay", "--until", 999).status == 1


def test_a_days_digest_is_one_page_with_a_signed_checkpoint(
    dispatch: Dispatch, task: str, tmp_path: Path
) -> None:
    found = dispatch("audit", "digest", "2023-03-01", "--json").json
    assert (found["first"], found["last"], found["actors"]) == (1, 5, 2)
    assert found["events"] == {
        "account.added": 1,
        "grid.drawn": 1,
        "task.cancelled": 1,
        "task.issued": 1,
        "town.founded": 1,
    }
    page = dispatch("audit", "digest", "2023-03-01").out
    assert f"SHA-256 {found['sha256']}" in page
    assert "1 撤销 Cancelled" in page
    note = page[page.index("dispatch.local/log") :]
    assert note == found["checkpoint"]
    kept = tmp_path / "paper.checkpoint"
    kept.write_text(note)
    assert dispatch("verify", "--checkpoint", kept, "--log-only").status == 0
    quiet = dispatch("audit", "digest", "2023-02-28", "--json").json
    assert (quiet["first"], quiet["last"], quiet["events"]) == (1, 0, {})
    later = dispatch("audit", "digest", "2023-03-02", "--json").json
    assert (later["first"], later["last"], later["sha256"]) == (6, 5, found["sha256"])


def test_the_process_that_leads_says_yesterdays_digest_once(database: str, task: str, tmp_path: Path) -> None:
    settings = Settings(database=database, signing_key=SecretStr(new_pem()), checkpoint_directory=tmp_path)
    with open_log(database, clock=lambda: NOW) as log, structlog.testing.capture_logs() as said:
        checkpoints = Checkpoints(log, settings, lambda: NOW + timedelta(days=1))
        checkpoints.look()
        checkpoints.look()
    assert checkpoints.error is None
    [digest] = [line for line in said if line["event"] == "daily_digest"]
    assert (digest["day"], digest["first"], digest["last"]) == ("2023-03-01", 1, 5)
    assert digest["checkpoint"].startswith("dispatch.local/log\n5\n")
