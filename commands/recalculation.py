"""Recalculating an open item's deadlines after a switch to emergency mode: whether, and by which rule."""

from typing import Literal

from commands.context import Context
from dispatch.domain.modes import Emergency
from dispatch.domain.policy import Mode
from dispatch.domain.recalculation import EmergencyLimit, Waiting, recalculated
from dispatch.domain.working_time import Deadline, Limit


def concerning(name: str, place: str, category: str, context: Context) -> Emergency | None:
    """Return the emergency of that name if it lasts at a place and lists a category, else None."""
    emergency = context.emergency_for(place) if context.mode_for(place) is Mode.EMERGENCY else None
    if emergency is None or emergency.emergency != name or not emergency.recalculates_category(category):
        return None
    return emergency


class Recalculation:
    """The deadlines of one item under an emergency, by the policy that is in force where it is."""

    def __init__(
        self, kind: Literal["task", "case"], place: str, category: str, emergency: Emergency, context: Context
    ) -> None:
        self._kind, self._category, self._since = kind, category, emergency.since
        self._policy = context.policy_for(place)
        self._calendar = context.calendar_under(self._policy)

    def of(self, clock: str, deadline: Deadline, limit: Limit, waiting: Waiting | None = None) -> Deadline:
        """Return the deadline of one clock, `acceptance` or `handling`, after the switch."""
        rule = self._policy.rule(self._kind, self._category, clock, Mode.EMERGENCY)
        return recalculated(self._calendar, deadline, EmergencyLimit(limit, rule, self._since), waiting)
