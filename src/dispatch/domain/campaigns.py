"""A campaign (批次): one issue of tasks to many grids, all or nothing."""

import msgspec

from dispatch.domain.event import Event


class CampaignIssued(Event, frozen=True, kw_only=True, tag="campaign.issued"):
    """The centre issued one task to each of several grids; `tasks` maps grid code to task id."""

    town: str
    title: str
    category: str
    by: str
    tasks: dict[str, str]


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as issued; what became of its tasks stands with the tasks."""

    town: str
    title: str
    tasks: dict[str, str]

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.town

    @property
    def status(self) -> str:
        """A campaign has no lifecycle of its own."""
        return "issued"


def evolve(campaign: Campaign | None, event: CampaignIssued) -> Campaign:
    """Return the campaign after `event`."""
    assert campaign is None
    return Campaign(town=event.town, title=event.title, tasks=event.tasks)
