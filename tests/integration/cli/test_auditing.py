"""`dispatch audit trail` and `dispatch replay` at a terminal."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import structlog.testing
from pydantic import SecretStr
from typing_extensions import override

from commands.accounts.add import AddAccount
from commands.accounts.note_refusals import NoteRefusals
from commands.accounts.revoke import RevokeAccount
from commands.cases.accept import AcceptCase
from commands.cases.dispatch import DispatchCase
from commands.cases.register import RegisterCase
from commands.cases.report import ReportCase
from commands.command import Command, Request
from commands.handler import Handler
from commands.personal.disclose import DisclosePersonal
from commands.tasks.cancel import CancelTask
from commands.tasks.issue import IssueTasks
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from dispatch.domain.accounts import Role
from dispatch.domain.cases.events import Reporter
from dispatch.domain.personal import Purpose
from dispatch.domain.refusal import Refusal
from dispatch.domain.refusals import Refused
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.checkpoints.directory import last_in
from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.service.calendars import china
from dispatch.service.checkpoints import Checkpoints, NotDelivered
from dispatch.service.settings import Settings
from tests.integration.cli.conftest import Dispatch
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
NOW = datetime(2023, 3, 1, 2, tzinfo=UTC)


@contextmanager
def handling(database: str) -> Iterator[Handler]:
    """Open the log for commands that are sent at `NOW`."""
    with open_log(database, clock=lambda: NOW) as log:
        yield Handler(log, calendar=china(), clock=lambda: NOW, vault=VAULT)


@pytest.fixture
def task(database: str) -> str:
    """A task that was issued (position 4) and cancelled (position 5); the town's founding came before."""

    async def fill() -> str:
        with handling(database) as handler:

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
        "2023-03-01 10:00:00 张敏 op（值班员）撤销：重复下发，来自网页，10.1.2.3，请求r-7（第5号）"
        in said.out
    )
    english = dispatch("audit", "trail", f"task:{task}", "--lang", "en").out
    assert (
        "张敏 op (operator): Cancelled: 重复下发; from a page, 10.1.2.3, request r-7 (position 5)" in english
    )
    steps = dispatch("audit", "trail", task, "--json").json[f"task:{task}"]
    assert [step["event"]["session"] for step in steps] == ["s-9", "s-9"]


def test_a_trail_says_to_whom_where_and_until_when(dispatch: Dispatch, database: str, task: str) -> None:
    async def fill() -> str:
        with handling(database) as handler:

            async def send(account: str, command: Command) -> str:
                outcome = await handler.handle(Request(command=command, account=account))
                return outcome.written[0].stream.partition(":")[2]

            members = (MemberPlan(member="wang", name="王芳"),)
            await send("system", JoinMembers(town=TOWN, members=members))
            case = await send("op", ReportCase(grid=GRID, category="environment", title="垃圾堆放"))
            await send("op", AcceptCase(case=case))
            await send("op", RegisterCase(case=case))
            await send("op", DispatchCase(case=case, assignee="wang", note="尽快"))
            return case

    case = asyncio.run(fill())
    said = dispatch("audit", "trail", f"case:{case}")
    assert f"派遣：责任人 王芳（wang），网格 第一网格（{GRID}），期限 2023-03-" in said.out
    assert "，尽快，来自" in said.out
    english = dispatch("audit", "trail", f"case:{case}", "--lang", "en").out
    assert f": assignee 王芳 (wang), grid 第一网格 ({GRID}), due 2023-03-" in english


