"""What the commands on the mode have in common: the scopes, the county's stream, the emergency there."""

from commands.command import Command
from dispatch.domain.modes import Emergency, Modes, county_of
from dispatch.domain.refusal import NotNow, Unacceptable


class NoEmergency(NotNow):
    """That scope is in routine mode."""


class ScopesOfSeveralCounties(Unacceptable):
    """The scopes of one switch lie in one county."""


class ModeCommand(Command, frozen=True, kw_only=True):
    """A command on the mode of `scope`: a county (6 digits), town (9), village (12) or grid (15)."""

    scope: str

    @property
    def stream(self) -> str:
        """The stream of the county's modes."""
        return f"mode:{county_of(self.scope)}"


class SwitchCommand(ModeCommand, frozen=True, kw_only=True):
    """A switch of the mode in `scope` and in the `further` ones of the same county: all of them or none."""

    further: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """All of them; refuses with `ScopesOfSeveralCounties`."""
        scopes = (self.scope, *self.further)
        if len(set(map(county_of, scopes))) > 1:
            raise ScopesOfSeveralCounties(scopes=list(scopes))
        return scopes


def emergency_in(scope: str, modes: Modes | None) -> Emergency:
    """Return the emergency that lasts in exactly that scope; refuses with `NoEmergency`."""
    found = next((one for one in modes.present if one.scope == scope), None) if modes else None
    if found is None:
        raise NoEmergency(scope=scope)
    return found
