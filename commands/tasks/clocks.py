"""The clocks of a task: what starts them, and the deadlines and planned steps that come of it."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from commands.context import Context
from dispatch.domain.limits import clocked
from dispatch.domain.policy import Mode
from dispatch.domain.tasks import Task
from dispatch.domain.working_time import Deadline, Limit, planned


def acceptance_from(grid: str, category: str, handling: Deadline, context: Context) -> Deadline:
    """Return the deadline of an acceptance clock that starts now, in the mode of the place."""
    policy, mode = context.policy_for(grid), context.mode_for(grid)
    rule = policy.rule("task", category, "acceptance", mode)
    deadline = context.deadline(policy, rule, policy.for_task(category, mode).acceptance, context.now)
    return within(handling, deadline, context.now)


def within(handling: Deadline, acceptance: Deadline, now: datetime) -> Deadline:
    """Return an acceptance deadline that is no later than that of handling.

    Where the latter has passed already, whoever gets the task still has the time to accept it.
    """
    return replace(acceptance, due=handling.due) if now < handling.due < acceptance.due else acceptance


def handling_from(grid: str, category: str, limit: Limit | None, context: Context) -> Deadline:
    """Return the deadline of a handling clock that starts now, with the steps of the ladder.

    `limit` replaces the category's; in an emergency it is counted day and night.
    """
    policy, mode = context.policy_for(grid), context.mode_for(grid)
    rule = policy.rule("task", category, "handling", mode)
    if limit is not None and mode is Mode.EMERGENCY:
        limit = clocked(limit)
    deadline = context.deadline(policy, rule, limit or policy.for_task(category, mode).handling, context.now)
    return planned(context.calendar_under(policy), deadline, policy.ladder)


def clocks_of(
    grids: Iterable[str], category: str, limit: Limit | None, context: Context
) -> dict[Mode, tuple[Deadline, Deadline]]:
    """Return the deadlines of both clocks by mode, for grids of one town, where one policy holds for all."""
    found = {}
    for mode, grid in {context.mode_for(grid): grid for grid in grids}.items():
        handling = handling_from(grid, category, limit, context)
        found[mode] = acceptance_from(grid, category, handling, context), handling
    return found


def goes_on(task: Task, context: Context) -> Deadline:
    """Return the deadline of a handling clock that goes on now: the time for which it stood doesn't count."""
    if task.clock_stopped_at is None:
        return task.handling
    return context.resumed(task.handling, task.clock_stopped_at, context.now)
