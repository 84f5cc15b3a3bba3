"""The import itself: survey the ledger, draw its grids, then send a command for each row, many at a time."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final, Literal

import msgspec

from commands.cases.import_case import ImportCase
from commands.cases.import_cases import ImportCases
from commands.command import Command, Request
from commands.context import SYSTEM
from commands.handler import Handler
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain import codes
from dispatch.domain.refusal import Refusal, TooBusy, Unknown
from dispatch.domain.towns import Town
from dispatch.eventlog import EventLog
from dispatch.service.clock import Clock
from dispatch.service.ledger_import.columns import Columns, locate
from dispatch.service.ledger_import.grids import GridNames, NewGrid, new_grids
from dispatch.service.ledger_import.reading import Ledger, open_ledger, records
from dispatch.service.ledger_import.rejects import Rejects
from dispatch.service.ledger_import.rows import Reject, Repeat, Row, rows

AT_ONCE: Final = 100
"""Rows that go into one command."""

IN_FLIGHT: Final = 8
"""Commands on their way at once, which share the log's commits."""

BATCH: Final = 500
"""Rows looked up together."""

Progress = Callable[[int], None]
"""Told how many rows more are done."""


class TownNotFounded(Unknown):
    """There is no town of that code: let --create-grids found it, or found it first."""


class Survey(msgspec.Struct, kw_only=True):
    """What a ledger holds, found by reading it once before anything is recorded.

    `first_cases` is when the first case of each grid that it names was reported.
    """

    ledger: Ledger
    columns: Columns
    now: datetime
    rows: int = 0
    first_cases: dict[str, datetime]

    def read(self) -> Iterator[Row | Reject | Repeat]:
        """Read the rows once more, judged as at the survey."""
        return rows(records(self.ledger), self.columns, now=self.now)


class Report(msgspec.Struct, kw_only=True):
    """What became of every row: `imported + unchanged + rejected == rows`."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    rejected: int = 0
    grids_drawn: int = 0
    town_founded: bool = False
    position: int = 0
    seconds: float = 0.0


def survey(path: Path, columns: str | None, clock: Clock) -> Survey:
    """Read a ledger once; `LedgerUnreadable` or `ColumnsDoNotFit` if it can't be one."""
    ledger = open_ledger(path)
    found = Survey(ledger=ledger, columns=locate(ledger, columns), now=clock(), first_cases={})
    for row in found.read():
        found.rows += 1
        if isinstance(row, Row):
            first = found.first_cases.get(row.grid)
            found.first_cases[row.grid] = row.reported if first is None else min(first, row.reported)
    return found


