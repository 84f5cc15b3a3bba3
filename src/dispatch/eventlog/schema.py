"""The tables of the log in SQL, the triggers that keep them append-only, and a readable view."""

VERSION = 4
"""The shape of these tables; an older one is upgraded when the log is opened, a newer one refused."""

POSTGRES_SCHEMA = "dispatch_log"

POSTGRES_1 = """
CREATE SCHEMA IF NOT EXISTS dispatch_log;

CREATE TABLE dispatch_log.events (
    position    bigint PRIMARY KEY CHECK (position > 0),
    stream      text COLLATE "C" NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    name        text COLLATE "C" NOT NULL,
    at          bigint NOT NULL,
    recorded_at bigint NOT NULL,
    state       bytea NOT NULL,
    UNIQUE (stream, version)
);
CREATE INDEX events_at ON dispatch_log.events (at);
COMMENT ON TABLE dispatch_log.events IS
    'What happened, for ever. Times are microseconds since 1970, UTC; see events_readable.';

CREATE TABLE dispatch_log.commands (
    command_id  text COLLATE "C" PRIMARY KEY,
    fingerprint bytea NOT NULL,
    first       bigint NOT NULL,
    last        bigint NOT NULL,
    recorded_at bigint NOT NULL,
    outcome     bytea NOT NULL
);
COMMENT ON TABLE dispatch_log.commands IS 'Each command''s positions and answer, for a repeat.';

CREATE FUNCTION dispatch_log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_log.events
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_log.commands
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_log.refuse_change();
ALTER TABLE dispatch_log.events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE dispatch_log.commands ENABLE ALWAYS TRIGGER append_only;

CREATE VIEW dispatch_log.events_readable AS
SELECT position, stream, version, name,
       timestamptz 'epoch' + at * interval '1 microsecond' AS at,
       timestamptz 'epoch' + recorded_at * interval '1 microsecond' AS recorded_at,
       convert_from(state, 'UTF8')::json AS state
FROM dispatch_log.events;

CREATE TABLE dispatch_log.schema_version (version integer NOT NULL);
INSERT INTO dispatch_log.schema_version VALUES (1);
"""
POSTGRES_2 = """
CREATE TABLE dispatch_log.tree (
    level  smallint NOT NULL,
    first  bigint NOT NULL,
    sha256 bytea NOT NULL,
    sm3    bytea NOT NULL,
    PRIMARY KEY (level, first)
);
COMMENT ON TABLE dispatch_log.tree IS
    'Nodes of the Merkle tree over the events, side by side from "first" on, 32 bytes each.';

CREATE TABLE dispatch_log.checkpoints (
    size      bigint PRIMARY KEY CHECK (size > 0),
    issued_at bigint NOT NULL,
    note      text COLLATE "C" NOT NULL
);
COMMENT ON TABLE dispatch_log.checkpoints IS 'Signed tree heads, for reading; those delivered outside count.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_log.tree
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_log.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_log.refuse_change();
ALTER TABLE dispatch_log.tree ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE dispatch_log.checkpoints ENABLE ALWAYS TRIGGER append_only;

UPDATE dispatch_log.schema_version SET version = 2;
"""

