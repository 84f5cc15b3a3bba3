"""Which sets a case belongs to, rule by rule (DOMAIN.md, A case and Figures)."""

from typing import Any

from dispatch.domain.cases import Channel, Severity, Source, disputes, events, permits
from dispatch.domain.event import Event
from projections.cases.membership import membership
from projections.cases.row import CASES, CaseRow
from tests.unit.projections.folding import deadline, hours, of_stream

GRID = "500115101001001"


def reported(category: str = "environment", channel: Channel = Channel.DEVICE) -> events.CaseReported:
    return events.CaseReported(
        at=hours(0),
        grid=GRID,
        category=category,
        title="路灯不亮",
        source=Source.GRID_WORKER,
        channel=channel,
        severity=Severity.GRADE_4,
        by="li",
        acceptance=deadline(4),
        description="in front of the house of 张三",
        reporter=events.Reporter(name="张三", telephone="13800000000"),
    )


def accepted(at: float = 1) -> events.CaseAccepted:
    return events.CaseAccepted(at=hours(at), by="operator")


REGISTERED = events.CaseRegistered(at=hours(2), by="operator", handling=deadline(26, started=2))
DISPATCHED = events.CaseDispatched(
    at=hours(3), by="operator", grid=GRID, handling=deadline(26, started=2), assignee="li"
)
STARTED = events.CaseHandlingStarted(at=hours(4), by="li")
ON_THE_WAY = (accepted(), REGISTERED, DISPATCHED, STARTED)


def handled(at: float) -> events.CaseHandled:
    return events.CaseHandled(at=hours(at), by="li", note="")


def closed(at: float) -> events.CaseClosed:
    return events.CaseClosed(at=hours(at), by="operator")


def row(*happened: Event, **report: Any) -> CaseRow:
    return of_stream("case:1", [reported(**report), *happened]).need(CASES, "1")


def sets(*happened: Event, at: float = 1_000, **report: Any) -> frozenset[str]:
    return membership(row(*happened, **report), hours(at))


def test_a_report_is_open_until_something_ends_it() -> None:
    assert sets() == {"reported", "open"}
    assert "accepted_in_time" in sets(accepted(4))
    assert "accepted_in_time" not in sets(accepted(4.001))


def test_the_handling_clock_starts_with_the_registration() -> None:
    assert "should_have_closed" not in sets(accepted())
    assert {"should_have_closed", "overdue", "lapsed"} <= sets(accepted(), REGISTERED, at=26)
    assert "should_have_closed" not in sets(accepted(), REGISTERED, at=25.999)


def test_a_case_handled_at_its_deadline_and_closed_later_is_closed_on_time() -> None:
    found = sets(*ON_THE_WAY, handled(26), closed(99))
    assert {"closed", "closed_on_time", "unit_closed", "handled_on_time"} <= found
    assert not {"overdue", "open"} & found


def test_a_self_handled_case_is_accepted_and_closed_and_never_registered_or_handled() -> None:
    self_handled = events.CaseSelfHandled(at=hours(0.5), by="li", note="")
    assert sets(self_handled) == {"reported", "accepted", "accepted_in_time", "self_handled", "closed"}


def test_a_failed_check_is_rework_and_the_case_is_not_handled_any_more() -> None:
    failed = events.CaseCheckFailed(at=hours(12), by="c", reason="", handling=deadline(28, started=2))
    found = sets(*ON_THE_WAY, handled(10), failed, at=13)
    assert {"reworked", "handled_once"} <= found
    assert not {"handled", "should_have_closed"} & found


def test_a_merged_case_is_in_no_set_until_the_merge_is_undone() -> None:
    merged = events.CaseMerged(at=hours(5), by="operator", into="2", reason="重复")
    assert sets(*ON_THE_WAY, merged) == {"merged"}
    assert row(*ON_THE_WAY, merged).lapses_at is None
    undone = events.CaseUnmerged(
        at=hours(9), by="operator", reason="", acceptance=deadline(8), handling=deadline(30, started=2)
    )
    assert {"registered", "open", "overdue"} <= sets(*ON_THE_WAY, merged, undone, at=30)


def test_a_voided_case_is_in_no_set() -> None:
    voided = events.CaseVoided(at=hours(50), by="operator", reason="误报")
    assert sets(*ON_THE_WAY, voided) == {"voided"}


def test_a_reopened_case_is_not_closed_and_has_a_new_clock() -> None:
    reopened = events.CaseReopened(at=hours(40), by="operator", reason="", handling=deadline(64, started=40))
    found = sets(*ON_THE_WAY, handled(10), closed(20), reopened, at=50)
    assert {"reopened", "open", "registered", "handled_once"} <= found
    assert not {"closed", "handled", "should_have_closed"} & found
    assert "overdue" in sets(*ON_THE_WAY, handled(10), closed(20), reopened, at=64)