def test_a_trail_says_who_was_shown_the_personal_data_and_what_for(
    dispatch: Dispatch, database: str, task: str
) -> None:
    async def fill() -> str:
        with handling(database) as handler:

            async def send(command: Command) -> str:
                outcome = await handler.handle(Request(command=command, account="op"))
                return outcome.written[0].stream

            reporter = Reporter(name="张三", telephone="13800001234")
            case = await send(
                ReportCase(grid=GRID, category="environment", title="垃圾堆放", reporter=reporter)
            )
            await send(DisclosePersonal(subject=case, purpose=Purpose.CONTACT))
            return case

    case = asyncio.run(fill())
    for asked in (case, case.partition(":")[2]):
        said = dispatch("audit", "trail", asked).out
        assert "张敏 op（值班员）查看个人信息：联系，来自" in said
        english = dispatch("audit", "trail", asked, "--lang", "en").out
        assert "张敏 op (operator): Personal data shown: getting in touch; from" in english
        steps = dispatch("audit", "trail", asked, "--json").json
        [shown] = steps[f"personal:{case}"]
        assert (shown["event"]["actor"], shown["event"]["data"]["purpose"]) == ("op", "contact")
        assert "13800001234" not in said


def test_a_trail_says_what_was_tried_in_vain(dispatch: Dispatch, database: str, task: str) -> None:
    async def attempt() -> None:
        with handling(database) as handler:
            other = await handler.handle(
                Request(command=IssueTasks(grids=(GRID,), title="汛期巡查", category="patrol"), account="op")
            )
            for key in (task, other.written[0].stream.partition(":")[2]):
                # Both are cancelled then; only the first one was before.
                with suppress(Refusal):
                    command = CancelTask(task=key, reason="下发有误")
                    await handler.handle(Request(command=command, account="op", key=f"k-{key}"))

    asyncio.run(attempt())
    steps = dispatch("audit", "trail", task, "--json").json[f"task:{task}"]
    names = [step["event"]["name"] for step in steps]
    assert names == ["task.issued", "task.cancelled", "command.refused"]
    assert "指令被拒：撤销" in dispatch("audit", "trail", task).out.splitlines()[-1]


def test_a_trail_says_what_was_refused_for_rights(dispatch: Dispatch, database: str, task: str) -> None:
    def line(route: str, *items: str) -> Refused:
        return Refused(code="out-of-scope", route=route, count=2, first_at=NOW, last_at=NOW, items=items)

    async def fill() -> None:
        with handling(database) as handler:
            for one in (line("GET /tasks/{id}", f"task:{task}"), line("GET /cases/{id}", f"case:{task}")):
                command = NoteRefusals(account="op", refused=(one,))
                await handler.handle(Request(command=command, account="system"))

    asyncio.run(fill())
    steps = dispatch("audit", "trail", task, "--json").json[f"task:{task}"]
    assert [step["event"]["name"] for step in steps] == ["task.issued", "task.cancelled", "refusals.noted"]
    assert f"GET /tasks/{{id}} 2 次（不在其管辖范围内；事项 task:{task}）" in steps[-1]["zh"]
    assert f"(outside the account's places and items; item task:{task})" in steps[-1]["en"]


def test_the_trail_of_an_account_says_which_and_what_it_was_refused(
    dispatch: Dispatch, database: str, task: str
) -> None:
    async def fill() -> None:
        with handling(database) as handler:
            line = Refused(
                code="role-not-allowed", route="GET /audit/events", count=2, first_at=NOW, last_at=NOW
            )
            for command in (
                NoteRefusals(account="op", refused=(line,)),
                RevokeAccount(account="op", reason="离职"),
            ):
                await handler.handle(Request(command=command, account="system"))

    asyncio.run(fill())
    for asked in ("account:op", "op"):
        steps = dispatch("audit", "trail", asked, "--json").json
        assert list(steps) == ["account:op"]
        names = [step["event"]["name"] for step in steps["account:op"]]
        assert names == ["account.added", "refusals.noted", "account.revoked"]
    said = dispatch("audit", "trail", "account:op").out
    assert (
        "system（系统）记录被拒的请求：账号 op，共 2 次：GET /audit/events 2 次（该角色无权），来自" in said
    )
    assert "system（系统）撤销账号：账号 op，离职，来自" in said
    english = dispatch("audit", "trail", "refusals:op", "--lang", "en").out
    assert "of account op, 2 in all: GET /audit/events 2 times (the account's role may not); from" in english
    assert "Account revoked: account op, 离职;" in dispatch("audit", "trail", "op", "--lang", "en").out


