"""Attacks on what lies beside the events of a small log: statements in SQL, and what names each."""

import asyncio
from contextlib import suppress

from commands.cases.report import ReportCase
from commands.command import Command, Request
from commands.handler import Handler
from commands.personal.erase import ErasePersonal
from commands.tasks.issue import IssueTasks
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain.cases.events import Reporter
from dispatch.domain.cases.kinds import Source
from dispatch.domain.personal import Ground
from dispatch.domain.refusal import Refusal
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.eventlog.tree.checking import Check
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.beside_check import BesideCheck
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"


def fill(database: str) -> tuple[str, str]:
    """Have two cases reported with a telephone, and one of them erased; returns first that which is kept."""
    with open_log(database, clock=system_clock) as log:
        return asyncio.run(_fill(log))


async def _fill(log: DatabaseLog) -> tuple[str, str]:
    handler = Handler(log, calendar=china(), clock=system_clock, vault=VAULT)

    async def send(command: Command, key: str) -> str:
        outcome = await handler.handle(Request(command=command, account="system", key=key))
        return outcome.written[0].stream

    await send(FoundTown(town=TOWN, name="万顺镇"), "found")
    grid = GridPlan(code=GRID, name="第一网格", village="村")
    await send(DrawGrids(town=TOWN, grids=(grid,)), "draw")
    cases = [
        await send(
            ReportCase(
                grid=GRID,
                category="environment",
                title="垃圾",
                source=Source.HOTLINE,
                reporter=Reporter(name="张三", telephone=f"1380000123{n}"),
            ),
            f"report-{n}",
        )
        for n in range(2)
    ]
    await send(ErasePersonal(subjects=(cases[1],), ground=Ground.REQUEST), "erase")
    await send(IssueTasks(grids=(GRID,), title="汛期巡查", category="patrol"), "issue")
    with suppress(Refusal):
        await send(FoundTown(town=TOWN, name="另一镇"), "again")
    return cases[0], cases[1]


def found(database: str, vault: Vault | None = VAULT) -> list[str]:
    """Return what `dispatch verify` says of what lies beside the events, which are whole."""
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        beside = BesideCheck(log, vault)
        assert not list(Check(log, {}, beside.look).faults())
        return [what for _, what in beside.faults()]


def unsound(database: str) -> list[str]:
    """Return what `dispatch verify` says of what the tables are like."""
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        return log.unsound()


def statement(change: str, database: str, erased: str) -> str:
    """Return what an attacker asks the database."""
    literal = "X'{}'" if database.startswith("sqlite") else r"'\\x{}'::bytea"
    bytes_of = {"nothing": b"{}", "null": b"null", "empty": b"", "otherwise": b'{"refused":"TooLate"}'}
    said = CHANGES[change][0].replace("{erased}", erased)
    for name, content in bytes_of.items():
        said = said.replace(f"{{{name}}}", literal.format(content.hex()))
    return said


