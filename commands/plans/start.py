"""Start a recurring plan: from now on it issues tasks by itself."""

from commands.command import Command, Decision, On
from commands.context import Context
from commands.plans.command import checked
from dispatch.domain.plans import PlanStarted, PlanTerms


class StartPlan(Command, frozen=True, kw_only=True, tag="plan.start"):
    """Start a plan on these terms; it gets an id."""

    terms: PlanTerms


def decide(command: StartPlan, context: Context) -> Decision:
    """Start a plan that comes round at least once."""
    terms, first = checked(command.terms, context)
    started = PlanStarted(at=context.now, terms=terms, by=context.person, next_at=first)
    yield On(f"plan:{context.new_id()}", started)
