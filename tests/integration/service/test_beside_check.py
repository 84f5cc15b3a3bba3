"""What lies beside the events is held against them: each change there is named, and nothing that is right."""

import asyncio

import pytest

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
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.beside_check import BesideCheck
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from tests.faults.proofs.tampering import Attacker
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"


async def fill(log: DatabaseLog) -> tuple[str, str]:
    """Have two cases reported with a telephone, and one of them erased; returns first that which is kept."""
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
    with pytest.raises(Refusal):
        await send(FoundTown(town=TOWN, name="另一镇"), "again")
    return cases[0], cases[1]


def found(database: str, vault: Vault | None = VAULT) -> list[str]:
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        beside = BesideCheck(log, vault)
        assert not [fault for fault in Check(log, {}, beside.look).faults() if fault.position]
        return [what for _, what in beside.faults()]


@pytest.fixture
def cases(database: str) -> tuple[str, str]:
    with open_log(database, clock=system_clock) as log:
        return asyncio.run(fill(log))


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
    "a refusal that can't be read": (
        "UPDATE commands SET outcome = substr(outcome, 2) WHERE command_id = 'system/again'",
        {"the answer to system/again can't be read"},
    ),
    "an answer copied": (
        (
            "INSERT INTO commands SELECT 'system/copied', fingerprint, first, last, recorded_at, outcome "
            "FROM commands WHERE command_id = 'system/issue'"
        ),
        {"the answer to system/copied says what no event of it does"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_beside_the_events_is_named(database: str, cases: tuple[str, str], change: str) -> None:
    kept, erased = cases
    assert found(database) == []
    statement, expected = CHANGES[change]
    attacker = Attacker(database)
    nothing = "X'7B7D'" if database.startswith("sqlite") else "'{}'::bytea"
    attacker.ask(statement.replace("{nothing}", nothing).replace("{erased}", erased))
    attacker.close()
    assert set(found(database)) == {one.format(kept=kept, erased=erased) for one in expected}


def test_without_the_key_that_a_key_is_missing_or_left_shows_all_the_same(
    database: str, cases: tuple[str, str]
) -> None:
    kept, _ = cases
    assert found(database, None) == []
    attacker = Attacker(database)
    attacker.ask("DELETE FROM subject_keys")
    attacker.close()
    assert found(database, None) == [f"the key of {kept}, whose texts are sealed, is missing"]


def test_another_key_encryption_key_is_said_once(database: str, cases: tuple[str, str]) -> None:
    assert found(database, Vault(new_root())) == [
        "none of the 1 keys of personal data lies under the key-encryption key"
    ]


def test_what_is_recorded_during_the_walk_is_no_fault(database: str) -> None:
    with open_log(database, clock=system_clock) as log:
        beside = BesideCheck(log, VAULT)
        _, erased = asyncio.run(fill(log))
        events = log.read()
        [reported] = [event.position for event in events if event.stream == erased]
        beside.look(events[:reported])
        assert list(beside.faults()) == []
        beside = BesideCheck(log, VAULT)
        beside.look(events[: reported - 1])
        assert list(beside.faults()) == []


def test_a_node_of_a_level_that_the_log_has_not_is_named(database: str, cases: tuple[str, str]) -> None:
    attacker = Attacker(database)
    attacker.ask("INSERT INTO nodes SELECT 9, 0, sha256, sm3 FROM nodes WHERE level = 0 AND first = 0")
    attacker.close()
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        assert [what for _, what in Check(log, {}).faults()] == [
            f"the tree has nodes of level 9 that are none of a log of {log.head()} events"
        ]
