"""Resume a suspended case before its suspension ends by itself."""

from commands.cases.command import CaseCommand, present, require
from commands.command import Decision
from commands.context import Context
from commands.suspension import ended_early
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.events import CaseResumed


class ResumeCase(CaseCommand, frozen=True, kw_only=True, tag="case.resume"):
    """Let a case's clock go on now."""


def decide(command: ResumeCase, context: Context) -> Decision:
    """Resume; if the suspension has just ended by itself, that alone is recorded."""
    case, before = present(command, context)
    if before:
        yield from before
        return
    require(case, Status.SUSPENDED)
    yield resumed_early(case, context)


def resumed_early(case: Case, context: Context) -> CaseResumed:
    """Return the event that a suspended case's clock goes on now."""
    assert case.handling is not None
    handling = ended_early(case.handling, case.suspended_until, context)
    return CaseResumed(at=context.now, by=context.person, handling=handling)
