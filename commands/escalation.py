"""Escalation of a task or case: which steps of its ladder are due, whom they reach, and who may answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from commands.context import Context
from commands.moments import utc
from commands.suspension import LONGEST
from dispatch.domain import codes
from dispatch.domain.accounts import Role
from dispatch.domain.escalation import Escalated, Escalation, EscalationSkipped
from dispatch.domain.ladder import LEVELS, NOW, WHOLE, Addressee, Step
from dispatch.domain.refusal import NotAllowed, NotNow, Unacceptable
from dispatch.domain.towns import TOWN_POSTS, Post
from dispatch.domain.working_time import Deadline, late_factor


class NothingToAnswer(NotNow):
    """No step of the escalation has fired since it was last answered."""


class NotAddressed(NotAllowed):
    """An escalation is answered by the supervisor or by a person whom it was addressed to."""


class PromiseUnacceptable(Unacceptable):
    """A promise is for a time after now and within a year."""


class Climber(NamedTuple):
    """The item that escalates: where it is, who is to work on it, and which events tell of it.

    What waits `in_centre` to be accepted is nobody's in the grid: its step is for the town's people alone.
    """

    place: str
    assignee: str | None
    department: str | None
    escalated: type[Escalated]
    skipped: type[EscalationSkipped]
    in_centre: bool = False


def climb(
    climber: Climber, deadline: Deadline, escalation: Escalation, context: Context
) -> Iterator[Escalated | EscalationSkipped]:
    """Give the events of all steps that are due by now, in the order in which they are due.

    A step that an answer holds back is due when the promise runs out. A step with nobody in it is skipped
    and its turn passes at once to the next; but a warning never becomes a card before the item is overdue.
    """
    steps = list(deadline.steps)
    while steps:
        step = steps.pop(0)
        planned = max(step.at, escalation.held_until or step.at)
        if planned > context.now:
            return
        roles, persons = reach(step, climber, context)
        if not roles and (heir := next((one for one in steps if _inherits(one, step)), None)):
            steps.remove(heir)
            steps.insert(0, replace(heir, at=planned))
        next_at = steps[0].at if steps else None
        if not roles:
            yield climber.skipped(
                at=context.now,
                step=step.name,
                level=step.level,
                planned_at=planned,
                roles=step.to,
                next_at=next_at,
            )
            continue
        calendar = context.calendar_under(context.policy_of(deadline))
        yield climber.escalated(
            at=context.now,
            step=step.name,
            level=step.level,
            planned_at=planned,
            roles=roles,
            persons=persons,
            late_factor=late_factor(calendar, deadline, context.now),
            next_at=next_at,
        )


def _inherits(step: Step, skipped: Step) -> bool:
    """Return whether the turn of an empty step passes to this one, the next in order."""
    if skipped.share == NOW:
        return LEVELS.index(step.level) > LEVELS.index(skipped.level)
    return step.share > skipped.share and (step.share >= WHOLE) == (skipped.share >= WHOLE)


def reach(step: Step, climber: Climber, context: Context) -> tuple[tuple[Addressee, ...], tuple[str, ...]]:
    """Return the roles of a step that somebody fills now, and the persons who do, each once."""
    town = context.find_town(codes.town_of(climber.place))
    roles: list[Addressee] = []
    persons: dict[str, None] = {}
    for role in step.to:
        found: Sequence[str] = ()
        if role is Addressee.ASSIGNEE:
            # A department is somebody, though no person of its own is known; one that was given up is nobody.
            closed = town is not None and climber.department in town.closed
            filled = climber.assignee is not None or (climber.department is not None and not closed)
            found = [climber.assignee] if climber.assignee is not None else []
        elif role is Addressee.DISTRICT:
            filled = True
        else:
            post = Post(role.value)
            of_town = post in TOWN_POSTS
            place = codes.town_of(climber.place) if of_town else climber.place
            found = town.posted(place, post) if town and (of_town or not climber.in_centre) else []
            filled = bool(found)
        if filled:
            roles.append(role)
            persons.update(dict.fromkeys(found))
    return tuple(roles), tuple(persons)


def require_answerable(escalation: Escalation, promised_at: datetime, context: Context) -> datetime:
    """Return `promised_at` in UTC if the actor may answer now, and with that promise."""
    if (
        context.actor.role not in {Role.SUPERVISOR, Role.SYSTEM}
        and context.person not in escalation.addressed
    ):
        raise NotAddressed
    if not escalation.unanswered:
        raise NothingToAnswer
    promised = utc(promised_at)
    if not context.now < promised <= context.now + LONGEST:
        raise PromiseUnacceptable(promised_at=promised_at.isoformat())
    return promised
