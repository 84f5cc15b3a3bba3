"""What of the databases beside the log isn't as this program makes it, or not as their own indexes say.

A table that isn't there at all is made when the service starts, as after an update that brings a new one.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.eventlog import shape
from dispatch.eventlog.sqlite import tables_of, unsound
from dispatch.service.outbox.tables import Tables
from dispatch.service.photos.store import Store
from dispatch.service.settings import SQLITE
from dispatch.service.sign_in.tables import TABLES
from projections.engine.postgres_generations import SETUP, connect
from projections.engine.store import ddl

TABLES_OF: Final = "SELECT tablename::text FROM pg_tables WHERE schemaname = %s"
SCHEMAS: Final = "SELECT nspname::text FROM pg_namespace"
MAY_COMPARE: Final = """
SELECT has_database_privilege(current_database(), 'CREATE') OR pg_has_role(nspowner, 'USAGE')
FROM pg_namespace WHERE nspname = 'dispatch_log'
"""
"""Who owns the log has the right that it takes: where it was taken from him, that is told as a fault."""
GENERATION: Final = re.compile("dispatch_views_[0-9]+")


def comparable(database: str) -> bool:
    """Tell whether definitions can be compared, which on PostgreSQL takes the right to make schemas."""
    if database.startswith(SQLITE):
        return True
    with closing(connect(database)) as connection:
        return connection.execute(MAY_COMPARE).fetchone() != (False,)


def unsound_beside(database: str, *, views: bool) -> Iterator[str]:
    """Return what is wrong with photos, sign-in, outbox and, with `views`, read models, where there are any.

    Of the tables of read models only what they have none of, such as triggers: rows are compared by a replay.
    """
    made = {"photos": Store(database).metadata, "sign-in": TABLES, "outbox": Tables(database).metadata}
    if database.startswith(SQLITE):
        yield from _in_files(Path(database.removeprefix(SQLITE)), made, views=views)
    else:
        yield from _in_schemas(database, made, views=views)


def _in_files(path: Path, made: dict[str, sa.MetaData], *, views: bool) -> Iterator[str]:
    files = [(path.with_name(f"{path.name}.{name}"), metadata) for name, metadata in made.items()]
    for file, metadata in files:
        if file.exists():
            statements = _ddl(metadata, sqlite.dialect(), tables_of(file))
            yield from _named(file.name, unsound(file, statements))
    for file in sorted(path.parent.glob(f"{path.name}.views-*[0-9]")) if views else ():
        yield from _named(file.name, unsound(file, (), shape.BESIDE_TABLES))


def _in_schemas(database: str, made: dict[str, sa.MetaData], *, views: bool) -> Iterator[str]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped in SQLAlchemy
    scripts: dict[str, tuple[str, Collection[str]]] = {"dispatch_views": (SETUP, ())} if views else {}
    with closing(connect(database)) as connection:
        for name, metadata in made.items():
            schema = f"dispatch_{name.replace('-', '_')}"
            tables = {table for (table,) in connection.execute(TABLES_OF, (schema,)).fetchall()}
            scripts[schema] = (";".join(_ddl(metadata, dialect, tables)), ())
        there = {schema for (schema,) in connection.execute(SCHEMAS).fetchall()}
    if views:
        scripts |= {one: ("", shape.BESIDE_TABLES) for one in sorted(there) if GENERATION.fullmatch(one)}
    for schema in (one for one in scripts if one in there):
        # Each has the whole time that a session allows.
        with closing(connect(database)) as connection:
            yield from _named(schema, shape.in_postgres(connection, schema, *scripts[schema]))


def _ddl(metadata: sa.MetaData, dialect: sa.Dialect, there: Collection[str]) -> list[str]:
    tables = (table for table in metadata.sorted_tables if table.name in there)
    return [statement for table in tables for statement in ddl(table, dialect)]


def _named(where: str, what: list[str]) -> Iterator[str]:
    return (f"{where}: {one}" for one in what)
