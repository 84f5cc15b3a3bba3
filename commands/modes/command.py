"""What the commands on the mode have in common: the scope, the county's stream, the emergency there."""

from commands.command import Command
from commands.context import Context
from dispatch.domain.modes import Emergency, county_of
from dispatch.domain.refusal import NotNow


class NoEmergency(NotNow):
    """That scope is in routine mode."""


class ModeCommand(Command, frozen=True, kw_only=True):
    """A command on the mode of `scope`: a county (6 digits), town (9), village (12) or grid (15)."""

    scope: str

    @property
    def stream(self) -> str:
        """The stream of the county's modes."""
        return f"mode:{county_of(self.scope)}"


def emergency_in(command: ModeCommand, context: Context) -> Emergency:
    """Return the emergency that lasts in exactly that scope; refuses with `NoEmergency`."""
    modes = context.modes(command.scope)
    found = next((one for one in modes.present if one.scope == command.scope), None) if modes else None
    if found is None:
        raise NoEmergency(scope=command.scope)
    return found
