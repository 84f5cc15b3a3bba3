"""A case as it stands."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from dispatch.domain.cases.disputes import Dispute
from dispatch.domain.cases.kinds import Severity, Source, Status
from dispatch.domain.cases.permits import Permit
from dispatch.domain.escalation import NONE, Escalation
from dispatch.domain.working_time import Deadline


class Case(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A case as it stands; it holds no personal data, so erasing them changes no decision.

    Where: `grid` is where it is now, `reported_in` where it was reported. Who: `assignee` or `department` is
    to handle it; `handlers` have worked on it, and none of them may check or close it (who recorded what a
    department did is none of them). When: `since` is when
    it came into its status, `closed_at` when it was last closed; `clock_stopped_at` is set while the handling
    clock does not run. `cycle` counts how often it was reopened. `before` is the status that a suspension, a
    merge, a hand-up, an appealable ending interrupted. `merged` are the duplicates merged into it.
    `imported_closed_at` is when the ledger that it was imported from says it was closed.
    """

    status: Status
    grid: str
    category: str
    title: str
    severity: Severity
    since: datetime
    reported_at: datetime
    reported_by: str
    reported_in: str
    source: Source | None = None
    reference: str | None = None
    acceptance: Deadline | None = None
    handling: Deadline | None = None
    assignee: str | None = None
    department: str | None = None
    genuine: bool | None = None
    handlers: frozenset[str] = frozenset()
    reworks: int = 0
    cycle: int = 0
    before: Status | None = None
    clock_stopped_at: datetime | None = None
    extensions: int = 0
    extension_requested_at: datetime | None = None
    extension_requested_by: str | None = None
    suspensions: int = 0
    suspended_until: datetime | None = None
    checker: str | None = None
    check_passed: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    imported_closed_at: datetime | None = None
    followed_up: bool = False
    merged_into: str | None = None
    merged_at: datetime | None = None
    merged: tuple[str, ...] = ()
    appealed_by: str | None = None
    appeals: int = 0
    dispute: Dispute | None = None
    permit: Permit | None = None
    escalation: Escalation = NONE

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.grid


def again(case: Case, status: Status, at: datetime, handling: Deadline) -> Case:
    """Return an ended case that begins again, with a new clock and all that hangs on a clock."""
    return replace(
        case,
        status=status,
        since=at,
        before=None,
        cycle=case.cycle + 1,
        handling=handling,
        clock_stopped_at=None,
        department=None,
        assignee=None,
        checker=None,
        check_passed=False,
        extensions=0,
        extension_requested_at=None,
        extension_requested_by=None,
        suspensions=0,
        escalation=NONE,
    )
