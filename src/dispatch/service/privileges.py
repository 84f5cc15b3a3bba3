"""Who may change on PostgreSQL what is kept, beside its owner, from whom rows are hidden, who can't serve.

None of it takes the right to make anything: whoever may only read can look at it. Who is a superuser, or a
member of which role, is for the server to say and isn't looked at.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from dispatch.domain.refusal import NotNow
from dispatch.service.settings import SQLITE
from projections.engine.postgres_generations import connect

SCHEMAS: Final = "^dispatch_(log|photos|sign_in|outbox)$"
WITH_VIEWS: Final = "^dispatch_(log|photos|sign_in|outbox|views(_[0-9]+)?)$"
UNLIKE: Final = """
WITH schemas AS (
    SELECT oid, nspname::text AS schema, nspowner, nspacl FROM pg_namespace WHERE nspname ~ %(schemas)s
), relations AS (
    SELECT c.oid, s.schema, c.relname::text AS relation, s.schema || '.' || c.relname AS name,
           c.relowner AS owner, s.nspowner, c.relacl, c.relrowsecurity OR c.relforcerowsecurity AS secured
    FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
), owned AS (
    SELECT name, owner, nspowner FROM relations
    UNION ALL
    SELECT s.schema || '.' || p.proname, p.proowner, s.nspowner
    FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace
), granted AS (
    SELECT schema, relation, name, owner, nspowner, relacl AS acl FROM relations
    UNION ALL
    SELECT schema, relation, name, owner, nspowner, a.attacl
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid
    UNION ALL
    SELECT schema, NULL, schema, nspowner, nspowner, nspacl FROM schemas
), held AS (
    SELECT DISTINCT name, grantee, privilege_type AS privilege
    FROM granted, aclexplode(acl)
    WHERE grantee NOT IN (owner, nspowner) AND CASE
        WHEN relation IS NULL THEN privilege_type = 'CREATE'
        WHEN privilege_type = 'SELECT'
        THEN schema = 'dispatch_sign_in' OR relation IN ('subject_keys', 'subject_telephones')
        ELSE true
    END
)
SELECT name || ': it belongs to ' || pg_get_userbyid(owner) ||
       ', and the schema to ' || pg_get_userbyid(nspowner)
FROM owned WHERE owner <> nspowner
UNION ALL
SELECT name || ': its owner''s right to ' || string_agg(privilege, ', ' ORDER BY privilege) ||
       ' is also held by ' || CASE grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(grantee) END
FROM held GROUP BY name, grantee
UNION ALL
SELECT name || ': it has row security, of which this program makes none' FROM relations r
WHERE secured OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)
ORDER BY 1
"""
"""Whoever may read what is no secret changes nothing: reports are made so."""

LACKING: Final = """
WITH kept AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname ~ %(schemas)s
)
SELECT 'a session that may write: this one is read-only'
WHERE current_setting('transaction_read_only') = 'on'
UNION ALL
SELECT 'CREATE on the database ' || current_database()
WHERE NOT has_database_privilege(current_database(), 'CREATE')
UNION ALL
(SELECT 'INSERT on ' || name FROM kept WHERE NOT has_table_privilege(oid, 'INSERT') ORDER BY name)
"""
"""Even where all is there, making it if it isn't takes CREATE."""


class RightsMissing(NotNow):
    """The service can't write this database: grant its role what is named, or use the service's own."""


def require_rights(database: str) -> None:
    """Raise `RightsMissing` unless the role of a URL may do what serving takes."""
    if database.startswith(SQLITE):
        return
    with closing(connect(database)) as connection:
        lacks = [what for (what,) in connection.execute(LACKING, {"schemas": SCHEMAS})]
        if lacks:
            raise RightsMissing(role=connection.info.user, lacks=lacks)


def unlike(database: str, *, views: bool) -> Iterator[str]:
    """Return what others own or may change, and what has row security; that of read models with `views`."""
    if not database.startswith(SQLITE):
        with closing(connect(database)) as connection:
            found = connection.execute(UNLIKE, {"schemas": WITH_VIEWS if views else SCHEMAS})
            yield from (what for (what,) in found.fetchall())
