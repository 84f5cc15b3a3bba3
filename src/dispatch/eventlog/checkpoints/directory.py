"""Checkpoints in a directory outside the database, one file for each, named by its size."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from dispatch.eventlog.checkpoints.note import NUMBER, Checkpoint, CheckpointUnreadable, NoteMalformed, parse

SUFFIX: Final = ".checkpoint"


def deliver(directory: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint durably, unless one of this size is there; returns its file."""
    path = directory / f"{checkpoint.roots.size:015}{SUFFIX}"
    write(path, checkpoint.note)
    return path


def write(path: Path, text: str) -> None:
    """Write a file of a directory durably and as a whole, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    # Only then the file is found by its name after the power has failed, too.
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def files_in(directory: Path) -> list[Path]:
    """Return the checkpoints' files of a directory, smallest size first; none if it isn't there."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def last_in(directory: Path) -> str | None:
    """Return the note of the largest checkpoint of a directory; `CheckpointUnreadable` if it is none."""
    files = files_in(directory)
    if not files:
        return None
    last = files[-1]
    try:
        note = last.read_text(encoding="utf-8")
        parse(note)
    except (UnicodeDecodeError, NoteMalformed) as error:
        size = int(last.stem) if NUMBER.fullmatch(last.stem.lstrip("0")) else 0
        raise CheckpointUnreadable(f"{last.name} can't be read as a checkpoint: {error}", size) from None
    return note


def all_in(directory: Path) -> dict[str, Checkpoint]:
    """Return every checkpoint of a directory by its file's name; raises `NoteMalformed`."""
    return {path.name: parse(path.read_text(encoding="utf-8")) for path in files_in(directory)}
