"""Resume a paused plan."""

from commands.command import Decision
from commands.context import Context
from commands.plans.command import PlanCommand, next_from_now, present
from dispatch.domain.plans import PlanResumed, PlanStatus


class ResumePlan(PlanCommand, frozen=True, kw_only=True, tag="plan.resume"):
    """Let a plan come round again."""


def decide(command: ResumePlan, context: Context) -> Decision:
    """Resume a paused plan from its next time after now; a running one goes on as it is."""
    plan = present(command, context)
    if plan.status is PlanStatus.RUNNING:
        return
    following = next_from_now(plan.terms, plan, context)
    yield PlanResumed(at=context.now, by=context.person, next_at=following)
