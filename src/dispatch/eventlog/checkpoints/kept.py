"""Looking through the checkpoints that are kept: those in the database against those in the directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dispatch.eventlog.checkpoints.directory import files_in
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint
from dispatch.eventlog.checkpoints.note import Checkpoint, NoteMalformed, parse
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.files import in_words
from dispatch.eventlog.tree.checking import Fault


def look(log: DatabaseLog, directory: Path) -> tuple[dict[str, Checkpoint], list[Fault]]:
    """Return the checkpoints that can be read, each text once, by where they are from; and what is wrong.

    One that only the database keeps is nothing wrong: those who keep the directory may have taken it away.
    """
    known: dict[str, Checkpoint] = {}
    faults = []
    kept = {row.size: row for row in _rows(log)}
    for row in kept.values():
        source = f"the database's checkpoint at {row.size}"
        try:
            known[source] = parse(row.note)
        except NoteMalformed as error:
            faults.append(Fault(row.size, f"{source} can't be read: {error}"))
            continue
        faults += _of_signatures(source, known[source])
        if (says := known[source].roots.size) != row.size:
            faults.append(Fault(row.size, f"{source} is one of {says} events"))
        if known[source].issued_at not in {None, row.issued_at}:
            faults.append(Fault(row.size, f"{source} was issued at another time than is kept with it"))
    for path in files_in(directory):
        try:
            found = parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NoteMalformed) as error:
            faults.append(Fault(0, f"{path.name} can't be read as a checkpoint: {in_words(error)}"))
            continue
        faults += _of_signatures(path.name, found)
        size = found.roots.size
        beside = kept.get(size)
        if beside is None:
            faults.append(
                Fault(size, f"the database's checkpoint at {size} is missing: {path.name} is there")
            )
        if beside is None or beside.note != found.note:
            known[path.name] = found
        # Of two processes that issue one at the same size, each may have had its own kept, of its time.
        if beside is not None and beside.note != found.note and _body(beside.note) == _body(found.note):
            faults.append(Fault(size, f"the database's checkpoint at {size} isn't {path.name} to the letter"))
    return known, faults


def _body(note: str) -> str:
    return note.partition("\n\n")[0]


def _of_signatures(source: str, checkpoint: Checkpoint) -> Iterator[Fault]:
    if (many := len(checkpoint.signatures)) != 1:
        yield Fault(
            checkpoint.roots.size, f"{source} has {many} signatures, and one is what it was issued with"
        )


def _rows(log: DatabaseLog) -> Iterator[KeptCheckpoint]:
    after = -1
    while kept := log.checkpoints(after):
        yield from kept
        after = kept[-1].size
