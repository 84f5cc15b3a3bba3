"""End a recalculation: every item that a switch to emergency mode concerned has been looked at."""

from commands.command import Decision
from commands.context import Context
from commands.modes.command import ModeCommand
from dispatch.domain.modes import DeadlinesRecalculated


class EndRecalculation(ModeCommand, frozen=True, kw_only=True, tag="mode.end_recalculation"):
    """Say so once, of the emergency of that name; sent by the service itself."""

    emergency: str


def decide(command: EndRecalculation, context: Context) -> Decision:
    """Record it unless it is recorded, or the emergency was left meanwhile."""
    modes = context.modes(command.scope)
    emergency = modes.named(command.emergency) if modes else None
    if emergency is not None and emergency.pending:
        yield DeadlinesRecalculated(at=context.now, emergency=emergency.emergency, scope=emergency.scope)
