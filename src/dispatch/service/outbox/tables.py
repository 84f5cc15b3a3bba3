"""What the outbox keeps beside the log: how far it has taken notifications up, and each delivery's state.

And what of checkpoints fails, which every process of a service is to know. It is no
read model: no rebuild touches it, and what it says was sent is never sent again.
"""

from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from dispatch.service.beside import Beside

CREATION: Final = 0x6F7574626F78
"""The advisory lock under which the tables are created."""


class State(StrEnum):
    """Where a delivery stands: `sending` is held by a process until its lease ends."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DISCARDED = "discarded"


def _tables(metadata: sa.MetaData) -> tuple[sa.Table, sa.Table, sa.Table]:
    taken = sa.Table(
        "taken",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    deliveries = sa.Table(
        "deliveries",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("notification", sa.Text, nullable=False),
        sa.Column("inbox", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Index("deliveries_by_state", "state", "due_at"),
    )
    failing = sa.Table(
        "failing",
        metadata,
        sa.Column("duty", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    return taken, deliveries, failing


class Tables(Beside):
    """The tables in one database, with a way to it; times are µs since 1970, UTC."""

    def __init__(self, database: str) -> None:
        super().__init__(database, "outbox", creation=CREATION)
        self.taken, self.deliveries, self.failing = _tables(self.metadata)
