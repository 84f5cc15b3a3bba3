"""The service's clock: the system's, or one that is set by hand for the demonstration and for tests."""

from datetime import UTC, datetime
from typing import Protocol

from dispatch.domain.refusal import Unacceptable


class ClockGoesForward(Unacceptable):
    """The simulated clock can only be set forward."""


class Clock(Protocol):
    """Tells the time: aware, in UTC."""

    def __call__(self) -> datetime:
        """Return now."""
        ...


def system_clock() -> datetime:
    """Return the system's time in UTC."""
    return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands until it is set, and only ever goes forward."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """Return the time it was last set to."""
        return self._now

    def require_forward(self, now: datetime) -> None:
        """Refuse with `ClockGoesForward` if `now` would turn the clock back."""
        if now < self._now:
            raise ClockGoesForward(now=self._now.isoformat(), asked=now.isoformat())

    def set(self, now: datetime) -> None:
        """Set the clock; `ClockGoesForward` if that would turn it back."""
        self.require_forward(now)
        self._now = now
