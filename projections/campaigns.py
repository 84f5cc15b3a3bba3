"""Campaigns (批次): which tasks were issued together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from dispatch.domain.campaigns import CampaignIssued
from dispatch.domain.event import Event, Recorded
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class CampaignRow(Row, frozen=True):
    """A campaign as issued; `tasks` maps grid code to task id, `position` is that of its event."""

    id: str
    town: str
    title: str
    category: str
    issued_by: str
    issued_at: datetime
    tasks: dict[str, str]
    position: int
    version: int


CAMPAIGNS: Final = RowTable("campaigns", CampaignRow, key=("id",), indexes=[("town", "issued_at")])
STREAM: Final = "campaign:"


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    return [(CAMPAIGNS, recorded.originator_id[len(STREAM) :])]


def _issued(rows: Rows, event: CampaignIssued, recorded: Recorded) -> None:
    rows.put(
        CAMPAIGNS,
        CampaignRow(
            recorded.originator_id[len(STREAM) :],
            event.town,
            event.title,
            event.category,
            event.by,
            event.at,
            event.tasks,
            recorded.position,
            recorded.originator_version,
        ),
    )


FOLDS: Final[dict[type[Event], Fold[Any]]] = {CampaignIssued: _issued}
