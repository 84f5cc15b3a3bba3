"""The row of a task: all that lists, figures and boards need, and nothing personal."""

from datetime import datetime

from msgspec.structs import replace

from dispatch.domain.ladder import Level
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.tasks import Status
from dispatch.domain.working_time import Deadline
from projections.engine.tables import Row, RowTable


class TaskRow(Row, frozen=True):
    """A task as it stands.

    `since` is when it came into its status. `accepted_at`, `started_at` and `handled_at` (submitted, 反馈)
    are None again after a transfer, a decline or a return has undone them; `first_handled_at` stays.
    `waiting_since` is set while its clock waits at the centre. `lapses_at` is when its time runs out, see
    `projections.lapse`. `households` are those to be visited, `plan` the recurring plan that issued the task.
    `limit_amount` is in units of `limit_kind`. `version` is its stream's, `position`
    that of its last event.

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
    issued_by: str
    campaign: str | None
    assignee: str | None
    issued_at: datetime
    acceptance_due: datetime
    handling_due: datetime
    limit_kind: LimitKind
    limit_amount: float
    rule: str
    calendar: str
    position: int
    version: int
    lapses_at: datetime | None = None
    accepted_at: datetime | None = None
    started_at: datetime | None = None
    handled_at: datetime | None = None
    first_handled_at: datetime | None = None
    closed_at: datetime | None = None
    reworks: int = 0
    extensions: int = 0
    extension_requested_at: datetime | None = None
    suspended_until: datetime | None = None
    suspended_from: Status | None = None
    waiting_since: datetime | None = None
    step_at: datetime | None = None
    next_step_at: datetime | None = None
    escalation_level: Level | None = None
    levels: tuple[Level, ...] = ()
    escalations: int = 0
    escalated_at: datetime | None = None
    escalation_answered_at: datetime | None = None
    promised_at: datetime | None = None
    households: tuple[str, ...] = ()
    plan: str | None = None
    acceptance_limit: Limit | None = None
    acceptance_rule: str | None = None

    @property
    def deadline(self) -> Deadline:
        """The handling deadline."""
        limit = Limit(self.limit_kind, self.limit_amount)
        return Deadline(
            started=self.issued_at,
            due=self.handling_due,
            limit=limit,
            rule=self.rule,
            calendar=self.calendar,
        )

    @property
    def running(self) -> Deadline:
        """The deadline that runs out first; once it is accepted, that of handling."""
        accepting = self.status is Status.ISSUED and self.acceptance_due < self.handling_due
        if not accepting or self.acceptance_limit is None:
            return self.deadline
        rule = self.acceptance_rule or self.rule
        return replace(self.deadline, due=self.acceptance_due, limit=self.acceptance_limit, rule=rule)


TASKS = RowTable(
    "tasks",
    TaskRow,
    key=("id",),
    indexes=[
        ("grid", "issued_at"),
        ("status", "grid"),
        ("lapses_at", "grid"),
        ("next_step_at",),
        ("assignee", "status"),
        ("campaign",),
        ("plan", "issued_at"),
    ],
)
