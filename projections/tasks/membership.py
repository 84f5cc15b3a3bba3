"""The sets that a task belongs to: the one place that decides what any number or list of tasks counts."""

from datetime import datetime
from functools import cache
from typing import Final

from dispatch.domain.tasks import Status
from projections.escalation import LEVEL_SETS, sets_of
from projections.tasks.row import TaskRow

SETS: Final = (
    "issued",
    "accepted",
    "accepted_in_time",
    "handled",
    "handled_on_time",
    "handled_once",
    "reworked",
    "should_have_closed",
    "unit_closed",
    "closed_on_time",
    "closed",
    "overdue",
    "lapsed",
    "open",
    "suspended",
    "cancelled",
    *LEVEL_SETS,
)
"""Every set, in the order of the tallies' columns."""

BY_TIME: Final = frozenset({"should_have_closed", "overdue", "lapsed"})
"""The sets that a task enters by time alone, at its `lapses_at`."""

CANCELLED: Final = frozenset({"cancelled"})


def membership(task: TaskRow, as_of: datetime | None) -> frozenset[str]:
    """Return the sets that a task belongs to at `as_of`; None leaves out what time alone brings about.

    Source of the rules: DOMAIN.md, Figures.

    - `cancelled` tasks are in no other set; they are counted apart.
    - `issued`: every other one. `accepted`: somebody is responsible. `accepted_in_time`: within the
      acceptance limit; equal to the deadline is on time, here and below.
    - `handled`: submitted, and not returned since. `handled_on_time`: by the handling deadline.
    - `should_have_closed` (应结案): handled, or the deadline is past and the clock does not wait.
    - `closed`; `unit_closed` is closed ∩ should; `closed_on_time` is that with handled ≤ deadline.
    - `handled_once`: submitted at least once; `reworked`: those of them with a rework.
    - `overdue`: should, and not handled on time; `lapsed`: those of them that are still not handled.
    - `escalated`: any step of the ladder has ever fired; `notice` to `district`: one of that level.
    - `open`: not closed. `suspended`: its clock waits until a given time.
    """
    if task.status is Status.CANCELLED:
        return CANCELLED
    handled_at, accepted_at = task.handled_at, task.accepted_at
    facts = (
        accepted_at is not None,
        accepted_at is not None and accepted_at <= task.acceptance_due,
        handled_at is not None,
        handled_at is not None and handled_at <= task.handling_due,
        task.first_handled_at is not None,
        task.reworks > 0,
        task.closed_at is not None,
        task.status is Status.SUSPENDED,
        as_of is not None and task.lapses_at is not None and task.lapses_at <= as_of,
    )
    found = _sets(facts)
    return found | sets_of(task.levels) if task.levels else found


@cache
def _sets(facts: tuple[bool, ...]) -> frozenset[str]:
    accepted, accepted_in_time, handled, handled_on_time = facts[:4]
    handled_once, rework, closed, suspended, lapsed = facts[4:]
    should = handled or lapsed
    found = {
        "issued": True,
        "accepted": accepted,
        "accepted_in_time": accepted_in_time,
        "handled": handled,
        "handled_on_time": handled_on_time,
        "handled_once": handled_once,
        "reworked": handled_once and rework,
        "should_have_closed": should,
        "unit_closed": closed and should,
        "closed_on_time": closed and should and handled_on_time,
        "closed": closed,
        "overdue": should and not handled_on_time,
        "lapsed": lapsed,
        "open": not closed,
        "suspended": suspended,
    }
    return frozenset(name for name, holds in found.items() if holds)
