"""Suspend a case (挂账): its clock waits until a given end and then goes on by itself."""

from datetime import datetime

from commands.cases.command import CaseCommand, present, require, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.suspension import require_suspension
from dispatch.domain.cases.events import CaseSuspended
from dispatch.domain.cases.kinds import CLOCK_RUNS


class SuspendCase(CaseCommand, frozen=True, kw_only=True, tag="case.suspend"):
    """Let a case's clock wait until `until`."""

    reason: str
    until: datetime


def decide(command: SuspendCase, context: Context) -> Decision:
    """Suspend; the deadline that holds if it ends by itself is computed and recorded now."""
    case, before = present(command, context)
    require(case, *CLOCK_RUNS)
    assert case.handling is not None
    until = require_suspension(case.handling, case.suspensions, command.until, context)
    event = CaseSuspended(
        at=context.now,
        by=context.person,
        reason=require_reason(command.reason),
        until=until,
        handling=context.resumed(case.handling, context.now, until),
    )
    yield from then(before, event)
