"""Issue a task (下发) to one grid or, as a campaign, to many at once: all or nothing."""

from commands.assignment import require_posted
from commands.command import Command, Decision, On
from commands.context import Context
from commands.households.visits import require_households
from commands.tasks.clocks import clocks_of
from commands.titles import require_title
from dispatch.domain import codes
from dispatch.domain.campaigns import CampaignIssued
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.working_time import Limit


class GridsOfSeveralTowns(Unacceptable):
    """A campaign goes to the grids of one town."""


class GridNamedTwice(Unacceptable):
    """A campaign names each grid once."""


class AssigneeNeedsOneGrid(Unacceptable):
    """An assignee can be named only for a task that goes to one grid."""


class IssueTasks(Command, frozen=True, kw_only=True, tag="task.issue"):
    """Issue one task to each of `grids`; `limit` replaces the category's handling limit.

    `households` are those of the one grid that are to be visited.
    """

    grids: tuple[str, ...]
    title: str
    category: str
    instructions: str = ""
    assignee: str | None = None
    limit: Limit | None = None
    households: tuple[str, ...] = ()


def _check(command: IssueTasks, context: Context) -> None:
    require_title(command.title)
    if len(set(command.grids)) != len(command.grids):
        raise GridNamedTwice
    for grid in command.grids:
        context.grid(grid)
    if len({codes.town_of(grid) for grid in command.grids}) != 1:
        raise GridsOfSeveralTowns
    if command.assignee is not None:
        if len(command.grids) != 1:
            raise AssigneeNeedsOneGrid
        require_posted(command.assignee, command.grids[0], context)
    require_households(command.households, command.grids, context)


def decide(command: IssueTasks, context: Context) -> Decision:
    """Issue the tasks, and the campaign if there are several; both clocks start now."""
    _check(command, context)
    now = context.now
    clocks = clocks_of(command.grids, command.category, command.limit, context)
    tasks = {grid: context.new_id() for grid in command.grids}
    campaign = context.new_id() if len(tasks) > 1 else None
    if campaign is not None:
        yield On(
            f"campaign:{campaign}",
            CampaignIssued(
                at=now,
                town=codes.town_of(command.grids[0]),
                title=command.title,
                category=command.category,
                by=context.person,
                tasks=tasks,
            ),
        )
    for grid, task in tasks.items():
        acceptance, handling = clocks[context.mode_for(grid)]
        yield On(
            f"task:{task}",
            TaskIssued(
                at=now,
                grid=grid,
                title=command.title,
                category=command.category,
                instructions=command.instructions,
                by=context.person,
                acceptance=acceptance,
                handling=handling,
                campaign=campaign,
                assignee=command.assignee,
                households=command.households,
            ),
        )
