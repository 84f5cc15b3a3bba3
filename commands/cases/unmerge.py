"""Undo a merge: the case was no duplicate and stands as it did."""

from commands.cases.command import CaseCommand, found, left_over, require
from commands.command import Decision, On
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseReleased, CaseUnmerged


class UnmergeCase(CaseCommand, frozen=True, kw_only=True, tag="case.unmerge"):
    """Bring a merged case back, with a reason."""

    reason: str


def decide(command: UnmergeCase, context: Context) -> Decision:
    """Bring it back with the time left that it had: the centre's mistake makes nobody late."""
    case = found(command, context)
    require(case, Status.MERGED)
    reason = require_reason(command.reason)
    acceptance, handling = left_over(case, case.merged_at or case.since, context)
    assert acceptance is not None
    if case.merged_into is not None:
        context.case(case.merged_into)  # what the other one loses is decided by who may act on it, too
    yield CaseUnmerged(
        at=context.now, by=context.person, reason=reason, acceptance=acceptance, handling=handling
    )
    if case.merged_into is not None:
        released = CaseReleased(at=context.now, by=context.person, case=command.case)
        yield On(f"case:{case.merged_into}", released)