def test_no_text_of_the_log_looks_like_a_line_of_the_trail(dispatch: Dispatch, database: str) -> None:
    forged = "同意\n  2023-03-01 10:00:00 张敏 op（值班员）撤销\u202e\x9b31m"

    async def fill() -> None:
        with handling(database) as handler:
            for command in (
                AddAccount(account="op", name="[red]张[/敏]", role=Role.OPERATOR, scope=TOWN),
                RevokeAccount(account="op", reason=forged),
            ):
                await handler.handle(Request(command=command, account="system"))

    asyncio.run(fill())
    said = dispatch("audit", "trail", "account:op").out
    assert len(said.splitlines()) == 3
    assert r"同意\n  2023-03-01 10:00:00 张敏 op（值班员）撤销\u202e\x9b31m" in said
    assert "[red]张[/敏]" in dispatch("accounts", "list").out
    assert "[red]张[/敏]" in dispatch("accounts", "show", "op").out


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
    assert "campaigns: 0 rows at position 5\n" in dispatch("replay", "--scope", "500115102").out
    assert (
        f"towns: 0 rows at position 5, and 1 of places around {GRID}"
        in dispatch("replay", "--scope", GRID).out
    )
    assert statuses("--until", "2023-02-28") == []


def test_a_replay_tells_what_changed_between_two_positions(dispatch: Dispatch, task: str) -> None:
    found = dispatch("replay", "--from", 4, "--until", 5, "--table", "tasks", "--json").json["tables"][0]
    assert found["total"] == 1
    [change] = found["changes"]
    assert (change["before"]["status"], change["after"]["status"]) == ("issued", "cancelled")


def test_a_replay_is_read_by_people(dispatch: Dispatch, task: str) -> None:
    said = dispatch("replay", "--table", "tasks").out.splitlines()
    assert said[0] == "tasks: 1 rows at position 5"
    assert said[1].startswith(f"  id {task}  ")
    assert "  title 汛期巡查  " in said[1]
    assert "  issued_at 2023-03-01 10:00:00" in said[1]
    assert "None" not in said[1]
    changed = dispatch("replay", "--from", 4, "--table", "tasks").out.splitlines()[1]
    assert changed.startswith(f"  id {task}:  ")
    assert "  status issued → cancelled" in changed
    assert "title" not in changed
    assert dispatch("replay", "--from", 3, "--table", "tasks").out.splitlines()[1].startswith("  + id ")


def test_a_replay_shows_some_rows_and_says_how_many_more(
    dispatch: Dispatch, database: str, task: str
) -> None:
    async def fill() -> None:
        with handling(database) as handler:
            command = IssueTasks(grids=(GRID,), title="汛期巡查", category="patrol")
            await handler.handle(Request(command=command, account="op"))

    asyncio.run(fill())
    some = dispatch("replay", "--table", "tasks", "--rows", 1)
    assert len(some.out.splitlines()) == 2
    assert "1 more of tasks: --rows 2, or --json" in some.err
    assert len(dispatch("replay", "--table", "tasks").out.splitlines()) == 3


def test_every_read_model_is_counted_without_a_table(dispatch: Dispatch, task: str) -> None:
    counted = {one["table"]: one["total"] for one in dispatch("replay", "--json").json["tables"]}
    assert (counted["tasks"], counted["grids"], counted["cases"]) == (1, 1, 0)
    unknown = dispatch("replay", "--table", "nothing")
    assert unknown.status == 1
    assert "(table nothing; tables accounts, campaigns, " in unknown.err
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
    # One root is one text, wherever it is read.
    assert note.splitlines()[1:4] == [str(found["last"]), found["sha256"], f"sm3 {found['sm3']}"]
    assert dispatch("verify", "--json", "--log-only").json["sha256"] == found["sha256"]
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
        # However often it is started again.
        for _ in range(2):
            checkpoints = Checkpoints(log, settings, lambda: NOW + timedelta(days=1))
            checkpoints.look()
            checkpoints.look()
            assert checkpoints.error is None
    kept = json.loads((tmp_path / "2023-03-01.digest.json").read_text())
    [digest] = [line for line in said if line["event"] == "daily_digest"]
    assert (digest["day"], digest["first"], digest["last"]) == ("2023-03-01", 1, 5)
    assert digest["checkpoint"].startswith("dispatch.local/log\n5\n")
    assert kept == {name: value for name, value in digest.items() if name in kept}


