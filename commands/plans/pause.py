"""Pause a plan: it does not come round until it is resumed."""

from commands.command import Decision
from commands.context import Context
from commands.plans.command import PlanCommand, present
from commands.reasons import require_reason
from dispatch.domain.plans import PlanPaused, PlanStatus


class PausePlan(PlanCommand, frozen=True, kw_only=True, tag="plan.pause"):
    """Let a plan rest, with a reason."""

    reason: str


def decide(command: PausePlan, context: Context) -> Decision:
    """Pause a running plan; one that is paused stays so."""
    plan = present(command, context)
    reason = require_reason(command.reason)
    if plan.status is PlanStatus.RUNNING:
        yield PlanPaused(at=context.now, by=context.person, reason=reason)
