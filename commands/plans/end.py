"""End a plan for good."""

from commands.command import Decision
from commands.context import Context
from commands.plans.command import PlanCommand, present
from commands.reasons import require_reason
from dispatch.domain.plans import PlanEnded


class EndPlan(PlanCommand, frozen=True, kw_only=True, tag="plan.end"):
    """End a plan, with a reason."""

    reason: str


def decide(command: EndPlan, context: Context) -> Decision:
    """End it; the tasks that it has issued go on."""
    present(command, context)
    yield PlanEnded(at=context.now, by=context.person, reason=require_reason(command.reason))
