"""What is supposed of a period: another policy, another mode, or both, for the clocks that start in it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from commands.command import Request
from commands.context import SYSTEM, Context, Loaded
from commands.policies.set import require_sound
from commands.tasks.escalate import EscalateTask
from dispatch.domain import codes
from dispatch.domain.policy import Mode, Policy, version_of
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.working_time import Calendar, Deadline

SUPPOSED = "supposed@1"
"""The version of a policy that is only supposed."""


class NothingSupposed(Unacceptable):
    """Suppose another policy, another mode or both."""


class PeriodUnacceptable(Unacceptable):
    """A period ends after it begins."""


class PeriodAhead(Unacceptable):
    """A period that hasn't begun has no events to replay."""


class Supposition(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever clock starts in `scope` from `since` on and before `until` starts under `policy`, in `mode`.

    None leaves the policy, or the mode, as it was. A clock that ran before keeps what it was bound to.
    """

    since: datetime
    until: datetime
    scope: str = ""
    policy: Policy | None = None
    mode: Mode | None = None


def require_meant(supposition: Supposition, calendar: Calendar) -> Supposition:
    """Return the supposition, its policy under a version of its own; refuse what can't be meant."""
    if supposition.policy is None and supposition.mode is None:
        raise NothingSupposed
    codes.require(supposition.scope, *codes.SCOPE_LENGTHS)
    if supposition.until <= supposition.since:
        raise PeriodUnacceptable(since=supposition.since.isoformat(), until=supposition.until.isoformat())
    if supposition.policy is None:
        return supposition
    supposition = replace(supposition, policy=replace(supposition.policy, version=SUPPOSED))
    assert supposition.policy is not None
    require_sound(
        supposition.policy, SupposedContext(supposition, {}, now=supposition.since, calendar=calendar)
    )
    return supposition


class SupposedContext(Context):
    """The circumstances of a decision under a supposition; `asked` says that its policy was asked for."""

    def __init__(
        self, supposition: Supposition, loaded: Mapping[str, Loaded], *, now: datetime, calendar: Calendar
    ) -> None:
        request = Request(command=EscalateTask(task=""), account=SYSTEM.account, source="timer")
        super().__init__(request, loaded, now=now, command_id="", calendar=calendar)
        self._supposition = supposition
        self.asked = False

    def policy_for(self, place: str) -> Policy:
        """Return the supposed policy where it holds; one that says what was in force anyway is that one."""
        in_force = super().policy_for(place)
        if not codes.covers(self._supposition.scope, place):
            return in_force
        self.asked = True
        supposed = self._supposition.policy
        if supposed is None or replace(supposed, version=in_force.version) == in_force:
            return in_force
        return supposed

    def policy_of(self, deadline: Deadline) -> Policy:
        """Return the policy that a clock is bound to, be it the supposed one."""
        supposed = self._supposition.policy
        if supposed is not None and version_of(deadline.rule) == supposed.version:
            return supposed
        return super().policy_of(deadline)

    def mode_for(self, place: str, at: datetime | None = None) -> Mode:
        """Return the supposed mode where it holds."""
        in_force = super().mode_for(place, at)
        supposed = self._supposition.mode
        return in_force if supposed is None or not codes.covers(self._supposition.scope, place) else supposed
