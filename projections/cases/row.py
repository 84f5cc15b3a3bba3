"""The row of a case: all that lists, figures and boards need, and nothing personal."""

from datetime import datetime

from dispatch.domain.cases import Channel, Severity, Status
from dispatch.domain.ladder import Level
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.working_time import Deadline
from projections.engine.tables import Row, RowTable


class CaseRow(Row, frozen=True):
    """A case as it stands; the reporter and the description stay in the log.

    `since` is when it came into its status, `before` the status that a suspension, a merge, a hand-up or an
    ending interrupted. `registered_at` is the first registration. `handled_at`, `closed_at` and, for
    disputes, `resolved_at` and `struck_off_at` are None again after rework or reopening; `first_handled_at`
    stays; `check_passed` is False again. `checker` is who was named to check it, or has passed it, until it
    fails or is reopened. `waiting_since` is set while the clock waits without an end,
    `lapses_at` is when the time runs out, see `projections.lapse`. For a dispute `level` is where it is
    mediated, `agreed_level` where it was resolved, `joint` whether together with others. For a permit
    `handling_due` is the limit for reporting it, `published_at` when that was done, `compliant` the last
    judgement, `faulted_at` the first that found it wanting. `longitude` and `latitude` are degrees (WGS 84).
    `version` is its stream's, `position` that of its last event.

    `step_at` is when the next step of the escalation ladder is planned, `next_step_at` when the
    service looks at the item again: then, when a promise runs out, or when a suspension ends.
    `escalation_level` is the highest that the present clock has reached, `levels` every one that the item
    ever did, `escalations` how many steps have fired, `escalated_at` when the last did, `promised_at` what
    the last answer promised.
    """

    id: str
    grid: str
    status: Status
    since: datetime
    title: str
    category: str
    source: str
    channel: Channel | None
    severity: Severity
    reported_by: str
    reported_in: str
    reported_at: datetime
    position: int
    version: int
    reference: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    acceptance_due: datetime | None = None
    handling_started: datetime | None = None
    handling_due: datetime | None = None
    limit_kind: LimitKind | None = None
    limit_amount: float | None = None
    rule: str | None = None
    calendar: str | None = None
    lapses_at: datetime | None = None
    assignee: str | None = None
    department: str | None = None
    before: Status | None = None
    genuine: bool | None = None
    accepted_at: datetime | None = None
    registered_at: datetime | None = None
    dispatched_at: datetime | None = None
    started_at: datetime | None = None
    handled_at: datetime | None = None
    first_handled_at: datetime | None = None
    closed_at: datetime | None = None
    followed_up_at: datetime | None = None
    checker: str | None = None
    check_passed: bool = False
    satisfied: bool | None = None
    reworks: int = 0
    reopenings: int = 0
    extensions: int = 0
    extension_requested_at: datetime | None = None
    suspended_until: datetime | None = None
    waiting_since: datetime | None = None
    appealed_at: datetime | None = None
    merged_into: str | None = None
    merged: tuple[str, ...] = ()
    number: str | None = None
    dispute_kind: str | None = None
    major: bool = False
    level: str | None = None
    mediated_at: datetime | None = None
    agreed_level: str | None = None
    joint: bool = False
    resolved_at: datetime | None = None
    struck_off_at: datetime | None = None
    published_at: datetime | None = None
    compliant: bool | None = None
    faulted_at: datetime | None = None
    corrected_at: datetime | None = None
    step_at: datetime | None = None
    next_step_at: datetime | None = None
    escalation_level: Level | None = None
    levels: tuple[Level, ...] = ()
    escalations: int = 0
    escalated_at: datetime | None = None
    escalation_answered_at: datetime | None = None
    promised_at: datetime | None = None
    acceptance_limit: Limit | None = None
    acceptance_rule: str | None = None

    @property
    def deadline(self) -> Deadline | None:
        """The handling deadline, or for a permit that for reporting it; None while no clock has started."""
        if self.handling_due is None or self.handling_started is None:
            return None
        if self.limit_kind is None or self.limit_amount is None:
            return None
        return Deadline(
            started=self.handling_started,
            due=self.handling_due,
            limit=Limit(self.limit_kind, self.limit_amount),
            rule=self.rule or "",
            calendar=self.calendar or "",
        )

    @property
    def running(self) -> Deadline | None:
        """The deadline that runs out first: that of acceptance until it is accepted, then of handling."""
        if self.status is not Status.REPORTED or self.acceptance_due is None or self.acceptance_limit is None:
            return self.deadline
        return Deadline(
            started=self.reported_at,
            due=self.acceptance_due,
            limit=self.acceptance_limit,
            rule=self.acceptance_rule or "",
            calendar="",
        )


CASES = RowTable(
    "cases",
    CaseRow,
    key=("id",),
    indexes=[
        ("grid", "reported_at"),
        ("status", "grid"),
        ("lapses_at", "grid"),
        ("next_step_at",),
        ("assignee", "status"),
        ("merged_into",),
    ],
)
