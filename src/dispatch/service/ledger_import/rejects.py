"""The file of rejects: each row that was not taken, with its line, the reason and its very text."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from dispatch.domain.refusal import Unacceptable
from dispatch.service.ledger_import.rows import Reject

HEADER: Final = ("line", "reason", "row")


class RejectsNotWritable(Unacceptable):
    """The file of rejects can't be written there: name another with --rejects."""


class Rejects:
    """Writes rejects as CSV in UTF-8 and counts them."""

    def __init__(self, file: TextIO) -> None:
        self.count = 0
        self._writer = csv.writer(file)
        self._writer.writerow(HEADER)

    def add(self, reject: Reject) -> None:
        r"""Write one row; a NUL, at which many programs stop, is written as `\0`."""
        self._writer.writerow((reject.line, reject.reason, reject.text.replace("\0", "\\0")))
        self.count += 1


@contextmanager
def rejects_to(path: Path, *, ledger: Path, always: bool) -> Iterator[Rejects]:
    """Write rejects for the length of a block; then they replace what `path` held before.

    Without a reject there is no file, unless there was one before or `always`. `RejectsNotWritable` if the
    file can't be written, before the block begins.
    """
    if path.exists() and path.samefile(ledger):
        raise RejectsNotWritable(path=str(path), why="it is the ledger itself")
    partial = path.with_name(f"{path.name}.part")
    try:
        file = partial.open("w", encoding="utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        raise RejectsNotWritable(path=str(path), error=error.strerror or str(error)) from None
    rejects = Rejects(file)
    try:
        yield rejects
    finally:
        file.close()
        if rejects.count or always or path.exists():
            partial.replace(path)
        else:
            partial.unlink()
