"""Checkpoints in a directory outside the database, one file for each, named by its size."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from dispatch.eventlog.checkpoints.note import Checkpoint, parse

SUFFIX: Final = ".checkpoint"


def deliver(directory: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint durably, unless one of this size is there; returns its file."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{checkpoint.roots.size:015}{SUFFIX}"
    if path.exists():
        return path
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(checkpoint.note)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def files_in(directory: Path) -> list[Path]:
    """Return the checkpoints' files of a directory, smallest size first; none if it isn't there."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def last_in(directory: Path) -> str | None:
    """Return the note of the largest checkpoint of a directory."""
    files = files_in(directory)
    return files[-1].read_text(encoding="utf-8") if files else None


def all_in(directory: Path) -> dict[str, Checkpoint]:
    """Return every checkpoint of a directory by its file's name; raises `NoteMalformed`."""
    return {path.name: parse(path.read_text(encoding="utf-8")) for path in files_in(directory)}
