"""The rules of importing an existing ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands.cases.accept import AcceptCase
from commands.cases.command import CaseIsPermit
from commands.cases.import_case import ClosedBeforeReported, ImportCase, ImportContradicts, ReferenceMissing
from commands.cases.import_cases import ImportCases
from commands.cases.register import RegisterCase
from commands.cases.reopen import ReopenCase
from commands.moments import MomentUnacceptable
from commands.towns.close_grid import CloseGrid
from dispatch.domain.cases import Source, Status
from dispatch.domain.cases.events import CaseReported
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from dispatch.domain.working_time import TimeWithoutZone
from tests.unit.commands.scenario import (
    ELSEWHERE,
    GRID,
    GRID_ELSEWHERE,
    OTHER_GRID,
    SERVICE,
    TOWN,
    Scenario,
    kinds,
    the,
)
from tests.unit.commands.stages import CENTRE, state

ADMIN = "administrator"
REPORTED = datetime(2023, 5, 6, 2, tzinfo=UTC)
CLOSED = datetime(2023, 5, 9, 8, tzinfo=UTC)


def row(**fields: Any) -> ImportCase:
    return ImportCase(**{"town": TOWN, "reference": "A-17", "reported_at": REPORTED, "grid": GRID, **fields})


def test_a_row_is_recorded_with_its_true_dates() -> None:
    scenario = Scenario()
    events = scenario.when(row(closed_at=CLOSED, title="路灯", category="safety"), ADMIN)
    assert [(name, event.at) for name, event in zip(kinds(events), events, strict=True)] == [
        ("case.reported", REPORTED),
        ("case.accepted", REPORTED),
        ("case.closed", CLOSED),
    ]
    reported = the(events, CaseReported)
    assert (reported.source, reported.reference) == (Source.IMPORT, "A-17")


def test_an_open_row_stays_open_and_can_go_on_here() -> None:
    scenario = Scenario()
    scenario.when(row(), SERVICE)
    case = row().case
    assert (state(scenario, case).status, state(scenario, case).category) == (
        Status.ACCEPTED,
        "uncategorised",
    )
    assert scenario.when(AcceptCase(case=case), CENTRE) == []
    assert scenario.when(RegisterCase(case=case), CENTRE)


def test_the_same_row_is_one_case() -> None:
    scenario = Scenario()
    scenario.when(row(closed_at=CLOSED), ADMIN)
    assert scenario.when(row(closed_at=CLOSED), ADMIN) == []
    shanghai = datetime.fromisoformat("2023-05-06T10:00+08:00")
    assert scenario.when(row(reported_at=shanghai, closed_at=CLOSED), ADMIN) == []


def test_several_rows_are_recorded_together_or_not_at_all() -> None:
    scenario = Scenario()
    second = row(reference="A-18", closed_at=CLOSED)
    events = scenario.when(ImportCases(rows=(row(), second)), SERVICE)
    assert kinds(events) == ["case.reported", "case.accepted"] * 2 + ["case.closed"]
    third, contradicting = row(reference="A-19"), row(title="another")
    with pytest.raises(ImportContradicts):
        scenario.when(ImportCases(rows=(third, contradicting)), SERVICE)
    assert kinds(scenario.when(third, SERVICE)) == ["case.reported", "case.accepted"]
    with pytest.raises(RoleNotAllowed):
        scenario.when(ImportCases(rows=(third,)), ADMIN)


def test_the_same_reference_in_another_town_is_another_case() -> None:
    assert row().case != row(town=ELSEWHERE).case


def test_only_the_closing_is_recorded_of_a_row_that_has_been_closed_since() -> None:
    scenario = Scenario()
    scenario.when(row(), ADMIN)
    assert kinds(scenario.when(row(closed_at=CLOSED), ADMIN)) == ["case.closed"]
    assert scenario.when(row(closed_at=CLOSED), ADMIN) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grid": OTHER_GRID}, "grid"),
        ({"title": "别的"}, "title"),
        ({"category": "safety"}, "category"),
        ({"reported_at": REPORTED + timedelta(days=1)}, "reported_at"),
        ({"closed_at": CLOSED + timedelta(days=1)}, "closed_at"),
        ({"closed_at": None}, "closed_at"),
    ],
)
def test_a_row_that_contradicts_what_was_recorded_is_refused_and_says_what_differs(
    changes: dict[str, Any], field: str
) -> None:
    scenario = Scenario()
    scenario.when(row(closed_at=CLOSED), ADMIN)
    refusal = scenario.refused(ImportContradicts, row(**{"closed_at": CLOSED, **changes}), ADMIN)
    differs = refusal.details["differs"]
    assert isinstance(differs, dict)
    assert list(differs) == [field]


def test_a_row_known_here_stays_a_no_op_whatever_became_of_the_case() -> None:
    scenario = Scenario()
    scenario.when(row(closed_at=CLOSED), ADMIN)
    scenario.when(ReopenCase(case=row().case, reason="又坏了"), CENTRE)
    assert scenario.when(row(closed_at=CLOSED), ADMIN) == []
    scenario = Scenario()
    scenario.when(row(), ADMIN)
    scenario.when(RegisterCase(case=row().case), CENTRE)
    assert scenario.when(row(), ADMIN) == []
    scenario.refused(ImportContradicts, row(closed_at=CLOSED), ADMIN)


def test_a_row_without_a_grid_belongs_to_the_town_and_a_closed_grid_keeps_its_past() -> None:
    scenario = Scenario()
    scenario.when(row(grid=None), ADMIN)
    assert state(scenario, row().case).grid == TOWN
    scenario.when(CloseGrid(town=TOWN, grid=OTHER_GRID, reason="合并"), ADMIN)
    assert scenario.when(row(reference="A-18", grid=OTHER_GRID), ADMIN)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"closed_at": REPORTED - timedelta(seconds=1)}, ClosedBeforeReported),
        ({"reported_at": datetime(2030, 1, 1, tzinfo=UTC)}, MomentUnacceptable),
        ({"reported_at": datetime(1, 1, 1, tzinfo=UTC)}, MomentUnacceptable),
        ({"reported_at": REPORTED.replace(tzinfo=None)}, TimeWithoutZone),
        ({"reference": " "}, ReferenceMissing),
        ({"category": "permit"}, CaseIsPermit),
        ({"grid": GRID_ELSEWHERE}, CodeMalformed),
        ({"town": "5001"}, CodeMalformed),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(changes: dict[str, Any], refusal: Any) -> None:
    Scenario().refused(refusal, row(**changes), SERVICE)


def test_only_an_administrator_of_the_town_imports() -> None:
    scenario = Scenario()
    scenario.refused(RoleNotAllowed, row(), CENTRE)
    scenario.refused(OutOfScope, row(town=ELSEWHERE, grid=GRID_ELSEWHERE), ADMIN)