class Importer:
    """Imports a surveyed ledger into a town: `plan`, then `draw`, then `run`; `address` is its user's."""

    def __init__(
        self, log: EventLog, handler: Handler, town: str, survey: Survey, rejects: Rejects, *, address: str
    ) -> None:
        self.report = Report()
        self.town = codes.require(town, codes.TOWN)
        self.to_found = False
        self.to_draw: list[NewGrid] = []
        self._log = log
        self._handler = handler
        self._survey = survey
        self._rejects = rejects
        self._address = address
        self._grids = GridNames(None)
        self._planned: dict[str, str] = {}

    async def plan(self, *, create_grids: bool) -> None:
        """Find out what is to be founded and drawn; `TownNotFounded` if there is no town and may be none."""
        town = await self._find_town()
        if town is None and not create_grids:
            raise TownNotFounded(town=self.town)
        self._grids = GridNames(town)
        if create_grids:
            self.to_draw = new_grids(self.town, town, self._survey.first_cases)
            self.to_found = town is None and bool(self.to_draw)
            self._planned = {grid.name: grid.code for grid in self.to_draw}

    async def draw(self, name: str | None) -> None:
        """Found the town, as of its first case, and draw the grids, each as of its own first case."""
        if self.to_found:
            since = self.to_draw[0].since
            await self._handler.handle(
                self._request(FoundTown(town=self.town, name=name or self.town, since=since))
            )
            self.report.town_founded = True
        if self.to_draw:
            plans = tuple(
                GridPlan(code=grid.code, name=grid.name, village=grid.name, since=grid.since)
                for grid in self.to_draw
            )
            await self._handler.handle(self._request(DrawGrids(town=self.town, grids=plans)))
            self.report.grids_drawn = len(plans)
        self._grids = GridNames(await self._find_town())

    async def run(self, progress: Progress, *, record: bool = True) -> Report:
        """Take every row, many at a time, and report what became of each; without `record`, what would.

        What breaks it off, such as a database that went away, is raised; what was taken until then stays, and
        the same run once more takes the rest.
        """
        started = monotonic()
        slots = asyncio.Semaphore(IN_FLIGHT)
        shared = self._survey.read()
        try:
            async with asyncio.TaskGroup() as tasks:
                while batch := list(islice(shared, BATCH)):
                    changing = iter(await self._changing(batch, record=record))
                    while several := list(islice(changing, AT_ONCE)):
                        await slots.acquire()
                        tasks.create_task(self._import(several, slots))
                    progress(len(batch))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        if not record:
            self.report.town_founded, self.report.grids_drawn = self.to_found, len(self.to_draw)
        self.report.position = await asyncio.to_thread(self._log.head)
        self.report.seconds = round(monotonic() - started, 3)
        return self.report

    async def _changing(
        self, batch: list[Row | Reject | Repeat], *, record: bool
    ) -> list[tuple[Row, ImportCase]]:
        """Judge a batch: return the rows that change something, and report what becomes of the others.

        The cases that are known already are loaded together: one by one that would take most of the time.
        """
        commands = {row: command for row in batch if isinstance(row, Row) and (command := self._command(row))}
        known = await self._handler.fetch([command.stream for command in commands.values()])
        changing = []
        for row in batch:
            if isinstance(row, Reject):
                self._reject(row)
            elif isinstance(row, Repeat):
                self._count("unchanged")
            elif (command := commands.get(row)) is not None:
                if command.stream in known and not await self._changes(row, command):
                    continue
                if record:
                    changing.append((row, command))
                else:
                    self._count("imported")
        return changing

    async def _changes(self, row: Row, command: ImportCase) -> bool:
        """Tell whether a row adds something to its case; if not, report it as unchanged or rejected."""
        try:
            changes = await self._handler.foresee(self._request(command)) > 0
        except Refusal as refusal:
            self._reject(Reject(row.line, row.text, _in_words(refusal)))
            return False
        if not changes:
            self._count("unchanged")
        return changes

    async def _import(self, several: list[tuple[Row, ImportCase]], slots: asyncio.Semaphore) -> None:
        try:
            await self._record(several)
        finally:
            slots.release()

    async def _record(self, several: list[tuple[Row, ImportCase]]) -> None:
        """Record several rows in one go; if one of them is refused, one by one, to see which."""
        command = ImportCases(rows=tuple(command for _, command in several))
        try:
            outcome = await self._handler.handle(self._request(command))
        except TooBusy:
            raise
        except Refusal as refusal:
            if len(several) == 1:
                row, _ = several[0]
                self._reject(Reject(row.line, row.text, _in_words(refusal)))
                return
            for one in several:
                await self._record([one])
        else:
            self._count("imported", len(outcome.written))
            self._count("unchanged", len(several) - len(outcome.written))

    def _command(self, row: Row) -> ImportCase | None:
        """Return the command for a row; None, having rejected the row, if its grid is not known."""
        grid = self._grids.code_of(row.grid) or self._planned.get(row.grid)
        if grid is None:
            several = ", ".join(self._grids.several(row.grid))
            reason = (
                f"grid {row.grid!r} is the name of several: {several}; write the code"
                if several
                else f"town {self.town} has no grid {row.grid!r}; --create-grids draws it"
            )
            self._reject(Reject(row.line, row.text, reason))
            return None
        return ImportCase(
            town=self.town,
            reference=row.id,
            reported_at=row.reported,
            closed_at=row.closed,
            grid=grid,
            category=row.category,
            title=row.subject,
        )

    def _reject(self, reject: Reject) -> None:
        self._rejects.add(reject)
        self._count("rejected")

    def _count(self, became: Literal["imported", "unchanged", "rejected"], rows: int = 1) -> None:
        report = self.report
        report.rows += rows
        setattr(report, became, getattr(report, became) + rows)

    def _request(self, command: Command) -> Request:
        return Request(command=command, account=SYSTEM.account, source="import", address=self._address)

    async def _find_town(self) -> Town | None:
        town = await self._handler.state(f"town:{self.town}")
        assert town is None or isinstance(town, Town)
        return town


def _in_words(refusal: Refusal) -> str:
    """Return why the log didn't take a row: the sentence, and what differs from what is recorded."""
    differs = refusal.details.get("differs")
    if not isinstance(differs, dict):
        return refusal.message
    said = ", ".join(f"{field} is {both['recorded']!r} there" for field, both in differs.items())
    return f"{refusal.message} ({said})"