def test_a_case_handed_up_waits_without_becoming_overdue() -> None:
    handed_up = events.CaseHandedUp(at=hours(9), by="operator", to="district", reason="")
    assert "overdue" not in sets(accepted(), REGISTERED, handed_up)


def test_refused_and_unregistered_cases_are_ended_and_not_closed() -> None:
    refused = events.CaseRefused(at=hours(1), by="operator", reason="")
    assert sets(refused) == {"reported", "refused"}
    not_registered = events.CaseNotRegistered(at=hours(2), by="operator", reason="")
    assert sets(accepted(), not_registered) == {
        "reported",
        "accepted",
        "accepted_in_time",
        "not_registered",
    }


def test_requests_for_assistance_are_counted_by_channel() -> None:
    assert {"requested", "requested_online"} <= sets(category="assistance", channel=Channel.ONLINE)
    assert "requested_online" not in sets(category="assistance", channel=Channel.PAPER)
    assert not {"requested", "requested_online"} & sets(category="advice", channel=Channel.ONLINE)


def dispute(*happened: Event) -> frozenset[str]:
    registered = disputes.DisputeRegistered(
        at=hours(2), by="operator", number="2023-0001", handling=deadline(200, started=2)
    )
    return sets(accepted(), registered, *happened, category="dispute", at=100)


AGREED = disputes.DisputeAgreed(at=hours(20), by="m", level="courtyard")
STRUCK_OFF = disputes.DisputeStruckOff(at=hours(40), by="operator", note="", evidence=("ab",))


def test_a_dispute_is_resolved_when_the_parties_agree_and_closed_when_struck_off() -> None:
    assert not {"dispute_resolved", "dispute_mediated", "handled"} & dispute()
    assert {"dispute_resolved", "dispute_mediated", "handled_on_time", "open"} <= dispute(AGREED)
    assert {"dispute_struck_off", "closed", "closed_on_time"} <= dispute(AGREED, STRUCK_OFF)


def test_a_major_dispute_is_a_joint_success_only_where_more_than_one_level_resolved_it() -> None:
    major = disputes.DisputeClassified(at=hours(3), by="operator", kind=disputes.DisputeKind.LAND, major=True)
    joint = disputes.DisputeAgreed(at=hours(20), by="m", level="village", jointly_with=("town",))
    assert "dispute_major_joint" in dispute(major, joint)
    assert not {"dispute_major_joint"} & (dispute(major) | dispute(joint) | dispute(major, AGREED))


def test_a_dispute_that_flares_up_is_neither_resolved_nor_struck_off() -> None:
    flared = disputes.DisputeFlaredUp(
        at=hours(60), by="operator", reason="", handling=deadline(300, started=60)
    )
    found = dispute(AGREED, STRUCK_OFF, flared)
    assert {"dispute_registered", "dispute_mediated", "open"} <= found
    assert not {"dispute_resolved", "dispute_struck_off", "closed"} & found


def permit(*happened: Event, at: float = 1_000) -> frozenset[str]:
    due = permits.PermitDue(
        at=hours(0), grid=GRID, number="7", title="许可", by="operator", reporting=deadline(56)
    )
    return membership(of_stream("case:7", [due, *happened]).need(CASES, "7"), hours(at))


def published(at: float) -> permits.PermitReported:
    return permits.PermitReported(at=hours(at), by="operator")


def judged(at: float, compliant: bool) -> permits.PermitJudged:
    return permits.PermitJudged(at=hours(at), by="judge", compliant=compliant)


def test_a_permit_is_due_to_be_reported_from_its_deadline_on_or_once_it_is() -> None:
    assert permit(at=55) == {"permit"}
    assert permit(at=56) == {"permit", "permit_due"}
    assert permit(published(56)) == {"permit", "permit_due", "permit_reported", "permit_in_time"}
    assert "permit_in_time" not in permit(published(56.001))


def test_a_permit_found_wanting_is_corrected_and_compliant_only_if_judged_so_again() -> None:
    wanting = (published(9), judged(10, False))
    corrected = permits.PermitCorrected(at=hours(11), by="operator", note="")
    assert "permit_faulted" in permit(*wanting)
    assert "permit_corrected" not in permit(*wanting)
    assert {"permit_faulted", "permit_corrected"} <= permit(*wanting, corrected)
    assert "permit_compliant" not in permit(*wanting, corrected)
    assert {"permit_compliant", "permit_corrected"} <= permit(*wanting, corrected, judged(12, True))


def test_nothing_personal_stands_in_a_row() -> None:
    assert "张三" not in repr(row(accepted()))
    assert "13800000000" not in repr(row(accepted()))
