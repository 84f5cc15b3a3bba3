"""What the commands on one plan have in common: its stream, and what a plan may say."""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from commands.command import Command
from commands.context import Context
from commands.moments import utc
from commands.places import require_scope
from dispatch.domain import codes
from dispatch.domain.plans import Plan, PlanStatus, PlanTerms
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.text import says_something
from dispatch.domain.towns import GRID_POSTS

MOST_GRIDS: Final = 500
MOST_HOUSEHOLDS: Final = 200


class PlanHasEnded(NotNow):
    """The plan has ended; start another one."""


class PlanNeverComesRound(Unacceptable):
    """No time fits this schedule between the plan's start and its end."""


class PlanEndsBeforeItStarts(Unacceptable):
    """A plan ends after it starts, and after now."""


class PlanWithoutTitle(Unacceptable):
    """A plan has a title, which its tasks get."""


class PlanTargetsUnacceptable(Unacceptable):
    """A plan asks up to 500 different grids of its scope, the households of them, or routes in them."""


class PlanCommand(Command, frozen=True, kw_only=True):
    """A command on one plan, by its id."""

    plan: str

    @property
    def stream(self) -> str:
        """The plan's stream."""
        return f"plan:{self.plan}"


def present(command: PlanCommand, context: Context) -> Plan:
    """Return a plan that has not ended. Refuses with `PlanHasEnded` and `StaleVersion`."""
    plan = context.plan(command.plan)
    context.require_version(command.stream)
    if plan.status is PlanStatus.ENDED:
        raise PlanHasEnded(plan=command.plan)
    return plan


def checked(terms: PlanTerms, context: Context, plan: Plan | None = None) -> tuple[PlanTerms, datetime]:
    """Return the terms with their times in UTC, and when the plan, if it is there, comes round next."""
    require_scope(terms.scope, context, codes.TOWN, codes.VILLAGE, codes.GRID)
    if not says_something(terms.title):
        raise PlanWithoutTitle
    _check_targets(terms, context)
    starts = None if terms.starts is None else utc(terms.starts)
    ends = None if terms.ends is None else utc(terms.ends)
    if ends is not None and (ends <= context.now or (starts is not None and ends <= starts)):
        raise PlanEndsBeforeItStarts
    terms = replace(terms, starts=starts, ends=ends)
    return terms, next_from_now(terms, plan, context)


def next_from_now(terms: PlanTerms, plan: Plan | None, context: Context) -> datetime:
    """Return the first time after now, and after the last one that went by; or `PlanNeverComesRound`.

    By a clock that was set back, a time for which the plan has come round already would lie ahead again.
    """
    gone_by = context.now if plan is None or plan.last_at is None else max(context.now, plan.last_at)
    found = next_after(terms, gone_by, context)
    if found is None:
        raise PlanNeverComesRound
    return found


def next_after(terms: PlanTerms, at: datetime, context: Context) -> datetime | None:
    """Return the first time after `at` at which a plan comes round, or None."""
    calendar = context.calendar_under(context.policy_for(terms.scope))
    if terms.starts is not None and terms.starts > at:
        # The start itself is a time at which it may come round.
        at = terms.starts - at.resolution
    found = next(terms.schedule.after(at, calendar), None)
    return found if found is not None and (terms.ends is None or found <= terms.ends) else None


def _check_targets(terms: PlanTerms, context: Context) -> None:
    targets = terms.targets
    named = [*targets.grids, *(route.grid for route in targets.routes)]
    several = bool(targets.routes) + bool(targets.grids or targets.classes) > 1
    if several or len(named) > MOST_GRIDS or not 1 <= targets.households_in_task <= MOST_HOUSEHOLDS:
        raise PlanTargetsUnacceptable
    if len(set(targets.grids)) != len(targets.grids) or len(set(targets.routes)) != len(targets.routes):
        raise PlanTargetsUnacceptable
    if any(not says_something(route.name) for route in targets.routes):
        raise PlanTargetsUnacceptable
    if terms.assign_to is not None and terms.assign_to not in GRID_POSTS:
        raise PlanTargetsUnacceptable(assign_to=terms.assign_to)
    for grid in named:
        context.grid(grid)
        if not codes.covers(terms.scope, grid):
            raise PlanTargetsUnacceptable(grid=grid)
