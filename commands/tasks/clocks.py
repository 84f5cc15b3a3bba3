"""The clocks of a task: what starts them, and the deadlines and planned steps that come of it."""

from commands.context import Context
from dispatch.domain.working_time import Deadline, Limit, planned


def acceptance_from(grid: str, category: str, context: Context) -> Deadline:
    """Return the deadline of an acceptance clock that starts now."""
    policy = context.policy_for(grid)
    rule = policy.rule("task", category, "acceptance")
    return context.deadline(policy, rule, policy.for_task(category).acceptance, context.now)


def handling_from(grid: str, category: str, limit: Limit | None, context: Context) -> Deadline:
    """Return the deadline of a handling clock that starts now, with the steps of the ladder.

    `limit` replaces the category's.
    """
    policy = context.policy_for(grid)
    rule = policy.rule("task", category, "handling")
    deadline = context.deadline(policy, rule, limit or policy.for_task(category).handling, context.now)
    return planned(context.calendar_under(policy), deadline, policy.ladder)
