"""What the log says to PostgreSQL when it appends."""

from typing import Final

from dispatch.eventlog.postgres_watch import CHANNEL

BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
LOCK: Final = "SELECT pg_advisory_xact_lock(%b)"
VERSIONS: Final = """
SELECT s.stream, (SELECT max(e.version) FROM events e WHERE e.stream = s.stream)
FROM unnest(%b::text[]) s (stream)
"""
KNOWN: Final = """
WITH tail AS (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1),
mine AS (SELECT %b AS mine),
edge AS (
    SELECT string_agg(node.sha256, ''::bytea ORDER BY node.level, node.first) AS sha256,
           string_agg(node.sm3, ''::bytea ORDER BY node.level, node.first) AS sm3
    FROM (
        SELECT level, greatest((position >> (4 * level)) & -256, mine >> (4 * level)) AS first
        FROM tail, mine, generate_series(0, 14, 2) AS level OFFSET 0
    ) lacking CROSS JOIN LATERAL (
        SELECT * FROM nodes WHERE nodes.level = lacking.level AND nodes.first >= lacking.first OFFSET 0
    ) node
)
SELECT (SELECT position FROM tail), (SELECT recorded_at FROM tail),
    (SELECT ROW(sha256, sm3) FROM edge, tail, mine WHERE position <> mine),
    ARRAY(SELECT (SELECT max(e.version) FROM events e WHERE e.stream = s.stream)
          FROM unnest(%b::text[]) WITH ORDINALITY s (stream, place) ORDER BY place),
    ARRAY(SELECT command_id FROM commands WHERE command_id = ANY(%b::text[]))
"""
COMMANDS: Final = """
SELECT command_id, fingerprint, first, last, recorded_at, outcome
FROM commands WHERE command_id = ANY(%b::text[])
"""
INSERT_COMMANDS: Final = """
INSERT INTO commands
SELECT * FROM unnest(%b::text[], %b::bytea[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bytea[])
"""
INSERT_NODES: Final = """
INSERT INTO nodes
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bytea[], %b::bytea[])
"""
KEEP_CHECKPOINT: Final = "INSERT INTO checkpoints VALUES (%b, %b, %b) ON CONFLICT DO NOTHING"
ROWS_OF_EVENTS: Final = """
SELECT %b + ordinality - 1, stream, version, name, at, %b, state
FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bigint[], %b::bytea[])
    WITH ORDINALITY e (stream, version, name, at, state)
"""
INSERT_EVENTS: Final = f"""
WITH inserted_commands AS ({INSERT_COMMANDS}),
inserted_events AS (INSERT INTO events {ROWS_OF_EVENTS})
SELECT pg_notify('{CHANNEL}', %b)
"""
INSERT_KEYS: Final = """
INSERT INTO subject_keys SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::bytea[])
"""
INSERT_TELEPHONES: Final = """
INSERT INTO subject_telephones SELECT * FROM unnest(%b::bytea[], %b::text[])
"""
INSERT_SEALED: Final = f"""
WITH inserted_keys AS ({INSERT_KEYS})
{INSERT_TELEPHONES} ON CONFLICT DO NOTHING
"""
DESTROY: Final = """
WITH telephones AS (DELETE FROM subject_telephones WHERE subject = ANY(%b::text[]))
DELETE FROM subject_keys WHERE subject = ANY(%b::text[])
"""
WIPE: Final = "VACUUM (FULL) subject_keys, subject_telephones"
"""A plain VACUUM leaves the bytes where they were until something else takes their place."""
GUESS: Final = """
WITH guess AS MATERIALIZED (
    SELECT coalesce((SELECT position FROM events ORDER BY position DESC LIMIT 1), 0) = %b
        AND ARRAY(SELECT coalesce((SELECT max(e.version) FROM events e WHERE e.stream = s.stream), 0)
                  FROM unnest(%b::text[]) WITH ORDINALITY s (stream, place) ORDER BY place) = %b::bigint[]
        AND NOT EXISTS (SELECT FROM commands WHERE command_id = ANY(%b::text[])) AS holds
),
"""
IF_IT_HOLDS: Final = "WHERE (SELECT holds FROM guess)"
INSERTED_AS_GUESSED: Final = f"""
inserted_commands AS ({INSERT_COMMANDS} {IF_IT_HOLDS}),
inserted_nodes AS ({INSERT_NODES} {IF_IT_HOLDS}),
inserted_events AS (INSERT INTO events {ROWS_OF_EVENTS} {IF_IT_HOLDS})
SELECT pg_notify('{CHANNEL}', %b) FROM guess WHERE holds
"""  # noqa: S608 - made of constants
INSERT_AS_GUESSED: Final = GUESS + INSERTED_AS_GUESSED
"""Writes a group if the log is as it was guessed to be, and then gives a row; else it writes nothing."""
INSERT_SEALED_AS_GUESSED: Final = f"""{GUESS}
inserted_keys AS ({INSERT_KEYS} {IF_IT_HOLDS}),
inserted_telephones AS ({INSERT_TELEPHONES} {IF_IT_HOLDS} ON CONFLICT DO NOTHING),
{INSERTED_AS_GUESSED}"""
"""The same together with new keys."""
