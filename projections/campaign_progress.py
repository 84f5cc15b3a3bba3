"""One campaign: its tasks and how many of them have come how far."""

from collections import Counter
from datetime import datetime

import msgspec

from dispatch.domain.tasks import Status
from projections.campaigns import CAMPAIGNS, CampaignRow
from projections.questions.answers import Rate, rate
from projections.questions.view import View
from projections.tasks.membership import membership
from projections.tasks.row import TASKS


class CampaignTask(msgspec.Struct, frozen=True):
    """One task of a campaign; it may be in another grid by now than that it was issued to."""

    id: str
    issued_to: str
    grid: str
    status: Status
    assignee: str | None
    handling_due: datetime
    overdue: bool


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it stands: `statuses` counts its tasks, `completion_rate` leaves cancelled ones out."""

    id: str
    town: str
    title: str
    category: str
    issued_by: str
    issued_at: datetime
    tasks: list[CampaignTask]
    statuses: dict[str, int]
    overdue: int
    completion_rate: Rate
    as_of: datetime
    position: int


def campaign(view: View, key: str) -> Campaign | None:
    """Return one campaign, or None if there is none of that id."""
    row = view.one(CAMPAIGNS, CAMPAIGNS.c.id == key)
    return _progress(view, row) if row else None


def _progress(view: View, row: CampaignRow) -> Campaign:
    if view.moment is not None:
        found = [task for task in view.moment.rows(TASKS) if task.campaign == row.id]
    else:
        found = view.rows(TASKS, TASKS.c.campaign == row.id)
    grids = {task: grid for grid, task in row.tasks.items()}
    sets = {task.id: membership(task, view.as_of) for task in found}
    numbers = Counter(name for names in sets.values() for name in names)
    return Campaign(
        id=row.id,
        town=row.town,
        title=row.title,
        category=row.category,
        issued_by=row.issued_by,
        issued_at=row.issued_at,
        tasks=[
            CampaignTask(
                task.id,
                grids.get(task.id, task.grid),
                task.grid,
                task.status,
                task.assignee,
                task.handling_due,
                "lapsed" in sets[task.id],
            )
            for task in sorted(found, key=lambda task: task.grid)
        ],
        statuses=dict(sorted(Counter(str(task.status) for task in found).items())),
        overdue=numbers["lapsed"],
        completion_rate=rate(numbers["closed"], numbers["issued"]),
        as_of=view.as_of,
        position=view.position,
    )
