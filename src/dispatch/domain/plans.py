"""A recurring plan (常态联系走访, 巡逻): what it asks of whom and when, and each time that it came round."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event
from dispatch.domain.households import HouseholdClass
from dispatch.domain.limits import Limit
from dispatch.domain.schedule import Schedule
from dispatch.domain.towns import Post


class Route(msgspec.Struct, frozen=True):
    """A route of a patrol, in one grid."""

    grid: str
    name: str


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a task each time.

    With `classes`, the grids' households of these classes are to be visited, and a task names at most
    `households_in_task` of them. With `routes`, there is one task for each route. Else there is one for each
    grid. `grids` are codes of 15 digits; empty, they are all that are open in the plan's scope at that time.
    """

    grids: tuple[str, ...] = ()
    classes: tuple[HouseholdClass, ...] = ()
    households_in_task: int = 50
    routes: tuple[Route, ...] = ()


class PlanTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan says.

    `scope` is a town, village or grid. `limit` replaces the category's handling limit. `assign_to` names the
    post whose holder in the grid the task is given to at once. `ends` is the last time at which it may come
    round. A plan that `pauses_in_emergency` issues nothing where emergency mode holds.
    """

    scope: str
    title: str
    category: str
    schedule: Schedule
    targets: Targets = Targets()
    instructions: str = ""
    limit: Limit | None = None
    assign_to: Post | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    pauses_in_emergency: bool = True


class PlanStarted(Event, frozen=True, kw_only=True, tag="plan.started"):
    """A plan was started; it comes round at `next_at` for the first time."""

    terms: PlanTerms
    by: str
    next_at: datetime


class PlanChanged(Event, frozen=True, kw_only=True, tag="plan.changed"):
    """The plan says something else from now on; tasks that it has issued stay as they are."""

    terms: PlanTerms
    by: str
    next_at: datetime


class PlanPaused(Event, frozen=True, kw_only=True, tag="plan.paused"):
    """The plan does not come round until it is resumed."""

    by: str
    reason: str


class PlanResumed(Event, frozen=True, kw_only=True, tag="plan.resumed"):
    """The plan comes round again, first at `next_at`; what lay in the pause is not made up for."""

    by: str
    next_at: datetime


class PlanEnded(Event, frozen=True, kw_only=True, tag="plan.ended"):
    """The plan was ended for good."""

    by: str
    reason: str


class PlanCameRound(Event, frozen=True, kw_only=True, tag="plan.came_round"):
    """The plan issued tasks for the time `planned_at`, in one go with this event; `tasks` are their ids.

    `missed` counts earlier times that went by unseen, the first of them at `missed_from`: nobody is asked
    for yesterday's patrol. `next_at` is None if the plan doesn't come round again. `left_out` are the grids
    that were asked nothing because the plan pauses in the emergency there.
    """

    planned_at: datetime
    tasks: tuple[str, ...]
    next_at: datetime | None
    missed: int = 0
    missed_from: datetime | None = None
    campaign: str | None = None
    left_out: tuple[str, ...] = ()


class PassedOver(StrEnum):
    """Why nothing was issued at a planned time."""

    EMERGENCY = "emergency"
    NOBODY_TO_ASK = "nobody_to_ask"


class PlanPassedOver(Event, frozen=True, kw_only=True, tag="plan.passed_over"):
    """A planned time went by without a task: in emergency mode, or with no grid or household to ask."""

    planned_at: datetime
    why: PassedOver
    next_at: datetime | None
    missed: int = 0
    missed_from: datetime | None = None


PlanEvent = PlanStarted | PlanChanged | PlanPaused | PlanResumed | PlanEnded | PlanCameRound | PlanPassedOver


class PlanStatus(StrEnum):
    """Where a plan stands; one that doesn't come round again has ended."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it stands; `next_at` is None unless it is running, `last_at` its last time that went by."""

    terms: PlanTerms
    status: PlanStatus
    next_at: datetime | None
    last_at: datetime | None = None

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.terms.scope


def due_at(plan: Plan) -> datetime | None:
    """Return when the plan comes round next; None for never."""
    return plan.next_at


def evolve(plan: Plan | None, event: PlanEvent) -> Plan:
    """Return the plan after `event`; an old event always loads."""
    if isinstance(event, PlanStarted):
        return Plan(terms=event.terms, status=PlanStatus.RUNNING, next_at=event.next_at)
    assert plan is not None
    match event:
        case PlanChanged():
            paused = plan.status is PlanStatus.PAUSED
            return replace(plan, terms=event.terms, next_at=None if paused else event.next_at)
        case PlanPaused():
            return replace(plan, status=PlanStatus.PAUSED, next_at=None)
        case PlanResumed():
            return replace(plan, status=PlanStatus.RUNNING, next_at=event.next_at)
        case PlanEnded():
            return replace(plan, status=PlanStatus.ENDED, next_at=None)
        case PlanCameRound() | PlanPassedOver():
            status = plan.status if event.next_at else PlanStatus.ENDED
            return replace(plan, status=status, next_at=event.next_at, last_at=event.planned_at)
