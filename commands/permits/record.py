"""Record a permit that is to be published (双公示): from its decision on, it is due to be reported."""

import uuid
from datetime import datetime
from typing import Any, Final

from commands.cases.places import require_place
from commands.command import Command, Decision, On
from commands.context import Context
from commands.moments import past
from dispatch.domain.cases.kinds import PERMIT, Status
from dispatch.domain.cases.permits import PermitDue
from dispatch.domain.codes import town_of
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.text import says_something
from dispatch.domain.working_time import Deadline, planned

PERMITS: Final = uuid.UUID("0c6f2f0a-9a57-5b0b-8d3e-7d0e3d1c4b95")
"""The namespace of the ids of permits; it never changes, or a permit could be recorded twice."""


class PermitNumberMissing(Unacceptable):
    """A permit has a number."""


class PermitAlreadyRecorded(NotNow):
    """A permit of that number was recorded already, and differently."""


class RecordPermit(Command, frozen=True, kw_only=True, tag="permit.record"):
    """Record the permit `number`, decided at `decided_at` (now, if not given), in a grid or in the town."""

    grid: str
    number: str
    title: str
    holder: str = ""
    decided_at: datetime | None = None

    @property
    def case(self) -> str:
        """The id of the number's first case, always the same for the same town: 32 hex digits."""
        return uuid.uuid5(PERMITS, f"{town_of(self.grid)}/{self.number}").hex

    @property
    def stream(self) -> str:
        """The stream of that case."""
        return f"case:{self.case}"


def decide(command: RecordPermit, context: Context) -> Decision:
    """Record it with the deadline for reporting; the same again is a no-op.

    What was mistyped is voided and recorded anew, as the same case: one number is never two permits, also
    where the voiding is appealed against. Where its personal data was erased, nobody writes on that case or
    appeals any more, so it is recorded anew as the next one of its number.
    """
    grid = require_place(command.grid, context)
    if not says_something(command.number):
        raise PermitNumberMissing
    decided_at = context.now if command.decided_at is None else past(command.decided_at, context)
    key = command.case
    while (case := context.find_case(key)) and case.status is Status.VOIDED and context.erased(f"case:{key}"):
        key = uuid.uuid5(uuid.UUID(key), "anew").hex
    if case is not None and case.status is not Status.VOIDED:
        recorded: tuple[Any, ...] = (case.reported_in, case.title, case.reported_at)
        # Without a date of its own the repeat can't differ in it.
        date = case.reported_at if command.decided_at is None else decided_at
        if recorded != (grid, command.title, date):
            raise PermitAlreadyRecorded(number=command.number)
        return
    due = PermitDue(
        at=decided_at,
        grid=grid,
        number=command.number,
        title=command.title,
        by=context.person,
        reporting=reporting_from(grid, decided_at, context),
        holder=command.holder,
    )
    yield On(f"case:{key}", due)


def reporting_from(grid: str, decided_at: datetime, context: Context) -> Deadline:
    """Return by when a permit decided at a time is to be reported, with the steps of the ladder."""
    policy = context.policy_for(grid)
    rule = policy.rule("case", PERMIT, "report")
    reporting = context.deadline(policy, rule, policy.report_limit, decided_at)
    return planned(context.calendar_under(policy), reporting, policy.ladder)
