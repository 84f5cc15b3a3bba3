"""How long something may take: an amount of one of four kinds of time."""

import math
from enum import StrEnum
from functools import lru_cache

import msgspec

from dispatch.domain.refusal import Unacceptable

MINUTES_OF_HOUR = 60
MINUTES_OF_WORKING_DAY = 8 * 60
MINUTES_OF_DAY = 24 * 60
LONGEST_YEAR = 366
# A third of an hour is 20 minutes, though no float is a third.
ROUNDING = 1e-6


class LimitOutOfRange(Unacceptable, ValueError):
    """A limit must come to whole minutes, at least one and at most a year."""


class LimitKind(StrEnum):
    """The kind of time that a limit is counted in."""

    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CLOCK_HOURS = "clock_hours"
    CALENDAR_DAYS = "calendar_days"


_UNIT = {  # minutes of one; and of the longest limit, a year
    LimitKind.WORKING_HOURS: (MINUTES_OF_HOUR, LONGEST_YEAR * MINUTES_OF_WORKING_DAY),
    LimitKind.WORKING_DAYS: (MINUTES_OF_WORKING_DAY, LONGEST_YEAR * MINUTES_OF_WORKING_DAY),
    LimitKind.CLOCK_HOURS: (MINUTES_OF_HOUR, LONGEST_YEAR * MINUTES_OF_DAY),
    LimitKind.CALENDAR_DAYS: (MINUTES_OF_DAY, LONGEST_YEAR * MINUTES_OF_DAY),
}
WORKING = frozenset({LimitKind.WORKING_HOURS, LimitKind.WORKING_DAYS})


class Limit(msgspec.Struct, frozen=True, gc=False):
    """How long something may take: an amount of hours or days, of one kind.

    A fraction is allowed where it comes to whole minutes (`0.5` hours, `0.25` days of eight
    hours). Raises `LimitOutOfRange`, which msgspec turns into its `ValidationError`.
    """

    kind: LimitKind
    amount: float

    def __post_init__(self) -> None:
        # Said as 3 or as 3.0, it is the same limit, down to the bytes in the log.
        msgspec.structs.force_setattr(self, "amount", _usable(self.kind, self.amount))


# Each deadline that is read has a limit, and all of them together have a handful of different ones.
@lru_cache(maxsize=1_000)
def _usable(kind: LimitKind, amount: float) -> float:
    """Return the amount of a limit as it is kept, or raise `LimitOutOfRange`."""
    unit, longest = _UNIT[kind]
    minutes = amount * unit
    if not math.isfinite(minutes) or not 1 <= round(minutes) <= longest:
        raise LimitOutOfRange(kind=kind, amount=str(amount))
    if abs(minutes - round(minutes)) > ROUNDING:
        raise LimitOutOfRange(kind=kind, amount=str(amount))
    return float(amount)


def clocked(limit: Limit) -> Limit:
    """Return a limit counted day and night: working hours as clock hours, a working day as eight of them."""
    if limit.kind not in WORKING:
        return limit
    unit, _ = _UNIT[limit.kind]
    return Limit(LimitKind.CLOCK_HOURS, limit.amount * unit / MINUTES_OF_HOUR)
