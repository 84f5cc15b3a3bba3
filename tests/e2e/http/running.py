"""A running service in a process of its own, on any database, and its first administrator."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from commands.accounts.add import AddAccount
from commands.accounts.issue_token import IssueToken
from commands.command import Command, Request
from commands.handler import Handler
from dispatch.domain.accounts import Role
from dispatch.eventlog import open_log
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.tokens import new_token
from tests.e2e.http.client import Client
from tests.vaults import ROOT, VAULT

PROGRAM = Path(__file__).with_name("program.py")
HEARTBEAT = 0.2
LOOKS_EVERY = 1.0
"""Seconds after which a service looks again what is to be signed and told of."""
PATIENCE = 60.0
"""Seconds that a busy machine may need for anything."""
LOOK = 0.02


def first_administrator(database: str) -> str:
    """Make an account that may administer everything, as the command line does; returns its token."""
    token = new_token("root")

    async def make() -> None:
        with open_log(database, clock=system_clock) as log:
            handler = Handler(log, calendar=china(), clock=system_clock, vault=VAULT)
            commands: list[Command] = [
                AddAccount(account="root", name="root", role=Role.ADMINISTRATOR, scope=""),
                IssueToken(account="root", token=token.token, digest=token.digest),
            ]
            for command in commands:
                await handler.handle(Request(command=command, account="system", source="test"))

    asyncio.run(make())
    return token.secret


class Running:
    """The service as a process, while in the `with` block; `settings` are those of the environment.

    `program` is what to run in place of the service as it is, and its arguments.
    """

    def __init__(
        self, database: str, directory: Path, *, program: Sequence[object] | None = None, **settings: str
    ) -> None:
        self.database = database
        self.log = directory / "service.log"
        self.address = ""
        self._program = [str(part) for part in program or (PROGRAM, HEARTBEAT, LOOKS_EVERY)]
        self._port = "0"
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    @property
    def client(self) -> Client:
        return Client(self.address)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """Return the ids of the worker processes that its first process has started."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        found = []
        for child in children:
            with suppress(FileNotFoundError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    def start(self) -> Self:
        """Start it; the second time at the same address."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")}
        env |= {"DISPATCH_DATABASE": self.database, "DISPATCH_PORT": self._port}
        env |= {"DISPATCH_LOG_LEVEL": "warning", "DISPATCH_REFUSALS_SECONDS": "3600"}
        # Services in several directories may share a database, as those of an installation share this key.
        env |= {"DISPATCH_KEY_ENCRYPTION_KEY": ROOT}
        # One account sends here what a town does; the tests of the limit set their own.
        env |= {f"DISPATCH_REQUESTS_PER_MINUTE{of}": "0" for of in ("", "_PER_ADDRESS")}
        env |= {f"DISPATCH_{name.upper()}": value for name, value in self._settings.items()}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", *self._program],
                cwd=self.log.parent,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address, f"the service did not start: {self.said()[-2_000:]}"
        self._port = self.address.rpartition(":")[2]
        return self

    def kill(self) -> None:
        """End it and every process that it started, without a warning."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._reap()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has; one that doesn't stop is killed, and fails the test."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"it did not stop: {self.said()[-2_000:]}") from None
        self._reap()

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait(PATIENCE)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def faults(self) -> list[str]:
        """Return what it said of mistakes of its own."""
        return [line for line in self.said().splitlines() if '"fault"' in line or "Traceback" in line]

    def await_ready(self, within: float = PATIENCE) -> float:
        """Return when it says that it does its work; returns after how many seconds that was."""
        began = monotonic()
        while not self.ready():
            assert monotonic() - began < within, self.client.get("/readyz").content
            sleep(LOOK)
        return monotonic() - began

    def ready(self) -> bool:
        with suppress(OSError):
            return self.client.get("/readyz").status == 200
        return False

    def __enter__(self) -> Self:
        self.start()
        self.await_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
