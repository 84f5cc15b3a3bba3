"""`dispatch personal`: found by telephone, erased for ever."""

import asyncio
from pathlib import Path

import pytest

from commands.cases.report import ReportCase
from commands.command import Request
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain.cases.events import Reporter
from dispatch.domain.cases.kinds import Source
from dispatch.service.installation import installation
from tests.faults.proofs.tampering import tamper
from tests.integration.cli.conftest import Dispatch

TOWN = "500115101"
GRID = f"{TOWN}001001"
NUMBER = "138 0000 1234"


@pytest.fixture
def case(database: str, dispatch: Dispatch) -> str:
    async def report() -> str:
        with installation(database, make=True) as at:
            for command in (
                FoundTown(town=TOWN, name="万顺镇"),
                DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="第一网格", village="村"),)),
            ):
                await at.handler.handle(Request(command=command, account="system"))
            reporter = Reporter(name="张三", telephone=NUMBER)
            reported = ReportCase(
                grid=GRID, category="environment", title="垃圾", source=Source.PATROL, reporter=reporter
            )
            outcome = await at.handler.handle(Request(command=reported, account="system"))
        return f"case:{outcome.key_of('case')}"

    return asyncio.run(report())


def test_a_number_leads_to_its_cases_until_they_are_erased(
    dispatch: Dispatch, database: str, case: str
) -> None:
    assert dispatch("personal", "find", "--telephone", "+86 13800001234", "--json").json == {
        "subjects": [case]
    }
    ran = dispatch("personal", "erase", case, "--ground", "request", "--yes", "--json")
    assert ran.json == {"erased": [case]}
    assert dispatch("personal", "find", "--telephone", NUMBER, "--json").json == {"subjects": []}
    wiped = dispatch("personal", "wipe")
    assert (wiped.status, "No destroyed key is left in the database's tables." in wiped.err) == (0, True)
    assert ("write-ahead log" in wiped.err) == database.startswith("postgresql")
    assert dispatch("verify", "--log-only").status == 0
    trail = dispatch("audit", "trail", f"personal:{case}")
    assert "删除个人信息：本人要求" in trail.out
    assert ": the person's request" in dispatch("audit", "trail", f"personal:{case}", "--lang", "en").out
    assert "13800001234" not in trail.out


def test_a_number_that_is_given_as_an_argument_is_not_taken_and_none_is_asked_for(
    dispatch: Dispatch, case: str
) -> None:
    ran = dispatch("personal", "find", NUMBER)
    said = " ".join(ran.err.replace("│", " ").split())
    assert (ran.status, "the number: it is asked for" in said, "shell's history" in said) == (2, True, True)
    assert (ran.out, NUMBER in ran.err) == ("", False)


def test_what_there_is_not_cant_be_erased(dispatch: Dispatch, case: str) -> None:
    unknown = f"case:{'0' * 32}"
    ran = dispatch("personal", "erase", case, unknown, "--ground", "request", "--yes")
    assert (ran.status, "no case" in ran.err) == (1, True)
    assert dispatch("personal", "erase", "task:1", "--ground", "request", "--yes").status == 1
    assert dispatch("personal", "find", "--telephone", NUMBER, "--json").json == {"subjects": [case]}


def test_a_key_that_is_missing_is_named_and_what_could_not_be_opened_is_said(
    database: str, dispatch: Dispatch, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dispatch("verify", "--log-only", "--json").json["unchecked"] == []
    monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY_FILE", "nowhere")
    ran = dispatch("verify", "--log-only")
    assert (ran.status, "Not looked at without the key-encryption key" in ran.out) == (0, True)
    assert not Path("nowhere").exists()
    tamper(database, "DELETE FROM subject_keys")
    ran = dispatch("verify", "--log-only", "--json")
    what = f"the key of {case}, whose texts are sealed, is missing"
    assert (ran.status, [one["what"] for one in ran.json["faults"]]) == (1, [what])