def test_days_on_which_nothing_ran_are_told_of_afterwards_the_last_few_of_them(
    database: str, task: str, tmp_path: Path
) -> None:
    settings = Settings(database=database, signing_key=SecretStr(new_pem()), checkpoint_directory=tmp_path)
    with open_log(database, clock=lambda: NOW) as log, structlog.testing.capture_logs() as said:
        for days in (1, 4, 60):
            now = NOW + timedelta(days=days)
            Checkpoints(log, settings, lambda now=now: now).look()
    told = [line["day"] for line in said if line["event"] == "daily_digest"]
    assert told == [f"2023-03-0{n}" for n in range(1, 5)] + [f"2023-04-{n}" for n in range(23, 30)]


def record(log: EventLog, command: Command) -> None:
    handler = Handler(log, calendar=china(), clock=lambda: NOW, vault=VAULT)
    asyncio.run(handler.handle(Request(command=command, account="system")))


class Endpoint(BaseHTTPRequestHandler):
    """Takes checkpoints, or answers with what is not HTTP."""

    taken: ClassVar[list[bytes]] = []
    away = True

    def do_POST(self) -> None:
        note = self.rfile.read(int(self.headers["Content-Length"]))
        if Endpoint.away:
            self.wfile.write(b"this is not HTTP\r\n\r\n")
            return
        self.taken.append(note)
        self.send_response(204)
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_delivery_that_fails_keeps_neither_the_others_nor_the_signing_nor_the_digest(
    sqlite_url: str, tmp_path: Path
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        Thread(target=server.serve_forever).start()
        settings = Settings(
            database=sqlite_url,
            signing_key=SecretStr(new_pem()),
            checkpoint_directory=tmp_path / "checkpoints",
            checkpoint_url=f"http://127.0.0.1:{server.server_port}/",
        )
        with open_log(sqlite_url, clock=lambda: NOW) as log, structlog.testing.capture_logs() as said:
            record(log, AddAccount(account="op-2", name="李强", role=Role.OPERATOR, scope=TOWN))
            checkpoints = Checkpoints(log, settings, lambda: NOW + timedelta(days=1))
            checkpoints.look()
            checkpoints.send()
            error = checkpoints.error
            kept = log.last_checkpoint()
            assert kept is not None
            assert last_in(checkpoints.directory) == kept.note
            Endpoint.away = False
            checkpoints.send()
            assert checkpoints.error is None
            # Nothing can be written to the directory: the others have it all the same.
            shutil.rmtree(checkpoints.directory)
            checkpoints.directory.write_text("no directory")
            record(log, RevokeAccount(account="op-2", reason="离职"))
            with pytest.raises(NotDelivered, match=r"^directory: "):
                checkpoints.issue()
            last = log.last_checkpoint()
        server.shutdown()
    assert error is not None
    assert error.startswith("url: ")
    assert last is not None
    assert last.size == kept.size + 1
    assert Endpoint.taken == [kept.note.encode(), last.note.encode()]
    assert [line["day"] for line in said if line["event"] == "daily_digest"] == ["2023-03-01"]


def test_whoever_is_started_again_and_again_signs_what_was_recorded(
    database: str, task: str, tmp_path: Path
) -> None:
    settings = Settings(database=database, signing_key=SecretStr(new_pem()), checkpoint_directory=tmp_path)
    with open_log(database, clock=lambda: NOW) as log:
        for _ in range(2):
            Checkpoints(log, settings, lambda: NOW).look()
            assert len(log.checkpoints()) == 1
