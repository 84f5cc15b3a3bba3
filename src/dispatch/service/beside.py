"""Databases beside the log: a file `PATH.<name>` on SQLite, a schema `dispatch_<name>` on PostgreSQL."""

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from dispatch.eventlog.files import for_its_owner_only
from dispatch.eventlog.postgres_connection import prompt
from dispatch.service.settings import SQLITE

BUSY: Final = 30.0
"""Seconds for which one waits for the other who writes, on SQLite."""
STATEMENT: Final = 5_000
"""Milliseconds that a statement may take on PostgreSQL."""


class Beside:
    """One such database, with a way to it; any number of processes may use it."""

    def __init__(self, database: str, name: str, *, creation: int) -> None:
        """`creation` is the number of the advisory lock under which its tables are made."""
        self.embedded = database.startswith(SQLITE)
        self.schema = None if self.embedded else f"dispatch_{name}"
        self.metadata = sa.MetaData(schema=self.schema)
        self._creation = creation
        self._file = Path(f"{database.removeprefix(SQLITE)}.{name}") if self.embedded else None
        self.engine = _postgresql(database) if self._file is None else _sqlite(str(self._file))

    def holds(self, table: str) -> bool:
        """Tell whether there is a table, without making as much as a file."""
        if self._file is not None and not self._file.exists():
            return False
        return sa.inspect(self.engine).has_table(table, schema=self.schema)

    @staticmethod
    def position(connection: sa.Connection, table: sa.Table) -> int | None:
        """Return the position that a table of one row keeps; None if there is another row, or none."""
        rows = connection.execute(sa.select(table.c.id, table.c.position)).all()
        return int(rows[0].position) if [row.id for row in rows] == [1] else None

    def create(self) -> None:
        """Make the tables if they are not there; any number of processes may do so at once.

        Where that can't be done, no connection is left open: whoever opens a store has none to close yet.
        """
        try:
            with self.engine.begin() as connection:
                if self.schema is not None:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._creation)))
                    connection.execute(sa.schema.CreateSchema(self.schema, if_not_exists=True))
                self.metadata.create_all(connection)
        except BaseException:
            self.engine.dispose()
            raise


def let_go(engine: sa.Engine) -> None:
    """Close an engine's connections: at once, or when a thread that uses one hands it back."""
    sa.event.listen(engine, "checkin", lambda _connection, record: record.close())
    engine.dispose()


def _sqlite(path: str) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY}, hide_parameters=True)

    @sa.event.listens_for(engine, "do_connect")
    def _before_connecting(*_arguments: Any) -> None:
        for_its_owner_only(path)

    @sa.event.listens_for(engine, "connect")
    def _begin_by_hand(connection: Any, _record: Any) -> None:
        # Else Python's driver begins a transaction late, and two who read before they write lock each other.
        connection.isolation_level = None
        # What is erased is overwritten, and not only forgotten about.
        connection.execute("PRAGMA secure_delete = ON")
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
        "postgresql+psycopg://",
        creator=creator,
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=2,
        hide_parameters=True,
    )
