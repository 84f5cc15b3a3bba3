"""What lies beside the events is held against them: each change there is named, and nothing that is right."""

import json
from pathlib import Path

import pytest

from dispatch.eventlog import Append, open_log
from dispatch.eventlog.checkpoints.kept import look
from dispatch.eventlog.tree.checking import Check
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.beside_check import BesideCheck
from dispatch.service.clock import system_clock
from tests import histories
from tests.faults.beside import CHANGES, fill, found, statement
from tests.faults.proofs.tampering import Attacker, tamper
from tests.vaults import VAULT


@pytest.fixture
def cases(database: str) -> tuple[str, str]:
    return fill(database)


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_beside_the_events_is_named(database: str, cases: tuple[str, str], change: str) -> None:
    kept, erased = cases
    assert found(database) == []
    tamper(database, statement(change, database, erased))
    expected = CHANGES[change][1]
    assert set(found(database)) == {one.format(kept=kept, erased=erased) for one in expected}


def test_without_the_key_that_a_key_is_missing_or_left_shows_all_the_same(
    database: str, cases: tuple[str, str]
) -> None:
    kept, _ = cases
    assert found(database, None) == []
    tamper(database, "DELETE FROM subject_keys")
    assert found(database, None) == [f"the key of {kept}, whose texts are sealed, is missing"]


def test_another_key_encryption_key_is_said_once(database: str, cases: tuple[str, str]) -> None:
    assert found(database, Vault(new_root())) == [
        "none of the 1 keys of personal data lies under the key-encryption key"
    ]


def test_a_key_that_says_that_another_one_lies_over_it_is_named(
    database: str, cases: tuple[str, str]
) -> None:
    kept, _ = cases
    tamper(database, "INSERT INTO subject_keys SELECT 'case:x', suite, wrapped_by, wrapped FROM subject_keys")
    tamper(database, "UPDATE subject_keys SET wrapped_by = wrapped WHERE subject <> 'case:x'")
    assert f"the key of {kept} says that another key lies over it" in found(database)


def test_what_is_recorded_during_the_walk_is_no_fault(database: str) -> None:
    _, erased = fill(database)
    with open_log(database, clock=system_clock) as log:
        beside = BesideCheck(log, VAULT)
        events = log.read()
        [reported] = [event.position for event in events if event.stream == erased]
        beside.look(events[:reported])
        assert list(beside.faults()) == []
        beside = BesideCheck(log, VAULT)
        beside.look(events[: reported - 1])
        assert list(beside.faults()) == []


def test_a_forged_answer_is_no_newer_one_because_something_is_recorded_during_the_walk(database: str) -> None:
    fill(database)
    tamper(
        database,
        "INSERT INTO commands SELECT 'system/never', fingerprint, first, last, recorded_at, outcome "
        "FROM commands WHERE command_id = 'system/issue'",
    )
    with open_log(database, clock=system_clock) as log:
        [issued] = [row.first for row in log.commands(["system/issue"])]
        beside = BesideCheck(log, VAULT)
        beside.look(log.read(until=issued - 1))
        assert [what for _, what in beside.faults()] == [
            "the answer to system/never says what no event of it does"
        ]


def test_a_forged_answer_is_none_from_before_the_first_event(database: str, cases: tuple[str, str]) -> None:
    tamper(
        database,
        "INSERT INTO commands SELECT 'system/never', fingerprint, 0, 0, 0, outcome "
        "FROM commands WHERE command_id = 'system/again'",
    )
    assert found(database) == ["the answer to system/never says what no event of it does"]


@pytest.mark.parametrize("recorded_at", [1, 2**60])
def test_an_answer_from_before_was_recorded_at_its_place(database: str, recorded_at: int) -> None:
    refused = b'{"refused":"task-closed","message":"It is closed."}'
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [*histories.town("500115102")], answered=False)
        log.append(Append("op/before", b"request", (), {}, refused))
    fill(database)
    assert found(database) == []
    tamper(database, "UPDATE commands SET recorded_at = ? WHERE command_id = 'op/before'", recorded_at)
    assert found(database) == ["the answer to op/before says what no event of it does"]


def test_what_was_written_is_never_an_answer_of_no_event(database: str) -> None:
    written = b'{"written":[{"stream":"town:500115102","version":1,"status":""}]}'
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [*histories.town("500115102")], answered=False)
        log.append(Append("op/before", b"request", (), {}, written))
    assert found(database) == ["the answer to op/before says what no event of it does"]


