"""Escalation (督办), which overlays an item and is never a status: its events, and how far it has come."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event
from dispatch.domain.ladder import Addressee, Level
from dispatch.domain.working_time import Deadline


class Escalated(Event, frozen=True, kw_only=True):
    """A step of the ladder fired: it was due at `planned_at` and fired `at`.

    `roles` are those of the step that somebody filled, `persons` who that was. `late_factor` is (used −
    limit) / limit at that moment, None for what isn't late. `next_at` is when the next step is due.
    """

    step: str
    level: Level
    planned_at: datetime
    roles: tuple[Addressee, ...]
    persons: tuple[str, ...]
    late_factor: float | None = None
    next_at: datetime | None = None


class EscalationSkipped(Event, frozen=True, kw_only=True):
    """A step of the ladder was due at `planned_at` and had nobody in it."""

    step: str
    level: Level
    planned_at: datetime
    roles: tuple[Addressee, ...]
    next_at: datetime | None = None


class EscalationAnswered(Event, frozen=True, kw_only=True):
    """Somebody took it in hand and promised an outcome: nothing fires until `promised_at`."""

    by: str
    promised_at: datetime
    note: str


class TaskEscalated(Escalated, frozen=True, kw_only=True, tag="task.escalated"):
    """A step of a task's ladder fired."""


class TaskEscalationSkipped(EscalationSkipped, frozen=True, kw_only=True, tag="task.escalation_skipped"):
    """A step of a task's ladder had nobody in it."""


class TaskEscalationAnswered(EscalationAnswered, frozen=True, kw_only=True, tag="task.escalation_answered"):
    """The escalation of a task was answered."""


class CaseEscalated(Escalated, frozen=True, kw_only=True, tag="case.escalated"):
    """A step of a case's ladder fired."""


class CaseEscalationSkipped(EscalationSkipped, frozen=True, kw_only=True, tag="case.escalation_skipped"):
    """A step of a case's ladder had nobody in it."""


class CaseEscalationAnswered(EscalationAnswered, frozen=True, kw_only=True, tag="case.escalation_answered"):
    """The escalation of a case was answered."""


EscalationEvent = Escalated | EscalationSkipped | EscalationAnswered


class Escalation(msgspec.Struct, frozen=True):
    """How far the escalation of one clock has come.

    `done` are the steps that fired or were skipped, `addressed` the persons who were told, `unanswered`
    whether a step has fired since the last answer, `held_until` when the last promise runs out.
    """

    done: frozenset[str] = frozenset()
    addressed: frozenset[str] = frozenset()
    unanswered: bool = False
    held_until: datetime | None = None


NONE = Escalation()


def after(escalation: Escalation, event: EscalationEvent) -> Escalation:
    """Return the escalation after `event`."""
    match event:
        case Escalated():
            return replace(
                escalation,
                done=escalation.done | {event.step},
                addressed=escalation.addressed.union(event.persons),
                unanswered=True,
            )
        case EscalationSkipped():
            return replace(escalation, done=escalation.done | {event.step})
        case EscalationAnswered():
            return replace(escalation, unanswered=False, held_until=event.promised_at)


def next_step(deadline: Deadline, escalation: Escalation) -> datetime | None:
    """Return when the next step of a running clock is due, not before the last promise has run out."""
    if not deadline.steps:
        return None
    at = deadline.steps[0].at
    return at if escalation.held_until is None else max(at, escalation.held_until)


def left(deadline: Deadline, event: EscalationEvent) -> Deadline:
    """Return a deadline without the step that fired or was skipped."""
    if isinstance(event, EscalationAnswered):
        return deadline
    return replace(deadline, steps=tuple(step for step in deadline.steps if step.name != event.step))
