"""A copy of an SQLite database and what belongs to it, as all was at one moment, also while it is used."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from dispatch.eventlog.files import for_its_owner_only

PARTS: Final = ("", ".outbox", ".photos", ".sign-in")
"""What a backup has, by what the files' names end in: read models are built anew, keys are kept apart."""
SIMULATED: Final = ".simulated-clock"
PATIENCE: Final = 30.0
"""Seconds for which one waits for those who write."""
HELD: Final = 0.2
"""Seconds after which one who holds some files, and waits for another, lets them go again."""
AGAIN: Final = 0.05
OWNER_ONLY: Final = 0o700

Progress = Callable[[int, int], None]
"""Is told after each file how many pages are copied, and how many there are in all."""


def back_up(database: Path, to: Path, progress: Progress) -> int:
    """Copy the files of a database into a new directory; returns the position of the last event in it.

    Raises `FileExistsError` if there is something of that name, `sqlite3.Error` if a file can't be read or
    written, or somebody writes without an end. Until the copy is whole it has another name.
    """
    if to.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(to))
    draft = to.with_name(f"{to.name}.unfinished")
    draft.mkdir(OWNER_ONLY, parents=True)
    try:
        files = [path for part in PARTS if (path := _beside(database, part)).exists()]
        with _as_of_one_moment(files) as readers:
            ((head,),) = readers[0].execute("SELECT ifnull(max(position), 0) FROM events")
            pages = sum(reader.execute("PRAGMA page_count").fetchone()[0] for reader in readers)
            done = 0
            for path, reader in zip(files, readers, strict=True):
                done += _copied(reader, draft / path.name)
                progress(done, pages)
        if (mark := _beside(database, SIMULATED)).exists():
            (draft / mark.name).touch(mode=0o600)
        _keep(draft)
        draft.rename(to)
        _keep(to.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return int(head)


def _beside(database: Path, part: str) -> Path:
    return database.with_name(f"{database.name}{part}")


def _open(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=patience, isolation_level=None
    )


@contextmanager
def _as_of_one_moment(files: Sequence[Path]) -> Iterator[list[sqlite3.Connection]]:
    """Give a connection to each file, which see what all of them held at one moment.

    Copied one after the other, an outbox would be ahead of its log, or a password without its event.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(_open(path, "rw", PATIENCE))) for path in files]
        until = monotonic() + PATIENCE
        while True:
            try:
                _begin(readers, files)
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
                for reader in readers:
                    if reader.in_transaction:
                        reader.execute("ROLLBACK")
                sleep(AGAIN)
        yield readers


def _begin(readers: Sequence[sqlite3.Connection], files: Sequence[Path]) -> None:
    """Begin to read each file while nobody writes to any; they go on writing at once."""
    with ExitStack() as stack:
        for path in files:
            writer = stack.enter_context(closing(_open(path, "rw", HELD)))
            writer.execute("BEGIN IMMEDIATE")
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _copied(reader: sqlite3.Connection, to: Path) -> int:
    """Copy what a connection sees into a new file; returns its pages."""
    for_its_owner_only(to)
    with closing(_open(to, "rw", PATIENCE)) as copy:
        reader.backup(copy)
        return int(reader.execute("PRAGMA page_count").fetchone()[0])


def _keep(directory: Path) -> None:
    """Have a directory's names on the disk; SQLite has seen to the files."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
