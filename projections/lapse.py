"""When an item's time runs out by itself: the one thing about it that time alone changes."""

from datetime import datetime


def lapse(
    due: datetime | None,
    *,
    handled_at: datetime | None,
    waiting_since: datetime | None,
    suspended_until: datetime | None,
) -> datetime | None:
    """Return from when on an item counts as not handled on time if nothing more happens; None for never.

    Something handled, or without a deadline, never lapses. While the clock waits without an end (declined,
    handed up) it has lapsed only if it had before. While it waits until a given time, `due` has been moved
    on already, and before that time it is not looked at. Source: DOMAIN.md, Figures, should-have-closed.
    """
    if due is None or handled_at is not None:
        return None
    if waiting_since is not None:
        return due if due <= waiting_since else None
    if suspended_until is not None:
        return max(due, suspended_until)
    return due
