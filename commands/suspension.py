"""Suspension (挂账) of a task or case: how often, until when, and how its clock goes on."""

from datetime import datetime, timedelta
from typing import Final

from commands.context import Context
from commands.moments import utc
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.working_time import Deadline

LONGEST: Final = timedelta(days=366)


class SuspensionsUsedUp(NotNow):
    """The item has been suspended as often as the policy allows."""


class SuspensionEndUnacceptable(Unacceptable):
    """A suspension ends after now and within a year."""


def require_suspension(handling: Deadline, suspensions: int, until: datetime, context: Context) -> datetime:
    """Return `until` in UTC if an item suspended `suspensions` times before may be suspended until then."""
    if suspensions >= context.policy_of(handling).suspensions:
        raise SuspensionsUsedUp(suspensions=suspensions)
    end = utc(until)
    if not context.now < end <= context.now + LONGEST:
        raise SuspensionEndUnacceptable(until=until.isoformat())
    return end


def ended_early(handling: Deadline, until: datetime | None, context: Context) -> Deadline:
    """Return the deadline of an item whose suspension was to end at `until` and ends now instead.

    `handling` counts on the whole suspension; what is left at `until` is left now.
    """
    return context.resumed(handling, until or context.now, context.now)
