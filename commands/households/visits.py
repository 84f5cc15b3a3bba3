"""Visits: which households a task may name, and what its closing records with each of them."""

from collections.abc import Iterator, Sequence
from typing import Final

from commands.command import On
from commands.context import Context
from dispatch.domain.households import HouseholdVisited
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.tasks import Task

MOST: Final = 200
"""Households that one task may name: more than anybody visits within a limit."""


class HouseholdsNeedOneGrid(Unacceptable):
    """Households can be named only for a task that goes to one grid."""


class HouseholdsUnacceptable(Unacceptable):
    """A task names up to 200 different households of its grid that are on record."""


class NotToBeVisited(Unacceptable):
    """Only households that the task names can be reported as not met."""


def require_households(households: Sequence[str], grids: Sequence[str], context: Context) -> None:
    """Refuse households that a task to `grids` can't name."""
    if not households:
        return
    if len(grids) != 1:
        raise HouseholdsNeedOneGrid
    if len(set(households)) != len(households) or len(households) > MOST:
        raise HouseholdsUnacceptable
    for key in households:
        household = context.household(key)
        if household.grid != grids[0] or not household.on_record:
            raise HouseholdsUnacceptable(household=key)


def require_named(not_met: Sequence[str], task: Task) -> None:
    """Refuse with `NotToBeVisited` a household that the task does not name."""
    for key in not_met:
        if key not in task.households:
            raise NotToBeVisited(household=key)


def visits(key: str, task: Task, context: Context) -> Iterator[On]:
    """Give the visits that a task has made, once its work was found good: all but those that were not met.

    They happened when the work was submitted, however long the verification took.
    """
    at, by = task.clock_stopped_at or task.since, task.assignee or context.person
    for household in task.households:
        if household in task.not_met:
            continue
        known = context.find_household(household)
        if known is not None and known.on_record:
            yield On(f"household:{household}", HouseholdVisited(at=at, task=key, by=by))
