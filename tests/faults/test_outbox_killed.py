"""A process killed between sending and noting it: the next one sends again, under the same key."""

import asyncio
import subprocess
import sys
from pathlib import Path
from threading import Event

from commands.command import Command, Request
from commands.handler import Handler
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from commands.tasks.issue import IssueTasks
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.post_member import PostMember
from dispatch.domain.inboxes import of_member
from dispatch.domain.towns import Post
from dispatch.eventlog import open_log
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.outbox.store import Store
from dispatch.service.outbox.tables import State
from tests.gateways import webhook
from tests.integration.projections.setting import eventually

PROGRAM = Path(__file__).with_name("outbox_program.py")
TOWN = "500115101"
GRID = f"{TOWN}001001"
PATIENCE = 60.0
FOUNDING: list[Command] = [
    FoundTown(town=TOWN, name="万顺镇"),
    DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="网格", village="村"),)),
    JoinMembers(town=TOWN, members=(MemberPlan(member="chief", name="王"),)),
    PostMember(town=TOWN, member="chief", place=GRID, post=Post.CHIEF),
    SetChannels(inbox=of_member(TOWN, "chief"), channels=(ChannelPlan(channel="hook", address="chief"),)),
]


def record(database: str, commands: list[Command]) -> int:
    """Carry commands out and return the log's head."""

    async def within() -> int:
        with open_log(database, clock=system_clock) as log:
            handler = Handler(log, calendar=china(), clock=system_clock)
            for command in commands:
                await handler.handle(Request(command=command, account="system"))
            return log.head()

    return asyncio.run(within())


def sending(database: str, url: str, tmp_path: Path) -> subprocess.Popen[bytes]:
    with (tmp_path / "program.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), database, url], cwd=tmp_path, stdout=log, stderr=log
        )


def test_what_was_sent_and_not_noted_is_sent_again_under_the_same_key(database: str, tmp_path: Path) -> None:
    store = Store(database)
    store.open(record(database, FOUNDING))
    issue = IssueTasks(grids=(GRID,), title="巡查", category="patrol", assignee="chief")
    record(database, [issue])
    killed = Event()
    with webhook() as hook:

        def kill() -> None:
            # Before the answer: what was taken can't have been noted.
            first.kill()
            first.wait()
            killed.set()

        hook.on_receipt = kill
        first = sending(database, hook.url, tmp_path)
        try:
            assert killed.wait(PATIENCE), (tmp_path / "program.log").read_text()
        finally:
            first.kill()
            first.wait()
        assert [one.attempts for one in store.deliveries(State.SENDING)] == [1]
        hook.on_receipt = lambda: None
        second = sending(database, hook.url, tmp_path)
        try:
            eventually(lambda: store.deliveries(State.SENT), PATIENCE)
        finally:
            second.kill()
            second.wait()
        assert len(hook.keys) == 2
        assert len(set(hook.keys)) == 1
        assert [one.attempts for one in store.deliveries(State.SENT)] == [2]
    store.close()
