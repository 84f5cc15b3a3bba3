"""Telling inboxes of what belongs to no task or case: a switch, a digest, what was done to an account."""

from collections.abc import Iterable

from dispatch.domain.event import Event, Recorded, name_of
from dispatch.domain.modes import Grade
from projections.engine.rows import Rows
from projections.inbox.row import NOTICES, NoticeRow, notice_id


def tell(
    rows: Rows,
    owners: Iterable[str],
    event: Event,
    recorded: Recorded,
    *,
    place: str,
    title: str,
    by: str | None,
    detail: str = "",
    urgent: bool,
    grade: Grade | None = None,
    erased: bool = False,
) -> None:
    """Put a notification of an event, which has no deadline, into each of these inboxes once."""
    for number, owner in enumerate(dict.fromkeys(owners)):
        notice = NoticeRow(
            id=notice_id(recorded.position, number),
            owner=owner,
            position=recorded.position,
            name=name_of(event),
            item=recorded.originator_id,
            place=place,
            title=title,
            at=event.at,
            by=by,
            detail=detail,
            level=None,
            due_at=None,
            until=None,
            urgent=urgent,
            grade=grade,
            erased=erased,
        )
        rows.put(NOTICES, notice)
