"""Change a plan: other terms from now on."""

from commands.assignment import require_same_town
from commands.command import Decision
from commands.context import Context
from commands.plans.command import PlanCommand, checked, present
from dispatch.domain.plans import PlanChanged, PlanTerms


class ChangePlan(PlanCommand, frozen=True, kw_only=True, tag="plan.change"):
    """Say the plan's whole terms anew."""

    terms: PlanTerms


def decide(command: ChangePlan, context: Context) -> Decision:
    """Change a running or paused plan, within its town; the same terms again are a no-op."""
    plan = present(command, context)
    require_same_town(plan.terms.scope, command.terms.scope)
    terms, first = checked(command.terms, context, plan)
    if terms != plan.terms:
        yield PlanChanged(at=context.now, terms=terms, by=context.person, next_at=first)
