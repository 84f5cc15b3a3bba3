"""Merge a duplicate (并案) into the case that stays: out of the rates; its reporter hears the outcome."""

from commands.assignment import require_same_town
from commands.cases.command import CaseCommand, CaseEnded, present, require, require_no_permit, then
from commands.command import Decision, On
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import ENDED, Case
from dispatch.domain.cases.events import CaseAbsorbed, CaseMerged
from dispatch.domain.cases.kinds import MERGEABLE
from dispatch.domain.refusal import NotNow, Unacceptable


class MergedIntoItself(Unacceptable):
    """A case can't be merged into itself."""


class MergeMakesCycle(NotNow):
    """That case was itself merged into this one."""


class DisputeHasNumber(NotNow):
    """A dispute that has a number in the ledger is struck off there, not merged."""


class MergeCase(CaseCommand, frozen=True, kw_only=True, tag="case.merge"):
    """Merge this case into the case `into`, with a reason."""

    into: str
    reason: str


def _check(command: MergeCase, survivor: Case, context: Context) -> None:
    key, above = command.into, survivor
    while above.merged_into is not None:
        key = above.merged_into
        if key == command.case:
            raise MergeMakesCycle
        further = context.find_case(key)
        if further is None:
            break
        above = further
    if survivor.status in ENDED:
        raise CaseEnded(case=command.into, status=survivor.status)
    require_no_permit(survivor)


def decide(command: MergeCase, context: Context) -> Decision:
    """Merge into a case of the same town that has not ended."""
    if command.into == command.case:
        raise MergedIntoItself
    # The chain is looked at before the duplicate's own ending, so that a cycle is called what it is.
    survivor = context.case(command.into)
    _check(command, survivor, context)
    case, before = present(command, context)
    require(case, *MERGEABLE)
    require_no_permit(case)
    if case.dispute is not None:
        raise DisputeHasNumber(number=case.dispute.number)
    require_same_town(case.grid, survivor.grid)
    reason = require_reason(command.reason)
    yield from then(before, CaseMerged(at=context.now, by=context.person, into=command.into, reason=reason))
    absorbed = CaseAbsorbed(at=context.now, by=context.person, case=command.case)
    yield On(f"case:{command.into}", absorbed)
