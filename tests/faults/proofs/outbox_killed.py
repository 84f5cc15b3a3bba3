"""A sender killed again and again loses no notification, and repeats one only under its own key.

A gateway kills whoever is sending to it: by turns before it has taken the message, and after that but before
it answers, so that nothing can have been noted. Then the next sender is started.
The break: the sender notes that a message was sent before it sends it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

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
from tests import postgres
from tests.faults.proofs import ProofResult
from tests.gateways import Webhook, webhook
from tests.vaults import ROOT, VAULT

NAME = "outbox-killed"
SENDER = Path(__file__).parent.parent / "outbox_sender.py"
SHORT, FULL = (8, 2), (200, 40)
"""Notifications, and how often a sender is killed, on each database."""
TOWN = "500115101"
GRID = f"{TOWN}001001"
PATIENCE = 60.0
LOOK = 0.02
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
            handler = Handler(log, calendar=china(), clock=system_clock, vault=VAULT)
            for command in commands:
                await handler.handle(Request(command=command, account="system"))
            return log.head()

    return asyncio.run(within())


class Senders:
    """One sender after the other; each of the first few is killed by the gateway that it sends to."""

    def __init__(self, database: str, hook: Webhook, directory: Path, kills: int, manner: str) -> None:
        self._arguments = [sys.executable, "-P", str(SENDER), database, hook.url, manner]
        self._environment = os.environ | {"DISPATCH_KEY_ENCRYPTION_KEY": ROOT}
        self._directory, self._kills, self.killed = directory, kills, 0
        self._mutex = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        hook.takes = self._takes

    def _takes(self, _key: str) -> bool:
        """Kill who sends, if it is his turn; tell whether the message was taken before."""
        with self._mutex:
            process = self._process
            if self.killed < self._kills and process is not None and process.poll() is None:
                process.kill()
                process.wait()
                self.killed += 1
                return self.killed % 2 == 0
            return True

    def keep_running(self) -> None:
        """Start the next one if the last is no more."""
        with self._mutex:
            if self._process is None or self._process.poll() is not None:
                with (self._directory / "sender.log").open("ab") as log:
                    self._process = subprocess.Popen(
                        self._arguments,
                        cwd=self._directory,
                        env=self._environment,
                        stdout=log,
                        stderr=log,
                    )

    def stop(self) -> None:
        """End the last one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def trial(database: str, directory: Path, number: int, kills: int, manner: str) -> tuple[int, int, int, int]:
    """Return how many notifications were lost, repeated, and strange, and how often a sender was killed."""
    store = Store(database)
    founded = record(database, FOUNDING)
    store.open(lambda: founded)
    issues: list[Command] = [
        IssueTasks(grids=(GRID,), title=f"巡查{n}", category="patrol", assignee="chief")
        for n in range(number)
    ]
    last = record(database, issues)
    wanted = {f"{position}-0" for position in range(last - number + 1, last + 1)}
    with webhook() as hook:
        senders = Senders(database, hook, directory, kills, manner)
        try:
            settled = monotonic() + PATIENCE * (1 + kills / 4)
            while len(store.deliveries(State.SENT)) < number or senders.killed < kills:
                senders.keep_running()
                sleep(LOOK)
                if monotonic() > settled or (
                    manner == "careless" and len(store.deliveries(State.SENT)) == number
                ):
                    break
        finally:
            senders.stop()
        keys = list(hook.keys)
    store.close()
    return len(wanted - set(keys)), len(keys) - len(set(keys)), len(set(keys) - wanted), senders.killed


@contextmanager
def databases(directory: Path) -> Iterator[list[str]]:
    """Give an SQLite database and a PostgreSQL one."""
    server = postgres.new_directory()
    try:
        with postgres.fresh_database(postgres.start(server)) as url:
            yield [f"sqlite:///{directory / 'dispatch.db'}", url]
    finally:
        postgres.stop(server)


def run(*, full: bool, red: bool) -> ProofResult:
    """Kill senders on both databases."""
    number, kills = FULL if full else SHORT
    manner = "careless" if red else "careful"
    lost = repeated = strange = killed = 0
    with tempfile.TemporaryDirectory() as made, databases(Path(made)) as found:
        for database in found:
            results = trial(database, Path(made), number, kills, manner)
            lost, repeated = lost + results[0], repeated + results[1]
            strange, killed = strange + results[2], killed + results[3]
    ok = lost == 0 and strange == 0 and killed == 2 * kills
    figure = (
        f"{lost} of {2 * number} notifications lost and {strange} under a key of nobody's, with {killed} "
        f"senders killed; {repeated} came again, each under its own key"
    )
    return ProofResult(NAME, ok, figure)