def test_a_key_is_missing_also_where_its_subject_is_the_last_that_was_looked_at(
    database: str, cases: tuple[str, str]
) -> None:
    kept, _ = cases
    tamper(database, "DELETE FROM subject_keys")
    with open_log(database, clock=system_clock) as log:
        beside = BesideCheck(log, VAULT)
        beside.look(log.read(until=log.read_stream(kept)[-1].position))
        assert [what for _, what in beside.faults()] == [
            f"the key of {kept}, whose texts are sealed, is missing"
        ]


def test_an_answer_from_before_that_says_a_thing_twice_is_not_that_of_its_events(database: str) -> None:
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [*histories.town("500115102")], answered=False)
        [row] = log.commands_from("", 2)
    written = json.loads(row.outcome)["written"]
    tamper(
        database, "UPDATE commands SET outcome = ?", json.dumps({"written": [*written, written[0]]}).encode()
    )
    assert found(database) == [f"the answer to {row.command_id} is not that of its events"]


@pytest.mark.parametrize("page", [1, 2, 3, 7, 1_000])
def test_the_events_of_a_command_belong_together_wherever_a_page_ends(database: str, page: int) -> None:
    fill(database)
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [*histories.town("500115102")])
        events = log.read()
        beside = BesideCheck(log, VAULT)
        for begin in range(0, len(events), page):
            beside.look(events[begin : begin + page])
        assert list(beside.faults()) == []
        assert beside.unchecked == []


def test_of_answers_from_before_events_told_of_them_it_is_said_how_many_there_are(database: str) -> None:
    with open_log(database, clock=system_clock) as log:
        histories.record(log, [*histories.town("500115102")], answered=False)
        refused = b'{"refused":"task-closed","message":"It is closed."}'
        log.append(Append("op/before", b"request", (), {}, refused))
    assert found(database) == []
    with open_log(database, clock=system_clock) as log:
        beside = BesideCheck(log, VAULT)
        beside.look(log.read())
        assert list(beside.faults()) == []
        assert beside.unchecked == ["answers to commands from before events told of them: 2"]
        log.append(Append("op/after", b"request", (), {}, refused))
    assert found(database) == []  # as no event tells of an answer yet
    fill(database)
    with open_log(database, clock=system_clock) as log:
        log.append(Append("op/later", b"request", (), {}, refused))
    assert found(database) == ["the answer to op/later says what no event of it does"]


def test_a_node_of_a_level_that_the_log_has_not_is_named(database: str, cases: tuple[str, str]) -> None:
    tamper(database, "INSERT INTO nodes SELECT 9, 0, sha256, sm3 FROM nodes WHERE level = 0 AND first = 0")
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        assert [what for _, what in Check(log, {}).faults()] == [
            f"the tree has nodes of level 9 that are none of a log of {log.head()} events"
        ]


@pytest.mark.parametrize(
    ("change", "position"), [("version = -5 WHERE position = 3", 3), ("position = 0 WHERE position = 6", 0)]
)
def test_an_event_that_no_log_can_hold_is_named(
    database: str, cases: tuple[str, str], change: str, position: int
) -> None:
    attacker = Attacker(database)
    if database.startswith("sqlite"):
        attacker.ask("PRAGMA ignore_check_constraints = ON")
    else:
        attacker.ask(
            "ALTER TABLE events DROP CONSTRAINT events_version_check, DROP CONSTRAINT events_position_check"
        )
    attacker.ask(f"UPDATE events SET {change}")
    attacker.close()
    with open_log(database, clock=system_clock, complete_tree=False) as log:
        assert position in [fault.position for fault in Check(log, {}).faults()]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET name = {} WHERE position = 3",
        "UPDATE events SET stream = {} WHERE position = 3",
        "UPDATE commands SET command_id = {} WHERE first = 3",
        "UPDATE subject_keys SET subject = {}",
        "UPDATE subject_telephones SET subject = {}",
        "INSERT INTO checkpoints VALUES (1, 1, {})",
    ],
)
@pytest.mark.parametrize("byte", ["80", "FF"])
def test_what_is_no_text_any_more_is_named_and_the_walk_goes_on(
    sqlite_url: str, byte: str, change: str
) -> None:
    fill(sqlite_url)
    attacker = Attacker(sqlite_url)
    attacker.ask(change.format(f"CAST(X'{byte}' AS TEXT)"))
    attacker.close()
    with open_log(sqlite_url, clock=system_clock, complete_tree=False) as log:
        beside = BesideCheck(log, VAULT)
        faults = [*Check(log, {}, beside.look).faults(), *beside.faults()]
        if "checkpoints" in change:
            faults += look(log, Path())[1]
    assert faults
    if "position = 3" in change:
        assert 3 in [fault.position for fault in faults]
