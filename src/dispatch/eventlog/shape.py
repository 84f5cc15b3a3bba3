"""What the tables of a database are like, beside what this program makes: whatever isn't the same is named.

A trigger that swallows rows, a view that shows others, a constraint that is gone: none of it changes a byte
that is hashed. So the definitions themselves are compared with those of tables that are made anew, on
PostgreSQL in a schema that is never committed, on SQLite in memory; how many rows there are doesn't matter.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import tuple_row

BESIDE_TABLES = ("trigger", "rule", "view", "function", "foreign key")
"""The kinds that read models have none of; what their tables hold is compared row by row."""
SQLITE_SHAPE = """
SELECT type, name, sql FROM sqlite_master WHERE (name, sql) NOT IN (VALUES
    ('sqlite_stat1', 'CREATE TABLE sqlite_stat1(tbl,idx,stat)'),
    ('sqlite_stat4', 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)')
)
"""
"""All but what ANALYZE makes: whoever writes the schema itself can give it a name of SQLite's own."""
POSTGRES_SHAPE = """
WITH relations AS (
    SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s
)
SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind, c.relname::text AS name,
       concat_ws(
           ' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
           EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)),
           (
               SELECT string_agg(
                   concat_ws(
                       ' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation,
                       a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
                   ), ', ' ORDER BY a.attnum
               )
               FROM pg_attribute a
               LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           ),
           CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
       ) AS definition
FROM relations c WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
UNION ALL
SELECT CASE o.contype WHEN 'f' THEN 'foreign key' ELSE 'constraint' END, o.conname || ' of ' || c.relname,
       concat_ws(' ', o.convalidated, pg_get_constraintdef(o.oid))
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
WHERE o.contype <> 'n' AND EXISTS (SELECT FROM relations r WHERE r.oid IN (o.conrelid, o.confrelid))
UNION ALL
SELECT 'index', c.relname, concat_ws(' ', i.indisunique, i.indisvalid, i.indisready, pg_get_indexdef(c.oid))
FROM pg_index i JOIN relations c ON c.oid = i.indexrelid
UNION ALL
SELECT 'trigger', t.tgname || ' of ' || c.relname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
FROM pg_trigger t JOIN relations c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'trigger', regexp_replace(t.tgname, '_[0-9]+$', '') || ' of ' || c.relname,
       concat_ws(' ', t.tgenabled, t.tgtype, t.tgfoid::regproc)
FROM pg_trigger t JOIN relations c ON c.oid = t.tgrelid WHERE t.tgisinternal
UNION ALL
SELECT 'event trigger', e.evtname::text, concat_ws(' ', e.evtevent, e.evtenabled, e.evtfoid::regproc)
FROM pg_event_trigger e WHERE e.evtenabled <> 'D' AND %(schema)s = 'dispatch_log'
UNION ALL
SELECT 'rule', r.rulename || ' of ' || c.relname, concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid))
FROM pg_rewrite r JOIN relations c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'function', p.proname::text, pg_get_functiondef(p.oid)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %(schema)s AND p.prokind IN ('f', 'p')
"""
"""That a column takes no NULL stands with its table: as a constraint, PostgreSQL 18 alone has it.

A foreign key of any table elsewhere holds rows here fast. What PostgreSQL makes itself for a foreign key has
a number at the end of its name, and whoever may write its catalogue can say of any trigger that it is such a
one. An event trigger stands in no schema: it is told with the log, as one that was made for it.
"""


class Part(NamedTuple):
    """A part of a database's schema, as the database itself describes it."""

    kind: str
    name: str
    definition: str | None


def in_postgres(
    connection: psycopg.Connection[Any], schema: str, script: str, kinds: Collection[str] = ()
) -> list[str]:
    """Return what of a schema isn't as the script makes it, in so many words; nothing if it is empty.

    The script names the schema, or no schema at all. Of `kinds` alone, if any are given. A role that may make
    no schema can't compare them, nor can anybody while the server doesn't answer, which is said instead.
    """
    try:
        return _compared(connection, schema, script, kinds)
    except (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError) as error:
        said = error.diag.message_primary or error
        return [f"its tables' definitions could not be compared: {said}"]


def _compared(
    connection: psycopg.Connection[Any], schema: str, script: str, kinds: Collection[str]
) -> list[str]:
    fresh = f"{schema}_made_{secrets.token_hex(4)}"
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:

        def asked(statement: str, **parameters: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

        def shape(of: str) -> set[Part]:
            # Names of other schemas only are written out in definitions, and of this one everywhere.
            asked("SELECT set_config('search_path', '', true)")
            # Of the server's own catalogue, other plans are good than of the log's tables.
            asked("SET LOCAL enable_seqscan TO DEFAULT")
            rows = map(Part._make, asked(POSTGRES_SHAPE, schema=of))
            return {one._replace(definition=(one.definition or "").replace(f"{of}.", "")) for one in rows}

        found = shape(schema)
        asked(f"CREATE SCHEMA {fresh}")
        asked(f"SET LOCAL search_path = {fresh}")
        asked(script.replace(schema, fresh) or "SELECT")
        return _differences(found, shape(fresh), kinds) if found else []


def in_sqlite(
    rows: Iterable[tuple[Any, ...]], statements: Iterable[str], kinds: Collection[str] = ()
) -> list[str]:
    """Return what of a database isn't as the statements make it; `rows` are what `SQLITE_SHAPE` gives."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for statement in statements:
            made.execute(statement)
        expected = set(map(Part._make, made.execute(SQLITE_SHAPE)))
    return _differences(set(map(Part._make, rows)), expected, kinds)


def _differences(found: set[Part], made: set[Part], kinds: Collection[str]) -> list[str]:
    differing = {(kind, name) for kind, name, _ in found ^ made if not kinds or kind in kinds}
    return [f"the {kind} {name} isn't the one that this program makes" for kind, name in sorted(differing)]
