"""The clocks of a task: what starts them, and the deadlines and planned steps that come of it."""

from commands.context import Context
from dispatch.domain.limits import clocked
from dispatch.domain.policy import Mode
from dispatch.domain.working_time import Deadline, Limit, planned


def acceptance_from(grid: str, category: str, context: Context) -> Deadline:
    """Return the deadline of an acceptance clock that starts now, in the mode of the place."""
    policy, mode = context.policy_for(grid), context.mode_for(grid)
    rule = policy.rule("task", category, "acceptance", mode)
    return context.deadline(policy, rule, policy.for_task(category, mode).acceptance, context.now)


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
