"""Come round: the service itself issues a plan's tasks and records the occurrence, in one decision."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from commands.command import Decision, On
from commands.context import Context
from commands.plans.command import PlanCommand, next_after
from commands.tasks.clocks import clocks_of
from dispatch.domain import codes
from dispatch.domain.campaigns import CampaignIssued
from dispatch.domain.plans import PassedOver, Plan, PlanCameRound, PlanPassedOver, PlanTerms
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.towns import Town


class ComeRound(PlanCommand, frozen=True, kw_only=True, tag="plan.come_round"):
    """Look at a plan's next time; sent by the service itself.

    `households` are by grid the ids of those of the plan's classes, as the read model knows them: who left
    a moment ago is asked for in vain, which the visit finds out.
    """

    households: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Asked(NamedTuple):
    """One task to issue."""

    grid: str
    title: str
    households: tuple[str, ...] = ()


class Passed(NamedTuple):
    """The planned times up to now: the last of them, what lay before it, and what comes after now."""

    planned_at: datetime
    missed: int
    missed_from: datetime | None
    next_at: datetime | None


def decide(command: ComeRound, context: Context) -> Decision:
    """Issue what is due by now once; whoever comes second finds nothing to do.

    After an outage the last time alone is made up for: see docs/decisions/0007.
    """
    plan = context.plan(command.plan)
    if plan.next_at is None or plan.next_at > context.now:
        return
    passed = _passed(plan, plan.next_at, context)
    town = context.town(plan.terms.scope)
    due = list(_asked(plan.terms, command, town))
    asked = [one for one in due if not _pauses(plan.terms, one.grid, context)]
    if not asked:
        why = PassedOver.EMERGENCY if due else PassedOver.NOBODY_TO_ASK
        yield PlanPassedOver(at=context.now, why=why, **passed._asdict())
        return
    tasks = [context.new_id() for _ in asked]
    campaign = context.new_id() if len({one.grid for one in asked}) == len(asked) > 1 else None
    yield from _issued(command.plan, plan.terms, dict(zip(tasks, asked, strict=True)), campaign, context)
    left_out = {one.grid for one in due} - {one.grid for one in asked}
    yield PlanCameRound(
        at=context.now,
        tasks=tuple(tasks),
        campaign=campaign,
        left_out=tuple(sorted(left_out)),
        **passed._asdict(),
    )


def _pauses(terms: PlanTerms, grid: str, context: Context) -> bool:
    """Return whether an emergency that the plan makes way for lasts in a grid."""
    emergency = context.emergency_for(grid) if terms.pauses_in_emergency else None
    return emergency is not None and emergency.pauses_category(terms.category)


def _passed(plan: Plan, first: datetime, context: Context) -> Passed:
    last, missed = first, 0
    while (following := next_after(plan.terms, last, context)) is not None and following <= context.now:
        last, missed = following, missed + 1
    return Passed(last, missed, first if missed else None, following)


def _asked(terms: PlanTerms, command: ComeRound, town: Town) -> Iterator[Asked]:
    """Give the tasks in the order of their grids; a grid that was given up meanwhile gets none."""
    targets = terms.targets
    open_grids = [
        code for code in sorted(town.grids) if codes.covers(terms.scope, code) and not town.grids[code].closed
    ]
    if targets.routes:
        for route in targets.routes:
            if route.grid in open_grids:
                yield Asked(route.grid, f"{terms.title}：{route.name}")
        return
    for grid in open_grids:
        if targets.grids and grid not in targets.grids:
            continue
        if not targets.classes:
            yield Asked(grid, terms.title)
            continue
        households, size = command.households.get(grid, ()), targets.households_in_task
        for begin in range(0, len(households), size):
            yield Asked(grid, terms.title, households[begin : begin + size])


def _issued(
    key: str, terms: PlanTerms, tasks: dict[str, Asked], campaign: str | None, context: Context
) -> Iterator[On]:
    now, town = context.now, context.town(terms.scope)
    clocks = clocks_of((one.grid for one in tasks.values()), terms.category, terms.limit, context)
    if campaign is not None:
        yield On(
            f"campaign:{campaign}",
            CampaignIssued(
                at=now,
                town=town.code,
                title=terms.title,
                category=terms.category,
                by=context.person,
                tasks={one.grid: task for task, one in tasks.items()},
            ),
        )
    for task, one in tasks.items():
        acceptance, handling = clocks[context.mode_for(one.grid)]
        holders = [] if terms.assign_to is None else town.posted(one.grid, terms.assign_to)
        yield On(
            f"task:{task}",
            TaskIssued(
                at=now,
                grid=one.grid,
                title=one.title,
                category=terms.category,
                instructions=terms.instructions,
                by=context.person,
                acceptance=acceptance,
                handling=handling,
                campaign=campaign,
                assignee=holders[0] if holders else None,
                households=one.households,
                plan=key,
            ),
        )
