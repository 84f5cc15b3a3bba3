"""Enter emergency mode (急时) in one or more scopes: what starts there from now on gets emergency limits."""

from typing import Final

from commands.command import Decision
from commands.context import Context
from commands.modes.command import SwitchCommand
from commands.places import require_scope
from commands.reasons import require_reason
from dispatch.domain.categories import names_category
from dispatch.domain.modes import SCOPES, EmergencyEntered, Grade, county_of, evolve
from dispatch.domain.refusal import NotNow, Unacceptable

MOST_CATEGORIES: Final = 100


class EmergencyOverlaps(NotNow):
    """An emergency lasts already in that scope, in a part of it or around it: leave that one first."""


class CategoryUnacceptable(Unacceptable):
    """A category is written in small letters, digits and _, or is * for all of them; up to 100 are named."""


class EnterEmergency(SwitchCommand, frozen=True, kw_only=True, tag="mode.enter"):
    """Switch to emergency mode, of a grade and for a reason.

    Plans of the categories `pauses` wait, and open items of the categories `recalculates` get new deadlines;
    `*` is every category.
    """

    grade: Grade
    reason: str
    pauses: tuple[str, ...] = ()
    recalculates: tuple[str, ...] = ()


def _categories(named: tuple[str, ...]) -> tuple[str, ...]:
    if len(named) > MOST_CATEGORIES or not all(map(names_category, named)):
        raise CategoryUnacceptable(given=[category[:60] for category in named[:MOST_CATEGORIES]])
    return tuple(sorted(set(named)))


def decide(command: EnterEmergency, context: Context) -> Decision:
    """Enter everywhere, unless an emergency lasts in one of the scopes; each gets one of its own."""
    scopes = [require_scope(scope, context, *SCOPES) for scope in command.scopes]
    reason = require_reason(command.reason)
    pauses, recalculates = _categories(command.pauses), _categories(command.recalculates)
    modes = context.modes(command.scope)
    for scope in scopes:
        if modes and (other := modes.overlapping(scope)):
            raise EmergencyOverlaps(
                scope=other.scope, grade=other.grade, since=other.since.isoformat(), reason=other.reason
            )
        entered = EmergencyEntered(
            at=context.now,
            emergency=f"{county_of(scope)}@{len(modes.emergencies) + 1 if modes else 1}",
            scope=scope,
            grade=command.grade,
            reason=reason,
            by=context.person,
            pauses=pauses,
            recalculates=recalculates,
        )
        modes = evolve(modes, entered)
        yield entered
