"""Moments that a request names: they have a zone, and what is said to have happened does not lie ahead."""

from datetime import UTC, datetime
from typing import Final

from commands.context import Context
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.working_time import TimeOutOfRange, TimeWithoutZone

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)


class MomentUnacceptable(Unacceptable):
    """What is said to have happened happened between 1900 and now."""


def utc(moment: datetime) -> datetime:
    """Return `moment` in UTC. Refuses with `TimeWithoutZone` or `TimeOutOfRange`."""
    if moment.tzinfo is None:
        raise TimeWithoutZone(time=moment.isoformat())
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise TimeOutOfRange(time=moment.isoformat()) from None


def past(moment: datetime, context: Context) -> datetime:
    """Return `moment` in UTC, not before 1900 and not after now. Refuses with `MomentUnacceptable` too."""
    at = utc(moment)
    if not EARLIEST <= at <= context.now:
        raise MomentUnacceptable(time=moment.isoformat())
    return at
