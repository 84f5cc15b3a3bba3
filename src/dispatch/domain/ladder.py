"""The escalation ladder: what a policy says of its steps, and when those of one item's clock are due."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

NOW: Final = 0.0
"""The share of a step that is due at once, and never moves."""
WHOLE: Final = 1.0
"""The share at which the limit is used up: a step below it warns, one from it on says that it is overdue."""


class Level(StrEnum):
    """How high a step reaches, from the lowest to the highest."""

    NOTICE = "notice"
    REMINDER = "reminder"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    COMMANDER = "commander"
    DISTRICT = "district"


LEVELS: Final = tuple(Level)
HIGHEST: Final = frozenset({Level.COMMANDER, Level.DISTRICT})
"""The commander and those above him."""


class Addressee(StrEnum):
    """Whom a step is for; who that is becomes known when it fires.

    The assignee is the item's; chief, instructor, full-time and part-time are those of its grid, leader and
    commander those of its town. The district is another level, with nobody of this town in it.
    """

    ASSIGNEE = "assignee"
    CHIEF = "chief"
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    INSTRUCTOR = "instructor"
    LEADER = "leader"
    COMMANDER = "commander"
    DISTRICT = "district"


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step as a policy has it: due when `share` of the limit is used (2: overdue by all of it)."""

    name: str
    share: float
    level: Level
    to: tuple[Addressee, ...]


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step of one item's clock: due `at`, for `to`.

    It stands in the item's own events, so that nothing that a policy says later changes it; as an array,
    because each deadline in the log has up to six of them. A `share` of `NOW` is due at once and never moves.
    """

    name: str
    at: datetime
    share: float
    level: Level
    to: tuple[Addressee, ...]


def _step(level: Level, share: float, *to: Addressee) -> LadderStep:
    return LadderStep(name=level.value, share=share, level=level, to=to)


DEFAULT_LADDER: Final = (
    _step(Level.NOTICE, 0.5, Addressee.ASSIGNEE),
    _step(Level.REMINDER, 0.8, Addressee.ASSIGNEE, Addressee.CHIEF),
    _step(Level.YELLOW_CARD, 1.0, Addressee.CHIEF, Addressee.INSTRUCTOR),
    _step(Level.RED_CARD, 2.0, Addressee.LEADER),
    _step(Level.COMMANDER, 3.0, Addressee.COMMANDER),
    _step(Level.DISTRICT, 4.0, Addressee.DISTRICT),
)
"""Where a town has set nothing. Source: DOMAIN.md, Time; when the district hears is our own choice."""
