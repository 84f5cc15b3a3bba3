"""The rules of disputes and their ledger."""

from datetime import UTC, datetime

from commands.assignment import AssigneeNotInTown
from commands.cases.command import CaseEnded, CaseStatusForbids
from commands.cases.hand_up import HandUpCase
from commands.disputes.agree import AgreeDispute
from commands.disputes.assign import AssignDispute
from commands.disputes.classify import ClassifyDispute
from commands.disputes.command import NoDispute
from commands.disputes.fail import FailDispute
from commands.disputes.follow_up import FollowUpDispute
from commands.disputes.mediate import MediateDispute, MediationLevelUnknown, MediationMovesUp
from commands.disputes.perform import PerformDispute
from commands.disputes.register import CaseIsNoDispute, DisputeAlreadyNumbered, RegisterDispute
from commands.disputes.return_to_ledger import ReturnDisputeToLedger
from commands.disputes.strike_off import EvidenceMissing, MediatorStrikesOff, StrikeOffDispute
from commands.reasons import ReasonMissing
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import Dispute, DisputeAgreed, DisputeKind
from tests.unit.commands.scenario import Scenario, kinds, the
from tests.unit.commands.stages import (
    CENTRE,
    accepted,
    agreed,
    assigned,
    desk_of,
    followed_up,
    mediating,
    numbered,
    state,
)

EVIDENCE = ("a" * 64,)


def dispute(scenario: Scenario, case: str) -> Dispute:
    found = state(scenario, case).dispute
    assert found is not None
    return found


def test_a_dispute_goes_from_the_ledger_to_being_struck_off() -> None:
    scenario, case = followed_up()
    scenario.when(StrikeOffDispute(case=case, evidence=EVIDENCE), CENTRE)
    assert kinds(scenario.streams[f"case:{case}"])[2:] == [
        "dispute.registered",
        "dispute.classified",
        "dispute.assigned",
        "dispute.mediation_started",
        "dispute.agreed",
        "dispute.performed",
        "dispute.followed_up",
        "dispute.struck_off",
    ]
    scenario.refused(CaseEnded, PerformDispute(case=case), "li")


def test_every_dispute_gets_the_next_number_of_its_year() -> None:
    scenario, first = numbered()
    _, second = numbered(scenario)
    assert [dispute(scenario, case).number for case in (first, second)] == ["2024-0001", "2024-0002"]
    scenario.now = datetime(2024, 12, 31, 16, 30, tzinfo=UTC)  # 2025 has begun in Shanghai
    _, third = numbered(scenario)
    assert dispute(scenario, third).number == "2025-0001"


def test_the_number_is_given_in_the_same_decision() -> None:
    scenario, case = accepted(category="dispute")
    events = scenario.when(RegisterDispute(case=case), CENTRE)
    assert kinds(events) == ["dispute.registered", "ledger.number_given"]
    scenario.refused(DisputeAlreadyNumbered, RegisterDispute(case=case), CENTRE)


def test_only_a_dispute_gets_a_number() -> None:
    scenario, case = accepted()
    scenario.refused(CaseIsNoDispute, RegisterDispute(case=case), CENTRE)
    scenario.refused(NoDispute, ClassifyDispute(case=case, kind=DisputeKind.DEBT), CENTRE)
    scenario, case = accepted(category="dispute")
    scenario.refused(NoDispute, ClassifyDispute(case=case, kind=DisputeKind.DEBT), CENTRE)


def test_a_classification_can_be_mended() -> None:
    scenario, case = assigned()
    again = ClassifyDispute(case=case, kind=DisputeKind.LAND, major=True)
    scenario.when(again, CENTRE)
    assert (dispute(scenario, case).major, state(scenario, case).status) == (True, Status.ASSIGNED)
    assert scenario.when(again, CENTRE) == []


def test_a_dispute_is_classified_before_it_is_assigned_and_to_a_member() -> None:
    scenario, case = numbered()
    scenario.refused(CaseStatusForbids, AssignDispute(case=case, mediator="member-li"), CENTRE)
    scenario.when(ClassifyDispute(case=case, kind=DisputeKind.DEBT), CENTRE)
    scenario.refused(AssigneeNotInTown, AssignDispute(case=case, mediator="stranger"), CENTRE)


def test_mediation_moves_up_only() -> None:
    scenario, case = assigned()
    scenario.refused(MediationLevelUnknown, MediateDispute(case=case, level="county"), "li")
    scenario.when(MediateDispute(case=case, level="village"), "li")
    assert scenario.when(MediateDispute(case=case, level="village"), "li") == []
    scenario.refused(MediationMovesUp, MediateDispute(case=case, level="courtyard"), "li")
    scenario.when(MediateDispute(case=case, level="town"), "li")
    assert dispute(scenario, case).level == "town"


def test_after_a_failure_it_is_tried_again_at_the_same_level_or_a_higher_one() -> None:
    scenario, case = mediating()
    scenario.refused(ReasonMissing, FailDispute(case=case, reason=" "), "li")
    scenario.when(FailDispute(case=case, reason="谈不拢"), "li")
    scenario.refused(CaseStatusForbids, AgreeDispute(case=case), "li")
    assert scenario.when(MediateDispute(case=case, level="courtyard"), "li")
    scenario.when(FailDispute(case=case, reason="谈不拢"), "li")
    scenario.when(AssignDispute(case=case, mediator="member-zhao"), CENTRE)
    assert scenario.when(MediateDispute(case=case, level="village"), "zhao")


