"""Leave emergency mode: routine mode (平时) from now on; nothing that the emergency made is rewritten."""

from commands.command import Decision
from commands.context import Context
from commands.modes.command import SwitchCommand, emergency_in
from commands.reasons import require_reason
from dispatch.domain import codes
from dispatch.domain.modes import SCOPES, EmergencyLeft, evolve


class LeaveEmergency(SwitchCommand, frozen=True, kw_only=True, tag="mode.leave"):
    """Switch the scopes that emergencies were entered for back to routine mode, with a reason."""

    reason: str


def decide(command: LeaveEmergency, context: Context) -> Decision:
    """Leave; deadlines that were set meanwhile stay as they are.

    What was entered by a clock that ran ahead ends when it would have begun: it was never in force.
    """
    reason = require_reason(command.reason)
    modes = context.modes(command.scope)
    for scope in command.scopes:
        codes.require(scope, *SCOPES)
        # Also of a grid that was given up meanwhile.
        context.reach(scope)
        emergency = emergency_in(scope, modes)
        left = EmergencyLeft(
            at=max(context.now, emergency.since),
            emergency=emergency.emergency,
            scope=scope,
            reason=reason,
            by=context.person,
        )
        modes = evolve(modes, left)
        yield left
