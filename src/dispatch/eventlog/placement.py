"""Which position each job of a group gets, decided in order and without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.log import Appended, CommandIdReused, NewEvent, StaleRead, StoredCommand
from dispatch.eventlog.tree.growth import Growth, TileRow
from dispatch.eventlog.tree.leaf import Columns
from dispatch.eventlog.vault.vault import WrappedKey


@dataclass(slots=True)
class Known:
    """What the log held when the group's transaction took the lock.

    `versions` has the version of each stream that the group read, None or nothing for one that
    doesn't exist; `commands` has each command id of the group that was used before. `tree` is the
    tree over the log; None when it isn't whole, or when this process has it already.
    """

    head: int
    recorded_at: int
    versions: dict[str, int | None]
    commands: dict[str, StoredCommand]
    tree: Growth | None = None


@dataclass(slots=True)
class Placed:
    """What to write: events in position order, the first at `first`, all recorded at one time.

    `rows` are the events as the log holds them, which is what the tree's leaves cover; `tree` has the nodes
    that the tree gets with them. `keys` and `telephones` are to be kept, those of the subjects `erased`
    destroyed after that.
    """

    first: int
    recorded_at: int
    events: list[NewEvent] = field(default_factory=list)
    rows: list[Columns] = field(default_factory=list)
    commands: list[StoredCommand] = field(default_factory=list)
    tree: list[TileRow] = field(default_factory=list)
    keys: list[WrappedKey] = field(default_factory=list)
    telephones: list[tuple[bytes, str]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)


def place(jobs: Iterable[Job], known: Known, now: int) -> Placed:
    """Settle each job, in order, against the log and the jobs before it.

    `now` is µs since 1970; what is recorded never goes back behind what was recorded before.
    """
    placed = Placed(known.head + 1, max(known.recorded_at, now))
    versions = known.versions
    head = known.head
    for job in jobs:
        append = job.append
        if before := known.commands.get(append.command_id):
            _repeat(job, before)
            continue
        if stale := _stale(append.reads, versions):
            job.answer = StaleRead(stale)
            continue
        first = head + 1 if append.events else head
        for event in append.events:
            versions[event.stream] = event.version
        head += len(append.events)
        command = StoredCommand(
            append.command_id, append.fingerprint, first, head, placed.recorded_at, append.outcome
        )
        known.commands[append.command_id] = job.attempt = command
        placed.events += append.events
        placed.commands.append(command)
        placed.keys += append.keys
        placed.telephones += append.telephones
        placed.erased += append.erased
        job.answer = Appended(first, head, placed.recorded_at, append.outcome, repeated=False)
    recorded_at = placed.recorded_at
    placed.rows = [
        (position, stream, version, name, at, recorded_at, state)
        for position, (stream, version, name, at, state) in enumerate(placed.events, placed.first)
    ]
    return placed


def _repeat(job: Job, before: StoredCommand) -> None:
    if before.fingerprint != job.append.fingerprint:
        job.answer = CommandIdReused(before.command_id)
        return
    # The acknowledgement of a commit can get lost; what this very job wrote then is no repeat.
    repeated = before != job.attempt
    job.answer = Appended(before.first, before.last, before.recorded_at, before.outcome, repeated)


def _stale(reads: Mapping[str, int], versions: Mapping[str, int | None]) -> list[str]:
    return [stream for stream, version in reads.items() if (versions.get(stream) or 0) != version]
