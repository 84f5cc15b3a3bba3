"""What the commands on the mode have in common: the scope, the county's stream, who reaches there."""

from commands.command import Command
from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.modes import SCOPES, Emergency, county_of
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


def require_scope(scope: str, context: Context) -> str:
    """Return `scope` if there is such a place within the actor's reach."""
    codes.require(scope, *SCOPES)
    context.reach(scope)
    if len(scope) == codes.GRID:
        context.grid(scope)
    elif len(scope) >= codes.TOWN:
        town = context.town(scope)
        if not any(codes.covers(scope, grid) for grid in town.grids) and len(scope) == codes.VILLAGE:
            raise codes.CodeMalformed(given=scope)
    return scope


def emergency_in(command: ModeCommand, context: Context) -> Emergency:
    """Return the emergency that lasts in exactly that scope; refuses with `NoEmergency`."""
    modes = context.modes(command.scope)
    found = next((one for one in modes.present if one.scope == command.scope), None) if modes else None
    if found is None:
        raise NoEmergency(scope=command.scope)
    return found
