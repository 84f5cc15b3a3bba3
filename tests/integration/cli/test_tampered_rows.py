"""`dispatch verify` compares every row of every live table: any one changed behind its back is found."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.inboxes import InboxRead
from dispatch.domain.modes import EmergencyEntered, Grade
from dispatch.domain.publications import FiguresPublished
from dispatch.domain.towns import DepartmentOpened
from dispatch.eventlog import open_log
from dispatch.service.clock import system_clock
from projections.catalogue import PROJECTIONS
from tests import histories
from tests.faults.proofs.tampering import Attacker as LogAttacker
from tests.integration.cli.conftest import Dispatch

TABLES = [
    name
    for projection in PROJECTIONS
    for name in (*(t.name for t in projection.tables), *(t.name for t in projection.tallies))
]
TOWN = histories.TOWN
AT = histories.START + timedelta(days=400)


def happened() -> list[histories.Happened]:
    """A town's year in small, with something for each table."""
    department = DepartmentOpened(at=histories.START, department="emergency", name="应急办")
    leader = AccountAdded(at=histories.START, account="leader", name="李强", role=Role.SUPERVISOR, scope=TOWN)
    auditor = AccountAdded(at=histories.START, account="auditor", name="陈静", role=Role.AUDITOR, scope=TOWN)
    emergency = EmergencyEntered(
        at=AT, emergency="500115@1", scope=f"{TOWN}001001", grade=Grade.RED, reason="滑坡", by="operator"
    )
    published = FiguresPublished(
        at=AT,
        scope=TOWN,
        title="通报",
        since=None,
        until=None,
        category=None,
        source=None,
        as_of=AT,
        known_at=1,
        figures={"closure_rate": (1, 2)},
        numbers={},
        by="operator",
    )
    return [
        *histories.history(
            5, task_count=12, case_count=12, dispute_count=6, permit_count=4, household_count=4, plan_count=4
        ),
        (f"town:{TOWN}", department),
        ("account:leader", leader),
        ("account:auditor", auditor),
        ("mode:500115", emergency),
        ("publication:p1", published),
        ("inbox:operator", InboxRead(at=AT, account="operator", scope=TOWN, through=9, ids=("30-0",))),
    ]


class Attacker:
    """Changes the live read models of the one generation that there is."""

    def __init__(self, database: str) -> None:
        self._connection: Any
        if database.startswith("sqlite"):
            path = Path(database.removeprefix("sqlite:///"))
            [views] = path.parent.glob(f"{path.name}.views-[0-9]")
            self._connection = sqlite3.connect(views, isolation_level=None)
        else:
            self._connection = psycopg.connect(database, autocommit=True)
            [(number,)] = self._connection.execute("SELECT number FROM dispatch_views.generations").fetchall()
            self._connection.execute(
                sql.SQL("SET search_path = {}").format(sql.Identifier(f"dispatch_views_{number}"))
            )

    def forget_one(self, table: str) -> int:
        """Delete one row; returns how many that was."""
        place = "rowid" if isinstance(self._connection, sqlite3.Connection) else "ctid"
        first = f"SELECT {place} FROM {table} LIMIT 1"
        done = self._connection.execute(f"DELETE FROM {table} WHERE {place} = ({first})")
        count: int = done.rowcount
        return count

    def change(self, table: str, column: str, value: Any) -> None:
        self._connection.execute(f"UPDATE {table} SET {column} = {value!r}")

    def say(self, statement: str) -> None:
        self._connection.execute(statement)

    def close(self) -> None:
        self._connection.close()


def test_a_row_that_is_missing_is_named_whatever_its_table(database: str, dispatch: Dispatch) -> None:
    with open_log(database, clock=system_clock) as log:
        histories.record(log, happened())
    assert dispatch("rebuild").status == 0
    whole = dispatch("verify", "--json")
    assert (whole.status, whole.json["read_models"]["differences"]) == (0, [])

    attacker = Attacker(database)
    gone = [table for table in TABLES if attacker.forget_one(table) == 1]
    assert gone == TABLES
    found = dispatch("verify", "--json")
    assert found.status == 1
    assert found.json["faults"] == []
    differences = found.json["read_models"]["differences"]
    assert sorted(one["table"] for one in differences) == sorted(TABLES)
    assert not any(one["live"] for one in differences)

    attacker.change("tasks", "title", "something else")
    attacker.close()
    said = dispatch("verify")
    assert said.status == 1
    assert "tasks: only in the live table" in said.out
    assert "something else" in said.out


UNREADABLE = {
    "tasks": ("status", "households", "limit_kind", "levels"),
    "cases": ("status", "channel", "severity", "merged"),
    "grids": ("boundary",),
    "members": ("postings",),
    "campaigns": ("tasks",),
}


@pytest.fixture
def served(database: str, dispatch: Dispatch) -> str:
    """A log with read models of it."""
    with open_log(database, clock=system_clock) as log:
        histories.record(log, happened())
    assert dispatch("rebuild").status == 0
    return database


def test_rows_that_cannot_be_read_any_more_are_named_and_so_is_what_is_wrong_with_the_log(
    served: str, dispatch: Dispatch
) -> None:
    attacker = Attacker(served)
    for table, columns in UNREADABLE.items():
        for column in columns:
            attacker.say(f"UPDATE {table} SET {column} = '['")
    attacker.close()
    of_the_log = LogAttacker(served)
    of_the_log.change("at", 95, 1)
    of_the_log.close()
    found = dispatch("verify", "--json")
    assert (found.status, found.json["whole"]) == (1, False)
    assert 95 in [fault["position"] for fault in found.json["faults"]]
    rows = [one for one in found.json["read_models"]["differences"] if one["live"]]
    for table, columns in UNREADABLE.items():
        for column in columns:
            assert {one["row"][column] for one in rows if one["table"] == table} == {"unreadable: '['"}


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ("UPDATE positions SET shape = 'x'", "this version of the code didn't make them"),
        ("UPDATE positions SET version = version + 1", "this version of the code didn't make them"),
        ("UPDATE positions SET projection = 'x' WHERE projection = 'tasks'", "this version of the code"),
        ("DELETE FROM positions WHERE projection = 'tasks'", "this version of the code"),
        ("UPDATE positions SET position = position + 1", "they say that they know more than"),
        ("DROP TABLE tasks", "tasks"),
    ],
)
def test_read_models_that_nothing_can_be_said_of_are_not_called_whole(
    served: str, dispatch: Dispatch, change: str, remark: str
) -> None:
    attacker = Attacker(served)
    attacker.change("cases", "title", "改过的标题")
    attacker.say(change)
    attacker.close()
    found = dispatch("verify", "--json")
    assert (found.status, found.json["whole"]) == (1, False)
    assert remark in found.json["read_models"]["remark"]
    assert "The read models were not compared: " in dispatch("verify").out
    assert dispatch("verify", "--log-only").status == 0


def test_read_models_of_which_none_is_live_are_not_called_whole(served: str, dispatch: Dispatch) -> None:
    attacker = Attacker(served)
    attacker.change("cases", "title", "改过的标题")
    if served.startswith("sqlite"):
        Path(f"{served.removeprefix('sqlite:///')}.views").write_text('{"live": 9}')
    else:
        attacker.say("DELETE FROM dispatch_views.generations")
    attacker.close()
    found = dispatch("verify", "--json")
    assert (found.status, found.json["whole"]) == (1, False)
    assert "there are some, and none of them is live" in found.json["read_models"]["remark"]
