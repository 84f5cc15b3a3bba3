"""The service as a process of its own: started on a new database, watched, and stopped."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

DATABASE: Final = "dispatch.db"
LOG: Final = "service.log"
STARTS_WITHIN: Final = 60.0
"""Seconds; a cold machine reads a good deal of code first."""
STOPS_WITHIN: Final = 20.0
LOOKS_EVERY: Final = 0.05
TAIL: Final = 4_000
"""Bytes of the service's log that are shown if it ends by itself."""
_SERVING: Final = re.compile(r"Serving (https?://\S+?)/api/v1")
_START: Final = "from dispatch.cli import main; main()"


class ServiceFailed(Exception):
    """The service did not start, or ended by itself; the message holds the end of its log."""


class Service:
    """The service on a database in `directory`, while in the `with` block."""

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        self.directory = directory
        self.address = ""
        self._port = port or 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> str:
        """The URL of its database."""
        return f"sqlite:///{self.directory / DATABASE}"

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        """Start it and wait until it says where it serves."""
        # Nothing that is set for another installation is to have a say in this one.
        env = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")}
        env |= {
            "DISPATCH_DATABASE": self.database,
            "DISPATCH_CLOCK": "simulated",
            "DISPATCH_LOG_LEVEL": "warning",
            # A year within a minute: nobody's working day brings that many requests.
            "DISPATCH_REQUESTS_PER_MINUTE": "0",
            "DISPATCH_REQUESTS_PER_MINUTE_PER_ADDRESS": "0",
        }
        with (self.directory / LOG).open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-c", _START, "serve", "--port", str(self._port)],
                cwd=self.directory,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is meant for the demonstration, which then stops the service itself.
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            self.require_alive()
            if found := _SERVING.search(self._said()):
                self.address = found[1]
                return
            time.sleep(LOOKS_EVERY)
        raise ServiceFailed(f"The service did not start within {STARTS_WITHIN:.0f} s.\n{self._said()}")

    def _said(self) -> str:
        with (self.directory / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL))
            return log.read().decode(errors="replace")

    def require_alive(self) -> None:
        """Raise `ServiceFailed` with the end of its log if it has ended."""
        assert self._process is not None
        if (status := self._process.poll()) is not None:
            raise ServiceFailed(f"The service ended by itself (status {status}).\n{self._said()}".rstrip())

    def wait(self) -> None:
        """Wait until it ends by itself."""
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, and end it if it doesn't."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
