"""Holding what is yet to be sent against the inboxes: each says what its notification says, to its owner."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from dispatch.eventlog.tree.checking import Fault
from dispatch.service.outbox.store import Delivery, Store
from projections.engine.generations import Generations, Gone
from projections.inbox.listing import of_ids
from projections.inbox.phrases import put
from projections.inbox.row import NoticeRow

AT_ONCE: Final = 1_000
"""Deliveries that are looked at together."""
AS_NOTICED: Final = ("place", "name", "item", "urgent")
"""What a delivery has of its notification as it is."""


def changed_deliveries(database: str, generations: Generations) -> Iterator[Fault]:
    """Return which deliveries under way aren't as their notifications have them; nothing without read models.

    What was sent, given up or discarded is left out: its words may be those of an earlier version.
    """
    with closing(Store(database)) as store:
        under_way = store.under_way()
    for begin in range(0, len(under_way), AT_ONCE):
        some = under_way[begin : begin + AT_ONCE]
        notices = _notices(generations, [one.notification for one in some])
        if notices is None:
            return
        known = {notice.id: notice for notice in notices}
        for one in some:
            notice = known.get(one.notification)
            if notice is None or not _is_of(one, notice):
                yield Fault(0, f"the delivery {one.id} isn't as a notification has it")


def _notices(generations: Generations, ids: Sequence[str]) -> list[NoticeRow] | None:
    """Return the notifications of some ids, None without read models."""
    while True:
        with generations.session() as session:
            generation = session.look().generation
        if generation is None:
            return None
        try:
            with generations.connection(generation) as connection:
                return of_ids(connection, ids)
        except Gone:
            continue  # another one is live now


def _is_of(delivery: Delivery, notice: NoticeRow) -> bool:
    return (
        delivery.id == f"{notice.id}~{delivery.channel}"
        and delivery.inbox == notice.owner
        and all(getattr(delivery, name) == getattr(notice, name) for name in AS_NOTICED)
        and (delivery.zh, delivery.en) == put(notice)
        and delivery.ended_at is None
    )