POSTGRES_3 = """
CREATE TABLE dispatch_log.subject_keys (
    subject    text COLLATE "C" PRIMARY KEY,
    suite      text COLLATE "C" NOT NULL,
    wrapped_by bytea NOT NULL,
    wrapped    bytea NOT NULL
);
COMMENT ON TABLE dispatch_log.subject_keys IS
    'What personal data is sealed with, wrapped under the key-encryption key; deleted at erasure.';

CREATE TABLE dispatch_log.subject_telephones (
    digest  bytea NOT NULL,
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (digest, subject)
);
CREATE INDEX subject_telephones_subject ON dispatch_log.subject_telephones (subject);
COMMENT ON TABLE dispatch_log.subject_telephones IS
    'Keyed digests of the telephone numbers that items are found by; deleted at erasure.';

CREATE TRIGGER no_change BEFORE UPDATE OR TRUNCATE ON dispatch_log.subject_keys
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_log.refuse_change();
ALTER TABLE dispatch_log.subject_keys ENABLE ALWAYS TRIGGER no_change;

UPDATE dispatch_log.schema_version SET version = 3;
"""
POSTGRES_4 = """
-- Nodes of odd levels are written once the 256 below the next level are whole: those before that are
-- written again. Under another name, so that nobody who still runs an earlier version adds to them.
ALTER TABLE dispatch_log.tree RENAME TO nodes;
-- The nodes of an ordinary commit stay in their row. A hash can't be compressed.
ALTER TABLE dispatch_log.nodes SET (toast_tuple_target = 8160);
ALTER TABLE dispatch_log.nodes ALTER sha256 SET STORAGE EXTERNAL, ALTER sm3 SET STORAGE EXTERNAL;
ALTER TABLE dispatch_log.nodes DISABLE TRIGGER append_only;
DELETE FROM dispatch_log.nodes WHERE level % 2 = 1 AND first >= 16 * (
    (SELECT first + length(sha256) / 32 FROM dispatch_log.nodes WHERE level = 0 ORDER BY first DESC LIMIT 1)
    >> (4 * (level + 1))
);
ALTER TABLE dispatch_log.nodes ENABLE ALWAYS TRIGGER append_only;

UPDATE dispatch_log.schema_version SET version = 4;
"""

SQLITE_1 = """
CREATE TABLE events (
    position    INTEGER PRIMARY KEY CHECK (position > 0),
    stream      TEXT NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    name        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    state       BLOB NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE INDEX events_at ON events (at);

CREATE TABLE commands (
    command_id  TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    outcome     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on events is refused'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on events is refused'); END;
CREATE TRIGGER commands_no_update BEFORE UPDATE ON commands
BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on commands is refused'); END;
CREATE TRIGGER commands_no_delete BEFORE DELETE ON commands
BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on commands is refused'); END;

-- INSERT OR REPLACE would delete without the triggers above being asked.
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)
    OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: REPLACE on events is refused'); END;
CREATE TRIGGER commands_no_replace BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE command_id = NEW.command_id)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: REPLACE on commands is refused'); END;

CREATE VIEW events_readable AS
SELECT position, stream, version, name,
       strftime('%Y-%m-%dT%H:%M:%S', at / 1000000, 'unixepoch')
           || printf('.%06dZ', at % 1000000) AS at,
       strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch')
           || printf('.%06dZ', recorded_at % 1000000) AS recorded_at,
       CAST(state AS TEXT) AS state
FROM events;

CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
INSERT INTO schema_version VALUES (1);
"""

SQLITE_2 = """
CREATE TABLE tree (
    level  INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    sm3    BLOB NOT NULL,
    PRIMARY KEY (level, first)
) STRICT; -- not WITHOUT ROWID: a row of a whole tile would spill over its page there
CREATE TABLE checkpoints (
    size      INTEGER PRIMARY KEY CHECK (size > 0),
    issued_at INTEGER NOT NULL,
    note      TEXT NOT NULL
) STRICT;

CREATE TRIGGER tree_no_update BEFORE UPDATE ON tree
BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on tree is refused'); END;
CREATE TRIGGER tree_no_delete BEFORE DELETE ON tree
BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on tree is refused'); END;
CREATE TRIGGER tree_no_replace BEFORE INSERT ON tree
WHEN EXISTS (SELECT 1 FROM tree WHERE level = NEW.level AND first = NEW.first)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: REPLACE on tree is refused'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on checkpoints is refused'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on checkpoints is refused'); END;
CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: REPLACE on checkpoints is refused'); END;

UPDATE schema_version SET version = 2;
"""