def test_the_level_of_the_agreement_is_recorded() -> None:
    scenario, case = mediating()
    scenario.when(MediateDispute(case=case, level="town"), "li")
    wrong = AgreeDispute(case=case, jointly_with=("county",))
    scenario.refused(MediationLevelUnknown, wrong, "li")
    events = scenario.when(AgreeDispute(case=case, jointly_with=("village", "town")), "li")
    event = the(events, DisputeAgreed)
    assert (event.level, event.jointly_with) == ("town", ("village",))
    assert dispute(scenario, case).agreed_level == "town"
    assert state(scenario, case).clock_stopped_at == event.at


def test_striking_off_needs_evidence() -> None:
    scenario, case = followed_up()
    scenario.refused(EvidenceMissing, StrikeOffDispute(case=case, evidence=()), CENTRE)
    scenario.refused(EvidenceMissing, StrikeOffDispute(case=case, evidence=(" ",)), CENTRE)


def test_who_recorded_a_mediation_strikes_off_and_the_mediator_does_not() -> None:
    scenario, case = assigned()
    scenario.when(MediateDispute(case=case, level="courtyard"), CENTRE)
    scenario.when(AgreeDispute(case=case), CENTRE)
    scenario.when(PerformDispute(case=case), CENTRE)
    scenario.when(FollowUpDispute(case=case, settled=True), CENTRE)
    assert dispute(scenario, case).mediators == {"member-li"}
    assert scenario.when(StrikeOffDispute(case=case, evidence=EVIDENCE), CENTRE)


def test_an_operator_who_mediated_does_not_strike_off() -> None:
    scenario, case = assigned()
    scenario.given("account:desk-li", desk_of("member-li"))
    scenario.when(MediateDispute(case=case, level="courtyard"), "desk-li")
    scenario.when(AssignDispute(case=case, mediator="member-wang"), CENTRE)
    scenario.when(MediateDispute(case=case, level="village"), "wang")
    scenario.when(AgreeDispute(case=case), CENTRE)
    scenario.when(PerformDispute(case=case), CENTRE)
    scenario.when(FollowUpDispute(case=case, settled=True), CENTRE)
    assert dispute(scenario, case).mediators == {"member-li", "member-wang"}
    scenario.refused(MediatorStrikesOff, StrikeOffDispute(case=case, evidence=EVIDENCE), "desk-li")


def test_nothing_is_struck_off_before_it_was_followed_up() -> None:
    scenario, case = agreed()
    scenario.refused(CaseStatusForbids, StrikeOffDispute(case=case, evidence=EVIDENCE), CENTRE)


def test_what_has_not_stayed_settled_returns_to_the_ledger_by_rule() -> None:
    scenario, case = agreed()
    scenario.when(PerformDispute(case=case), "li")
    scenario.refused(ReasonMissing, FollowUpDispute(case=case, settled=False), CENTRE)
    events = scenario.when(FollowUpDispute(case=case, settled=False, note="又吵了"), CENTRE)
    assert kinds(events) == ["dispute.followed_up", "dispute.flared_up"]


def test_a_follow_up_made_offline_was_made_then_and_the_new_clock_starts_when_it_arrives() -> None:
    for settled in (True, False):
        scenario, case = agreed()
        scenario.when(PerformDispute(case=case), "li")
        scenario.wait(hours=1)
        asked = scenario.now
        scenario.wait(hours=1)
        command = FollowUpDispute(case=case, settled=settled, note="已和好" if settled else "又吵了")
        followed_up, *flared_up = scenario.when(command, "li", device_at=asked)
        assert followed_up.at == asked
        assert [event.at for event in flared_up] == ([] if settled else [scenario.now])


def test_what_flares_up_returns_under_its_old_number_with_a_new_clock() -> None:
    scenario, case = followed_up()
    scenario.when(StrikeOffDispute(case=case, evidence=EVIDENCE), CENTRE)
    scenario.wait(days=30)
    scenario.refused(ReasonMissing, ReturnDisputeToLedger(case=case, reason=""), CENTRE)
    scenario.when(ReturnDisputeToLedger(case=case, reason="又打起来了"), CENTRE)
    found = state(scenario, case)
    assert (found.status, found.cycle) == (Status.REGISTERED, 1)
    assert found.handling is not None
    assert found.handling.started == scenario.now
    assert (dispute(scenario, case).number, dispute(scenario, case).rounds) == ("2024-0001", 1)
    scenario.when(ClassifyDispute(case=case, kind=DisputeKind.NEIGHBOURS), CENTRE)
    scenario.when(AssignDispute(case=case, mediator="member-wang"), CENTRE)
    assert scenario.when(MediateDispute(case=case, level="courtyard"), "wang")


def test_what_is_not_settled_does_not_flare_up() -> None:
    scenario, case = mediating()
    scenario.refused(CaseStatusForbids, ReturnDisputeToLedger(case=case, reason="又吵了"), CENTRE)


def test_what_the_level_above_settled_is_struck_off_on_evidence() -> None:
    scenario, case = mediating()
    scenario.when(FailDispute(case=case, reason="谈不拢"), "li")
    scenario.when(HandUpCase(case=case, reason="起诉", to="court"), CENTRE)
    assert scenario.when(StrikeOffDispute(case=case, evidence=EVIDENCE, note="判决"), CENTRE)
