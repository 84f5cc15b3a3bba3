"""Set the policy of a town or county: a whole one, which gets the next version; nothing open changes."""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.cases import Severity
from dispatch.domain.categories import EVERY, names_category
from dispatch.domain.households import HouseholdClass
from dispatch.domain.ladder import LEVELS, WHOLE, LadderStep
from dispatch.domain.limits import WORKING
from dispatch.domain.policies import PolicySet
from dispatch.domain.policy import Policy, Table
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something

GRADES: Final = frozenset(str(severity) for severity in Severity)
MOST: Final = 10
"""Extensions, suspensions and levels of mediation beyond this are a slip of the hand."""
LONGEST_LADDER: Final = 20
SHORTEST_DAY: Final = timedelta(hours=1)
HIGHEST_SHARE: Final = 100.0


class LadderDoesNotRise(Unacceptable):
    """Each step of a ladder comes later than the one before it, reaches no lower and has its own name."""


class LadderOnlyWarns(Unacceptable):
    """A ladder has a step from when the limit is used up on: with warnings alone nothing ever climbs."""


class LadderStepUnacceptable(Unacceptable):
    """A step has a name, somebody it is for, and a share of the limit above 0 and up to 100."""


class LadderLength(Unacceptable):
    """A ladder has 1 to 20 steps."""


class LimitsIncomplete(Unacceptable):
    """Limits are by category, those of cases by `category/grade` or `*/grade` too, and `*` is every other."""


class EmergencyLimitWaits(Unacceptable):
    """In an emergency the watch is 24 hours: its limits are in clock hours or calendar days."""


class AllowanceUnacceptable(Unacceptable):
    """Between 0 and 10 extensions and suspensions, and 1 to 10 different levels of mediation."""


class VisitsIncomplete(Unacceptable):
    """A policy says of each class of household how often it is to be visited."""


class WorkingDayTooShort(Unacceptable):
    """A working day has an hour at least: limits in working days would go on for years."""


class SeverityUnknown(Unacceptable):
    """There is no such severity."""


class SetPolicy(Command, frozen=True, kw_only=True, tag="policy.set"):
    """Set the policy of `scope`, a town (9 digits) or county (6); `policy.version` is not looked at."""

    scope: str
    policy: Policy

    @property
    def stream(self) -> str:
        """The stream of the scope's policies."""
        return f"policy:{self.scope}"


def decide(command: SetPolicy, context: Context) -> Decision:
    """Record the policy under the next version; what is in force already is a no-op."""
    scope = codes.require(command.scope, codes.COUNTY, codes.TOWN)
    if len(scope) == codes.TOWN:
        context.town(scope)
    context.reach(scope)
    before = context.policies(scope)
    context.require_version(command.stream)
    require_sound(command.policy, context)
    if before is not None and replace(command.policy, version=before.present.version) == before.present:
        return
    version = f"{scope}@{len(before.versions) + 1 if before else 1}"
    policy = replace(command.policy, version=version)
    yield PolicySet(at=context.now, scope=scope, by=context.person, policy=policy)


def require_sound(policy: Policy, context: Context) -> None:
    """Refuse a policy that can't be meant, with the reason."""
    _check_ladder(policy.ladder)
    for whole in (policy.task_limits, policy.case_limits):
        if EVERY not in whole:
            raise LimitsIncomplete(missing=EVERY)
    for table in (policy.task_limits, policy.emergency_task_limits):
        _check_keys(table, frozenset())
    for table in (policy.case_limits, policy.emergency_case_limits):
        _check_keys(table, GRADES)
    for table in (policy.emergency_task_limits, policy.emergency_case_limits):
        _check_clock(table)
    _check_allowances(policy)
    if unknown := set(policy.at_once) - GRADES:
        raise SeverityUnknown(severity=sorted(unknown))
    if missing := set(HouseholdClass) - policy.visits.keys():
        raise VisitsIncomplete(missing=sorted(missing))
    # Refuses a day that is both off and worked, and spans out of order.
    if context.calendar_under(policy).working_day < SHORTEST_DAY:
        raise WorkingDayTooShort


def _check_allowances(policy: Policy) -> None:
    levels = policy.mediation_levels
    if not 0 <= policy.extensions <= MOST or not 0 <= policy.suspensions <= MOST:
        raise AllowanceUnacceptable(extensions=policy.extensions, suspensions=policy.suspensions)
    if (
        not 1 <= len(levels) <= MOST
        or len(set(levels)) != len(levels)
        or not all(map(says_something, levels))
    ):
        raise AllowanceUnacceptable(mediation_levels=list(levels))


def _check_ladder(ladder: tuple[LadderStep, ...]) -> None:
    if not 1 <= len(ladder) <= LONGEST_LADDER:
        raise LadderLength(steps=len(ladder))
    for step in ladder:
        # Not a number is in no range.
        if not says_something(step.name) or not step.to or not 0 < step.share <= HIGHEST_SHARE:
            raise LadderStepUnacceptable(step=step.name)
    for lower, higher in pairwise(ladder):
        if higher.share <= lower.share or LEVELS.index(higher.level) < LEVELS.index(lower.level):
            raise LadderDoesNotRise(step=higher.name)
    if len({step.name for step in ladder}) != len(ladder):
        raise LadderDoesNotRise(steps=[step.name for step in ladder])
    if ladder[-1].share < WHOLE:
        raise LadderOnlyWarns(step=ladder[-1].name)


def _check_clock(table: Table) -> None:
    for key, limits in table.items():
        if limits.acceptance.kind in WORKING or limits.handling.kind in WORKING:
            raise EmergencyLimitWaits(given=key)


def _check_keys(table: Table, grades: frozenset[str]) -> None:
    """Refuse limits that nothing would ever ask for; tasks have no grades."""
    for key in table:
        category, slash, grade = key.partition("/")
        if not names_category(category) or (slash and grade not in grades):
            raise LimitsIncomplete(given=key)