SQLITE_3 = """
CREATE TABLE subject_keys (
    subject    TEXT PRIMARY KEY,
    suite      TEXT NOT NULL,
    wrapped_by BLOB NOT NULL,
    wrapped    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE subject_telephones (
    digest  BLOB NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (digest, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_telephones_subject ON subject_telephones (subject);

CREATE TRIGGER subject_keys_no_update BEFORE UPDATE ON subject_keys
BEGIN SELECT RAISE(ABORT, 'a key is kept or destroyed: UPDATE on subject_keys is refused'); END;
CREATE TRIGGER subject_keys_no_replace BEFORE INSERT ON subject_keys
WHEN EXISTS (SELECT 1 FROM subject_keys WHERE subject = NEW.subject)
BEGIN SELECT RAISE(ABORT, 'a key is kept or destroyed: REPLACE on subject_keys is refused'); END;

UPDATE schema_version SET version = 3;
"""

SQLITE_4 = """
-- Nodes of odd levels are written once the 256 below the next level are whole: those before that are
-- written again. Under another name, so that nobody who still runs an earlier version adds to them.
DROP TRIGGER tree_no_update;
DROP TRIGGER tree_no_delete;
DROP TRIGGER tree_no_replace;
ALTER TABLE tree RENAME TO nodes;
DELETE FROM nodes WHERE level % 2 = 1 AND first >= 16 * (
    (SELECT first + length(sha256) / 32 FROM nodes WHERE level = 0 ORDER BY first DESC LIMIT 1)
    >> (4 * (level + 1))
);
CREATE TRIGGER nodes_no_update BEFORE UPDATE ON nodes
BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on nodes is refused'); END;
CREATE TRIGGER nodes_no_delete BEFORE DELETE ON nodes
BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on nodes is refused'); END;
CREATE TRIGGER nodes_no_replace BEFORE INSERT ON nodes
WHEN EXISTS (SELECT 1 FROM nodes WHERE level = NEW.level AND first = NEW.first)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: REPLACE on nodes is refused'); END;

UPDATE schema_version SET version = 4;
"""

POSTGRES = (POSTGRES_1, POSTGRES_2, POSTGRES_3, POSTGRES_4)
SQLITE = (SQLITE_1, SQLITE_2, SQLITE_3, SQLITE_4)
"""For each version the statements that lead to it from the one before."""


def steps(
    scripts: tuple[str, ...], found: list[tuple[int]] | None, *, upgrade: bool = True, make: bool = True
) -> tuple[str, ...]:
    """Return what leads from a log's version (None: no tables yet) to the present one.

    Raises `UnknownSchema` for a version that this program doesn't know; unless `upgrade` also for one before,
    and unless `make` for no tables.
    """
    if found is None:
        if not make:
            raise NoLog
        return scripts
    versions = [version for (version,) in found]
    if len(versions) != 1 or versions[0] not in range(1, VERSION + 1):
        raise UnknownSchema(versions)
    if versions[0] < VERSION and not upgrade:
        raise EarlierSchema(versions)
    return scripts[versions[0] :]


class UnknownSchema(RuntimeError):
    """The log has tables of another version of this program; it is left as it is."""

    def __init__(self, found: list[int]) -> None:
        said = ", ".join(map(str, found)) or "none"
        sentence = f"The log's tables have version {said}; this program knows version {VERSION}"
        if len(found) == 1 and found[0] > VERSION:
            sentence += ": start the later one, which made them"
        super().__init__(sentence)


class NoLog(UnknownSchema):
    """The database has no log, and whoever needs one that is there makes none."""

    def __init__(self) -> None:
        super().__init__([])
        self.args = ("The database holds no log; name the one that does (--database or DISPATCH_DATABASE)",)


class AnotherProgram(UnknownSchema):
    """The file holds the tables of another program, and gets none of a log's beside them."""

    def __init__(self) -> None:
        super().__init__([])
        self.args = ("The database is another program's; name another (--database or DISPATCH_DATABASE)",)


class EarlierSchema(UnknownSchema):
    """The log has tables of an earlier version, and whoever only looks at it leaves them as they are."""

    def __init__(self, found: list[int]) -> None:
        super().__init__(found)
        self.args = (f"{self}, which a start of the service upgrades them to",)
