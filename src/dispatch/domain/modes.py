"""Routine and emergency mode (平急): the emergencies that were switched on in a county, and where.

All of a county's switches are one stream, so that two emergencies never overlap, and so that whoever starts a
clock reads one stream to know which mode it starts in.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.categories import EVERY
from dispatch.domain.event import Event
from dispatch.domain.policy import Mode

SCOPES: Final = (codes.COUNTY, codes.TOWN, codes.VILLAGE, codes.GRID)
"""The lengths of the codes that an emergency may be switched on for."""


class Grade(StrEnum):
    """How grave an emergency is, from Ⅳ (blue) to Ⅰ (red)."""

    BLUE = "IV"
    YELLOW = "III"
    ORANGE = "II"
    RED = "I"


class EmergencyEntered(Event, frozen=True, kw_only=True, tag="mode.emergency_entered"):
    """Emergency mode began in `scope`: a county, town, village or grid.

    `emergency` names it for ever, `500115@3` being the county's third. Plans of the categories `pauses` issue
    nothing until it ends, unless they say that they go on; `*` stands for every category. The deadlines of
    open items of the categories `recalculates` are made anew, each in an event of its own.
    """

    emergency: str
    scope: str
    grade: Grade
    reason: str
    by: str
    pauses: tuple[str, ...] = ()
    recalculates: tuple[str, ...] = ()


class DeadlinesRecalculated(Event, frozen=True, kw_only=True, tag="mode.deadlines_recalculated"):
    """Every open item that the switch concerned has been looked at and has its new deadlines."""

    emergency: str
    scope: str


class EmergencyLeft(Event, frozen=True, kw_only=True, tag="mode.emergency_left"):
    """Emergency mode ended there; what it has made of deadlines stays."""

    emergency: str
    scope: str
    reason: str
    by: str


ModeEvent = EmergencyEntered | DeadlinesRecalculated | EmergencyLeft


class Emergency(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency, past or present; `left_at` is None while it lasts."""

    emergency: str
    scope: str
    grade: Grade
    reason: str
    by: str
    since: datetime
    pauses: tuple[str, ...] = ()
    recalculates: tuple[str, ...] = ()
    recalculated_at: datetime | None = None
    left_at: datetime | None = None

    def holds(self, place: str, at: datetime) -> bool:
        """Tell whether it was in force at a place and time; its first moment is in it, its last is not."""
        over = self.left_at is not None and self.left_at <= at
        return codes.covers(self.scope, place) and self.since <= at and not over

    def pauses_category(self, category: str) -> bool:
        """Tell whether plans of a category issue nothing while it lasts."""
        return EVERY in self.pauses or category in self.pauses

    def recalculates_category(self, category: str) -> bool:
        """Tell whether open items of a category get new deadlines through it."""
        return EVERY in self.recalculates or category in self.recalculates

    @property
    def pending(self) -> bool:
        """Whether it lasts and open items are still to be looked at."""
        return bool(self.recalculates) and self.recalculated_at is None and self.left_at is None


class Modes(msgspec.Struct, frozen=True, kw_only=True):
    """The emergencies of a county, the oldest first; `place` is where the last switch was."""

    county: str
    place: str
    emergencies: tuple[Emergency, ...] = ()

    @property
    def status(self) -> Mode:
        """The mode of the place where the last switch was."""
        here = (one for one in self.emergencies if one.scope == self.place and one.left_at is None)
        return Mode.EMERGENCY if any(here) else Mode.ROUTINE

    @property
    def present(self) -> tuple[Emergency, ...]:
        """Those that last."""
        return tuple(one for one in self.emergencies if one.left_at is None)

    def named(self, emergency: str) -> Emergency | None:
        """Return the emergency of that name."""
        return next((one for one in self.emergencies if one.emergency == emergency), None)

    def at(self, place: str, at: datetime) -> Emergency | None:
        """Return the emergency in force at a place and time; there is never more than one."""
        return next((one for one in reversed(self.emergencies) if one.holds(place, at)), None)

    def overlapping(self, scope: str) -> Emergency | None:
        """Return one that lasts and lies within `scope` or around it."""
        return next(
            (one for one in self.present if codes.covers(one.scope, scope) or codes.covers(scope, one.scope)),
            None,
        )


def county_of(place: str) -> str:
    """Return the county whose stream holds the emergencies of a place."""
    return place[: codes.COUNTY]


def due_at(modes: Modes) -> datetime | None:
    """Return since when open items wait for their new deadlines; None if none do."""
    return min((one.since for one in modes.present if one.pending), default=None)


def evolve(modes: Modes | None, event: ModeEvent) -> Modes:
    """Return the modes after `event`."""
    if modes is None:
        modes = Modes(county=county_of(event.scope), place=event.scope)
    match event:
        case EmergencyEntered():
            begun = Emergency(
                emergency=event.emergency,
                scope=event.scope,
                grade=event.grade,
                reason=event.reason,
                by=event.by,
                since=event.at,
                pauses=event.pauses,
                recalculates=event.recalculates,
            )
            return replace(modes, place=event.scope, emergencies=(*modes.emergencies, begun))
        case DeadlinesRecalculated():
            return _changed(modes, event, recalculated_at=event.at)
        case EmergencyLeft():
            return _changed(modes, event, left_at=event.at)


def _changed(modes: Modes, event: DeadlinesRecalculated | EmergencyLeft, **fields: datetime) -> Modes:
    emergencies = tuple(
        replace(one, **fields) if one.emergency == event.emergency else one for one in modes.emergencies
    )
    return replace(modes, place=event.scope, emergencies=emergencies)
