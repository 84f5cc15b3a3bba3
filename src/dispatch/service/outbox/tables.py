"""What the outbox keeps beside the log: how far it has taken notifications up, and each delivery's state.

It is no read model: no rebuild touches it, and what it says was sent is never sent again.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from dispatch.eventlog.postgres_connection import prompt
from dispatch.service.settings import SQLITE

SCHEMA: Final = "dispatch_outbox"
"""Of its tables on PostgreSQL; on SQLite they are in a file of their own, `PATH.outbox`."""
BUSY: Final = 30.0
"""Seconds for which one waits for the other who writes, on SQLite."""
STATEMENT: Final = 5_000
"""Milliseconds that a statement may take on PostgreSQL."""
CREATION: Final = 0x6F7574626F78
"""The advisory lock under which the tables are created."""


class State(StrEnum):
    """Where a delivery stands: `sending` is held by a process until its lease ends."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DISCARDED = "discarded"


def _tables(schema: str | None) -> tuple[sa.MetaData, sa.Table, sa.Table]:
    metadata = sa.MetaData(schema=schema)
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
    return metadata, taken, deliveries


class Tables:
    """The tables in one database, with a way to it; times are µs since 1970, UTC."""

    def __init__(self, database: str) -> None:
        embedded = database.startswith(SQLITE)
        self._metadata, self.taken, self.deliveries = _tables(None if embedded else SCHEMA)
        self.engine = _sqlite(database) if embedded else _postgresql(database)
        self._embedded = embedded

    def create(self) -> None:
        """Make the tables if they are not there; any number of processes may do so at once."""
        with self.engine.begin() as connection:
            if not self._embedded:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CREATION)))
                connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
            self._metadata.create_all(connection)


def _sqlite(database: str) -> sa.Engine:
    path = Path(database.removeprefix(SQLITE) + ".outbox")
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY})

    @sa.event.listens_for(engine, "connect")
    def _begin_by_hand(connection: Any, _record: Any) -> None:
        # Else Python's driver begins a transaction late, and two who read before they write lock each other.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _at_once(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(database: str) -> sa.Engine:
    options = f"-c statement_timeout={STATEMENT} -c lock_timeout={STATEMENT}"
    # The server itself ends what takes longer than that; beyond it, the line is no more.
    creator = prompt(database, seconds=STATEMENT / 1_000 + 1, options=options)
    return sa.create_engine(
        "postgresql+psycopg://", creator=creator, pool_pre_ping=True, pool_size=2, max_overflow=2
    )
