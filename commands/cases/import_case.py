"""Import a case from an existing ledger, with its true dates; the same row twice is one case."""

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from commands.cases.command import CaseIsPermit, acceptance_known
from commands.cases.places import require_place
from commands.command import Command, Decision
from commands.context import Context
from commands.moments import past
from dispatch.domain import codes
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.events import CaseAccepted, CaseClosed, CaseReported, Reporter
from dispatch.domain.cases.kinds import PERMIT, UNCATEGORISED, Channel, Severity, Source
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.text import says_something

LEDGERS: Final = uuid.UUID("5c9a3f0e-2d1b-5e6a-9f47-0b6f5d3c8a21")
"""The namespace of the ids of imported cases; it never changes, or every row would be imported again."""


class ImportContradicts(NotNow):
    """The row contradicts what was recorded of the same case before."""


class ClosedBeforeReported(Unacceptable):
    """A case is closed at or after the time at which it was reported."""


class ReferenceMissing(Unacceptable):
    """A row has its ledger's own id."""


class ImportCase(Command, frozen=True, kw_only=True, tag="case.import"):
    """Record a row of a ledger: reported and accepted at `reported_at`, closed at `closed_at`, if it is.

    `reference` is the ledger's own id of it, unique in the town. `grid` is a grid, or the town where the row
    names none. A row without a category gets `uncategorised`; the title may be empty.
    """

    town: str
    reference: str
    reported_at: datetime
    closed_at: datetime | None = None
    grid: str | None = None
    category: str = ""
    title: str = ""
    severity: Severity = Severity.GRADE_3
    channel: Channel = Channel.PAPER
    description: str = ""
    reporter: Reporter | None = None

    @property
    def case(self) -> str:
        """The id of the case, always the same for the same row: 32 hex digits."""
        return _case_of(self.town, self.reference)

    @property
    def stream(self) -> str:
        """The case's stream."""
        return f"case:{self.case}"


# A row's id is asked for several times while it is imported, and costs as much as deciding on the row.
@lru_cache(maxsize=2_000)
def _case_of(town: str, reference: str) -> str:
    return uuid.uuid5(LEDGERS, f"{town}/{reference}").hex


class _Row:
    """What a row says, checked and completed."""

    def __init__(self, command: ImportCase, context: Context) -> None:
        codes.require(command.town, codes.TOWN)
        if not says_something(command.reference):
            raise ReferenceMissing
        self.grid = require_place(command.grid or command.town, context, closed=True)
        if codes.town_of(self.grid) != command.town:
            raise codes.CodeMalformed(given=self.grid, town=command.town)
        self.category = command.category.strip() or UNCATEGORISED
        if self.category == PERMIT:
            raise CaseIsPermit
        self.reported_at = past(command.reported_at, context)
        self.closed_at = None if command.closed_at is None else past(command.closed_at, context)
        if self.closed_at is not None and self.closed_at < self.reported_at:
            raise ClosedBeforeReported


def _contradictions(command: ImportCase, row: _Row, case: Case) -> dict[str, Any]:
    """Return what differs, by field: what was recorded and what the row says."""
    recorded_and_given: dict[str, tuple[Any, Any]] = {
        "grid": (case.reported_in, row.grid),
        "category": (case.category, row.category),
        "title": (case.title, command.title),
        "severity": (case.severity, command.severity),
        "reported_at": (case.reported_at, row.reported_at),
    }
    if case.imported_closed_at is not None or (
        row.closed_at is not None and case.status is not Status.ACCEPTED
    ):
        # It was closed in the ledger already, or it has gone on here, so the row has nothing to add.
        recorded_and_given["closed_at"] = (case.imported_closed_at or case.closed_at, row.closed_at)
    return {
        field: {"recorded": _shown(recorded), "given": _shown(given)}
        for field, (recorded, given) in recorded_and_given.items()
        if recorded != given
    }


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _reported(command: ImportCase, row: _Row, context: Context) -> CaseReported:
    return CaseReported(
        at=row.reported_at,
        grid=row.grid,
        category=row.category,
        title=command.title,
        source=Source.IMPORT,
        channel=command.channel,
        severity=command.severity,
        by=context.person,
        acceptance=acceptance_known(row.grid, row.category, command.severity, row.reported_at, context),
        description=command.description,
        reporter=command.reporter,
        reference=command.reference,
    )


def decide(command: ImportCase, context: Context) -> Decision:
    """Record the row, or only its closing if the rest is known; a row that is known is a no-op."""
    row = _Row(command, context)
    case = context.find_case(command.case)
    if case is None:
        yield _reported(command, row, context)
        yield CaseAccepted(at=row.reported_at, by=context.person)
    else:
        differs = _contradictions(command, row, case)
        if differs:
            raise ImportContradicts(case=command.case, reference=command.reference, differs=differs)
    if row.closed_at is not None and (case is None or case.status is Status.ACCEPTED):
        yield CaseClosed(at=row.closed_at, by=context.person)