KEY = "the key of {kept} doesn't open what is sealed here"
CHANGES: dict[str, tuple[str, set[str]]] = {
    "keys deleted": (
        "DELETE FROM subject_keys",
        {"the key of {kept}, whose texts are sealed, is missing"},
    ),
    "keys zeroed": ("UPDATE subject_keys SET wrapped = substr(wrapped, 2)", {KEY}),
    "a cipher renamed": ("UPDATE subject_keys SET suite = 'sm4-gcm'", {KEY}),
    "a key kept over an erasure": (
        "INSERT INTO subject_keys SELECT '{erased}', suite, wrapped_by, wrapped FROM subject_keys",
        {"the key of {erased} is there, though it was erased here"},
    ),
    "a key of nobody": (
        "INSERT INTO subject_keys SELECT 'case:x', suite, wrapped_by, wrapped FROM subject_keys",
        {"there is a key of case:x, of which nothing is sealed"},
    ),
    "telephones deleted": (
        "DELETE FROM subject_telephones",
        {"{kept} is not found by the telephone that it has"},
    ),
    "telephones changed": (
        "UPDATE subject_telephones SET digest = substr(digest, 2)",
        {"{kept} is not found by the telephone that it has"},
    ),
    "a telephone kept over an erasure": (
        "INSERT INTO subject_telephones SELECT digest, '{erased}' FROM subject_telephones",
        {"{erased} is found by a telephone, though it was erased here"},
    ),
    "a telephone of nobody": (
        "INSERT INTO subject_telephones SELECT digest, 'case:x' FROM subject_telephones",
        {"case:x is found by a telephone, and has none"},
    ),
    "answers deleted": (
        "DELETE FROM commands WHERE first < 3",
        {"the answer to system/found is missing", "the answer to system/draw is missing"},
    ),
    "an answer emptied": (
        "UPDATE commands SET outcome = {nothing} WHERE command_id = 'system/issue'",
        {"the answer to system/issue is not that of its events"},
    ),
    "answers exchanged": (
        (
            "UPDATE commands SET outcome = (SELECT outcome FROM commands WHERE command_id = 'system/issue') "
            "WHERE command_id = 'system/report-0'"
        ),
        {"the answer to system/report-0 is not that of its events"},
    ),
    "an answer moved": (
        "UPDATE commands SET last = last + 1 WHERE command_id = 'system/issue'",
        {"the answer to system/issue is not that of its events"},
    ),
    "a refusal for another reason": (
        "UPDATE commands SET outcome = {otherwise} WHERE command_id = 'system/again'",
        {"the answer to system/again is not that of its events"},
    ),
    "an answer to another request": (
        "UPDATE commands SET fingerprint = {nothing} WHERE command_id = 'system/issue'",
        {"the answer to system/issue is not that of its events"},
    ),
    "a refusal that can't be read": (
        "UPDATE commands SET outcome = substr(outcome, 2) WHERE command_id = 'system/again'",
        {"the answer to system/again is not that of its events"},
    ),
    "a refusal moved": (
        "UPDATE commands SET recorded_at = recorded_at + 1 WHERE command_id = 'system/again'",
        {"the answer to system/again is not that of its events"},
    ),
    "a refusal forgotten": (
        "DELETE FROM commands WHERE command_id = 'system/again'",
        {"the answer to system/again is missing"},
    ),
    "a refusal of what was never asked": (
        (
            "INSERT INTO commands SELECT 'system/never', fingerprint, first, last, recorded_at, outcome "
            "FROM commands WHERE command_id = 'system/again'"
        ),
        {"the answer to system/never says what no event of it does"},
    ),
    **{
        f"a refusal for later, {where}": (
            (
                f"INSERT INTO commands SELECT 'system/later', fingerprint, {first}, {last}, recorded_at, "
                "outcome FROM commands WHERE command_id = 'system/again'"
            ),
            {"the answer to system/later says what no event of it does"},
        )
        for where, first, last in (
            ("far beyond the log", 10**12, 10**12),
            ("just beyond it", "last + 1", 0),
            ("before it", 0, 0),
            ("long before it", -7, -7),
        )
    },
    "an answer to nobody": (
        (
            "INSERT INTO commands SELECT '', fingerprint, first, last, recorded_at, outcome "
            "FROM commands WHERE command_id = 'system/again'"
        ),
        {"the answer to  says what no event of it does"},
    ),
    "a key without a subject": (
        "INSERT INTO subject_keys SELECT '', suite, wrapped_by, wrapped FROM subject_keys",
        {"there is a key of , of which nothing is sealed"},
    ),
    "a telephone without a number and a subject": (
        "INSERT INTO subject_telephones VALUES ({empty}, '')",
        {" is found by a telephone, and has none"},
    ),
    "no effect where there was none asked for": (
        (
            "INSERT INTO commands SELECT 'system/never', {empty}, first, last, recorded_at, {null} "
            "FROM commands WHERE command_id = 'system/again'"
        ),
        {"the answer to system/never can't be read"},
    ),
    "an answer copied": (
        (
            "INSERT INTO commands SELECT 'system/copied', fingerprint, first, last, recorded_at, outcome "
            "FROM commands WHERE command_id = 'system/issue'"
        ),
        {"the answer to system/copied says what no event of it does"},
    ),
}
SHAPES: dict[str, tuple[str, str]] = {
    "the view for reading replaced": (
        (
            "CREATE OR REPLACE VIEW events_readable AS SELECT position, stream, version, 'task.closed' "
            "COLLATE \"C\" AS name, timestamptz 'epoch' AS at, timestamptz 'epoch' AS recorded_at, "
            "'{}'::json AS state FROM events"
        ),
        "DROP VIEW events_readable",
    ),
    "a constraint dropped": (
        "ALTER TABLE events DROP CONSTRAINT events_stream_version_key",
        "ALTER TABLE commands RENAME COLUMN outcome TO said",
    ),
    "a constraint added": (
        "ALTER TABLE commands ADD CHECK (length(command_id) < 3)",
        "ALTER TABLE commands ADD COLUMN more TEXT CHECK (more IS NULL)",
    ),
    "an index that takes nothing twice": (
        "CREATE UNIQUE INDEX more ON events (name)",
        "CREATE UNIQUE INDEX more ON events (name)",
    ),
    "rows that are swallowed": (
        "CREATE RULE quiet AS ON INSERT TO subject_telephones DO INSTEAD NOTHING",
        "CREATE TRIGGER more BEFORE INSERT ON subject_telephones BEGIN SELECT RAISE(IGNORE); END",
    ),
    "rows that are hidden": (
        "ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE VIEW more AS SELECT 1",
    ),
}
"""By kind, what changes the tables of a log: on PostgreSQL, and on SQLite."""
