"""What escalation makes of an item's row: the highest level, the last answer, and when to look again."""

from datetime import datetime
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from dispatch.domain.escalation import Escalated, EscalationAnswered, EscalationSkipped
from dispatch.domain.ladder import LEVELS, Level
from dispatch.domain.working_time import Deadline

LEVEL_SETS: Final = ("escalated", *(level.value for level in LEVELS))
"""The sets of items that were ever escalated, at all and to each level."""
NOTHING_ESCALATED: Final = dict.fromkeys(("escalation_level", "escalated_at", "promised_at"))
"""What a new clock begins with; what an item was escalated to before stays in its `levels`."""

T = TypeVar("T")


class Escalating(Protocol):
    """The fields of a row that escalation is kept in; see the rows themselves."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every level that the item was ever escalated to."""
        ...

    @property
    def escalations(self) -> int:
        """How many steps have fired."""
        ...

    @property
    def escalation_level(self) -> Level | None:
        """The highest level of the present clock."""
        ...

    @property
    def step_at(self) -> datetime | None:
        """When the next step is planned."""
        ...

    @property
    def promised_at(self) -> datetime | None:
        """Until when an answer holds the steps back."""
        ...

    @property
    def suspended_until(self) -> datetime | None:
        """When the suspension ends by itself."""
        ...


def first_step(handling: Deadline) -> datetime | None:
    """Return when the first step that is left of a clock is planned."""
    return handling.steps[0].at if handling.steps else None


def fired(row: Escalating, event: Escalated) -> dict[str, Any]:
    """Return what a step that fired changes."""
    highest = max(event.level, row.escalation_level or event.level, key=LEVELS.index)
    return {
        "step_at": event.next_at,
        "escalation_level": highest,
        "levels": row.levels if event.level in row.levels else (*row.levels, event.level),
        "escalations": row.escalations + 1,
        "escalated_at": event.at,
    }


def skipped(_row: Escalating, event: EscalationSkipped) -> dict[str, Any]:
    """Return what a step that nobody was in changes."""
    return {"step_at": event.next_at}


def answered(_row: Escalating, event: EscalationAnswered) -> dict[str, Any]:
    """Return what an answer changes."""
    return {"promised_at": event.promised_at, "escalation_answered_at": event.at}


def look_again(row: Escalating, *, suspended: bool, runs: bool) -> datetime | None:
    """Return when time brings something about next: a suspension's end, or a step; None for never."""
    if suspended:
        return row.suspended_until
    if not runs or row.step_at is None:
        return None
    return row.step_at if row.promised_at is None else max(row.step_at, row.promised_at)


@cache
def sets_of(levels: tuple[Level, ...]) -> frozenset[str]:
    """Return the sets that an item is in by what it was ever escalated to."""
    return frozenset({"escalated", *(level.value for level in levels)}) if levels else frozenset()
