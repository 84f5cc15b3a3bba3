"""A PostgreSQL server of one's own, that may be killed and started again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests import postgres


class Server:
    """A PostgreSQL of one's own, that may be killed and started again."""

    def __init__(self, within: Path | None = None) -> None:
        self.directory = postgres.new_directory(within)
        self.url = postgres.start(self.directory)

    def kill(self) -> None:
        """Kill every process of it at once, as a machine does that loses its power."""
        postmaster = self._postmaster()
        for pid in (postmaster, *self.backends()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        postgres.control(self.directory, "stop", "-m", "immediate", check=False)  # what may be left of it

    def backends(self) -> list[int]:
        """Return the ids of all processes that the server's first one has started."""
        postmaster = self._postmaster()
        return list(map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()))

    def start(self) -> None:
        options = f'-h "" -k {self.directory}'
        postgres.control(self.directory, "start", "-l", str(self.directory / "log"), "-o", options)

    def restart(self) -> None:
        postgres.control(self.directory, "restart", "-m", "immediate", "-l", str(self.directory / "log"))

    def remove(self) -> None:
        postgres.stop(self.directory)

    def _postmaster(self) -> int:
        return int((self.directory / "postmaster.pid").read_text().split()[0])


@contextmanager
def own_server(within: Path | None = None) -> Iterator[Server]:
    server = Server(within)
    try:
        yield server
    finally:
        server.remove()
