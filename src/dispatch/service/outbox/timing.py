"""When a message goes out: pauses between attempts, and the hours in which only what is urgent is sent."""

from datetime import datetime, time, timedelta
from typing import Final

from dispatch.domain.recipients import Quiet
from dispatch.domain.rhythm import SHANGHAI

LONGEST: Final = timedelta(hours=1)
LONGEST_URGENT: Final = timedelta(minutes=1)
"""The longest pauses between two attempts."""


def pause(attempts: int, first: timedelta, *, urgent: bool, chance: float) -> timedelta:
    """Return how long to wait after so many attempts: doubled each time, and shortened by up to a half.

    `chance` lies between 0 and 1, so that what failed together isn't tried again together.
    """
    longest = max(first, LONGEST_URGENT if urgent else LONGEST)
    whole = min(first.total_seconds() * 2.0 ** min(attempts - 1, 30), longest.total_seconds())
    return timedelta(seconds=whole * (1 - chance / 2))


def out_of_quiet(quiet: Quiet | None, at: datetime) -> datetime:
    """Return `at`, or if that lies in the quiet hours when these end; the first minute of them included."""
    if quiet is None:
        return at
    local = at.astimezone(SHANGHAI)
    start, until = time.fromisoformat(quiet.start), time.fromisoformat(quiet.until)
    now = local.time()
    within = start <= now < until if start < until else now >= start or now < until
    if not within:
        return at
    end = datetime.combine(local.date(), until, SHANGHAI)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(at.tzinfo)
