"""The rules of permits to publish."""

from datetime import UTC, datetime, timedelta
from typing import Any

from commands.cases.accept import AcceptCase
from commands.cases.appeal import AppealCase
from commands.cases.command import CaseEnded, CaseStatusForbids
from commands.cases.decide_appeal import DecideAppeal
from commands.cases.void import VoidCase
from commands.moments import MomentUnacceptable
from commands.permits.command import NoPermit
from commands.permits.correct import CorrectPermit
from commands.permits.judge import JudgePermit, ReporterJudges
from commands.permits.record import PermitAlreadyRecorded, PermitNumberMissing, RecordPermit
from commands.permits.report import ReportPermit
from commands.reasons import ReasonMissing
from dispatch.domain.cases import Status
from dispatch.domain.cases.permits import PermitDue
from tests.unit.commands.scenario import MONDAY, TOWN, Scenario, kinds, the
from tests.unit.commands.stages import CENTRE, OTHER, reported, state


def record(**fields: Any) -> RecordPermit:
    return RecordPermit(**{"grid": TOWN, "number": "万顺许〔2024〕1号", "title": "食品摊贩备案", **fields})


def due() -> tuple[Scenario, str]:
    scenario = Scenario()
    scenario.when(record(), CENTRE)
    return scenario, scenario.key("case")


def test_a_permit_is_due_within_seven_working_days_of_its_decision() -> None:
    scenario = Scenario()
    decided = MONDAY - timedelta(days=3)  # Friday, 09:00
    event = the(scenario.when(record(decided_at=decided), CENTRE), PermitDue)
    assert event.at == decided
    assert event.reporting.due == datetime(2024, 3, 12, 1, tzinfo=UTC)
    assert event.reporting.rule == "default@1/case/permit/report"


def test_a_permit_goes_from_due_to_compliant() -> None:
    scenario, case = due()
    scenario.when(ReportPermit(case=case), CENTRE)
    scenario.when(JudgePermit(case=case, compliant=True), OTHER)
    assert kinds(scenario.streams[f"case:{case}"]) == ["permit.due", "permit.reported", "permit.judged"]
    assert state(scenario, case).status is Status.COMPLIANT
    scenario.refused(CaseEnded, CorrectPermit(case=case, note="已改"), CENTRE)


def test_what_is_not_compliant_is_corrected() -> None:
    scenario, case = due()
    scenario.refused(CaseStatusForbids, JudgePermit(case=case, compliant=True), OTHER)
    scenario.when(ReportPermit(case=case), CENTRE)
    scenario.refused(ReasonMissing, JudgePermit(case=case, compliant=False), OTHER)
    scenario.when(JudgePermit(case=case, compliant=False, note="日期有误"), OTHER)
    scenario.when(CorrectPermit(case=case, note="已改"), CENTRE)
    assert state(scenario, case).status is Status.CORRECTED


def test_who_reported_a_permit_does_not_judge_it() -> None:
    scenario, case = due()
    scenario.when(ReportPermit(case=case), CENTRE)
    scenario.refused(ReporterJudges, JudgePermit(case=case, compliant=True), CENTRE)


def test_a_permit_is_recorded_once() -> None:
    scenario, _case = due()
    scenario.wait(days=1)
    assert scenario.when(record(), CENTRE) == []
    scenario.refused(PermitAlreadyRecorded, record(title="另一件"), CENTRE)
    scenario.refused(PermitAlreadyRecorded, record(decided_at=MONDAY - timedelta(days=1)), CENTRE)
    scenario.refused(PermitNumberMissing, record(number=" "), CENTRE)
    scenario.refused(MomentUnacceptable, record(decided_at=scenario.now + timedelta(days=1)), CENTRE)


def test_a_permit_that_was_mistyped_is_voided_and_recorded_anew() -> None:
    scenario, case = due()
    scenario.wait(days=1)
    scenario.when(VoidCase(case=case, reason="名称写错"), CENTRE)
    scenario.when(AppealCase(case=case, reason="没有写错"), CENTRE)
    anew = record(title="食品摊贩登记", decided_at=MONDAY)
    event = the(scenario.when(anew, CENTRE), PermitDue)
    assert scenario.key("case") == case
    found = state(scenario, case)
    assert (found.status, found.title) == (Status.DUE, "食品摊贩登记")
    assert found.permit is not None
    assert found.permit.reporting == event.reporting
    # What is live now is the one permit of its number, whatever was to become of the voided record.
    scenario.refused(PermitAlreadyRecorded, record(), CENTRE)
    scenario.refused(CaseStatusForbids, DecideAppeal(case=case, upheld=True, reason="有理"), OTHER)
    assert scenario.when(anew, CENTRE) == []
    scenario.when(ReportPermit(case=case), CENTRE)


def test_a_permit_whose_voiding_was_undone_is_not_recorded_twice() -> None:
    scenario, case = due()
    scenario.when(VoidCase(case=case, reason="误录"), CENTRE)
    scenario.when(AppealCase(case=case, reason="没有误录"), OTHER)
    scenario.when(DecideAppeal(case=case, upheld=True, reason="有理"), "operator-3")
    assert state(scenario, case).status is Status.DUE
    scenario.refused(PermitAlreadyRecorded, record(title="另一件"), CENTRE)


def test_a_permit_and_a_plain_case_go_different_ways() -> None:
    scenario, permit = due()
    scenario.refused(CaseStatusForbids, AcceptCase(case=permit), CENTRE)
    _, case = reported(scenario)
    scenario.refused(NoPermit, ReportPermit(case=case), CENTRE)
