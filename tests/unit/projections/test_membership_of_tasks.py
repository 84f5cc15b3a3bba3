"""Which sets a task belongs to, rule by rule (DOMAIN.md, Figures)."""

from dispatch.domain import tasks
from dispatch.domain.event import Event
from dispatch.domain.working_time import Calendar
from projections.calendars import Calendars
from projections.questions.listing import Light
from projections.tasks.listing import item
from projections.tasks.membership import membership
from projections.tasks.row import TASKS, TaskRow
from tests.unit.projections.folding import deadline, hours, of_stream

LIMIT = 24.0
CALENDARS = Calendars(Calendar(version="test@1"), lambda _: iter(()))


def issued(handling: float = LIMIT) -> tasks.TaskIssued:
    return tasks.TaskIssued(
        at=hours(0),
        grid="500115101001001",
        title="巡查",
        category="patrol",
        instructions="",
        by="operator",
        acceptance=deadline(4),
        handling=deadline(handling),
    )


def accepted(at: float = 1) -> tasks.TaskAccepted:
    return tasks.TaskAccepted(at=hours(at), by="li")


def submitted(at: float) -> tasks.TaskSubmitted:
    return tasks.TaskSubmitted(at=hours(at), by="li", note="")


def closed(at: float) -> tasks.TaskClosed:
    return tasks.TaskClosed(at=hours(at), by="operator", note="")


def returned(at: float, due: float) -> tasks.TaskReturned:
    return tasks.TaskReturned(at=hours(at), by="operator", reason="", handling=deadline(due, limit=LIMIT))


def row(*events: Event) -> TaskRow:
    return of_stream("task:1", [issued(), *events]).need(TASKS, "1")


def sets(*events: Event, at: float) -> frozenset[str]:
    return membership(row(*events), hours(at))


def test_an_issued_task_is_open_and_nothing_else() -> None:
    assert sets(at=1) == {"issued", "open"}


def test_acceptance_at_the_deadline_is_in_time_and_later_is_not() -> None:
    assert {"accepted", "accepted_in_time"} <= sets(accepted(4), at=5)
    late = sets(accepted(4.001), at=5)
    assert "accepted" in late
    assert "accepted_in_time" not in late


def light(*events: Event, at: float) -> Light | None:
    return item(row(*events), CALENDARS, hours(at)).light


def test_the_light_goes_by_acceptance_until_it_is_accepted_and_then_by_handling() -> None:
    assert [light(at=at) for at in (3.2, 3.3, 4, 4.1)] == ["green", "yellow", "yellow", "red"]
    assert [light(accepted(), at=at) for at in (4.1, 19.3, 24.1)] == ["green", "yellow", "red"]
    assert [light(accepted(), transferred(), at=at) for at in (4.1, 5.3, 6.1)] == ["green", "yellow", "red"]


def test_the_light_goes_by_handling_where_that_is_due_before_the_acceptance() -> None:
    hurried = of_stream("task:1", [issued(handling=2)]).need(TASKS, "1")
    lights = [item(hurried, CALENDARS, hours(at)).light for at in (1.6, 1.7, 2.1)]
    assert lights == ["green", "yellow", "red"]


def transferred() -> tasks.TaskTransferred:
    return tasks.TaskTransferred(
        at=hours(2),
        by="operator",
        grid="500115101002001",
        assignee=None,
        reason="",
        acceptance=deadline(6, started=2),
        handling=deadline(LIMIT),
    )


def test_a_transfer_asks_for_acceptance_again() -> None:
    assert "accepted" not in sets(accepted(), transferred(), at=3)
    assert "accepted_in_time" in sets(accepted(), transferred(), accepted(6), at=7)


def test_work_handed_in_at_the_deadline_is_on_time_however_late_it_is_verified() -> None:
    found = sets(accepted(), submitted(LIMIT), closed(90), at=100)
    assert {"handled_on_time", "closed_on_time", "unit_closed", "should_have_closed"} <= found
    assert "overdue" not in found


def test_work_handed_in_late_is_closed_but_not_on_time() -> None:
    found = sets(accepted(), submitted(LIMIT + 0.001), closed(25), at=100)
    assert {"closed", "unit_closed", "overdue", "handled"} <= found
    assert not {"closed_on_time", "handled_on_time", "lapsed"} & found


def test_before_the_deadline_an_unhandled_task_need_not_have_been_closed() -> None:
    assert "should_have_closed" not in sets(accepted(), at=LIMIT - 0.001)


def test_from_the_deadline_on_an_unhandled_task_should_have_been_closed() -> None:
    assert {"should_have_closed", "overdue", "lapsed", "open"} <= sets(accepted(), at=LIMIT)


def test_early_work_should_have_been_closed_before_its_deadline_too() -> None:
    assert "should_have_closed" in sets(accepted(), submitted(2), at=3)


def test_a_returned_task_is_not_handled_until_it_is_handed_in_again() -> None:
    returned_once = [accepted(), submitted(10), returned(12, due=26)]
    assert not {"handled", "should_have_closed"} & sets(*returned_once, at=13)
    assert {"handled_once", "reworked"} <= sets(*returned_once, at=13)
    again = sets(*returned_once, submitted(26), closed(30), at=31)
    assert {"handled", "handled_on_time", "reworked", "closed_on_time"} <= again


def test_a_task_returned_for_rework_is_late_when_its_time_runs_out() -> None:
    assert {"overdue", "lapsed"} <= sets(accepted(), submitted(10), returned(12, due=26), at=26)


def test_a_suspended_task_is_outside_should_until_the_suspension_ends() -> None:
    suspended = tasks.TaskSuspended(
        at=hours(10), by="operator", reason="", until=hours(50), handling=deadline(64, limit=LIMIT)
    )
    assert "suspended" in sets(accepted(), suspended, at=40)
    assert "should_have_closed" not in sets(accepted(), suspended, at=63)
    # Nobody has said yet that it resumed by itself.
    assert "lapsed" in sets(accepted(), suspended, at=64)


def test_what_was_overdue_when_suspended_is_not_looked_at_until_the_suspension_ends() -> None:
    suspended = tasks.TaskSuspended(
        at=hours(30), by="operator", reason="", until=hours(50), handling=deadline(44, limit=LIMIT)
    )
    assert "overdue" not in sets(accepted(), suspended, at=49)
    assert "overdue" in sets(accepted(), suspended, at=50)


def test_the_clock_of_a_declined_task_waits_at_the_centre() -> None:
    declined = tasks.TaskDeclined(at=hours(2), by="li", reason="不属于本网格")
    assert "overdue" not in sets(accepted(), declined, at=1_000)


def test_a_task_declined_when_it_was_overdue_stays_overdue() -> None:
    declined = tasks.TaskDeclined(at=hours(30), by="li", reason="不属于本网格")
    assert "overdue" in sets(accepted(), declined, at=31)


def test_an_extension_moves_the_deadline() -> None:
    granted = tasks.TaskExtensionGranted(at=hours(20), by="operator", handling=deadline(48, limit=LIMIT))
    assert "overdue" not in sets(accepted(), granted, at=47)
    assert "handled_on_time" in sets(accepted(), granted, submitted(48), at=49)


def test_a_cancelled_task_waits_for_no_extension() -> None:
    asked = tasks.TaskExtensionRequested(at=hours(20), by="worker", reason="雨势未停")
    cancelled = tasks.TaskCancelled(at=hours(30), by="operator", reason="重复")
    assert row(accepted(), asked).extension_requested_at == hours(20)
    assert row(accepted(), asked, cancelled).extension_requested_at is None


def test_a_cancelled_task_is_in_no_set_but_its_own() -> None:
    cancelled = tasks.TaskCancelled(at=hours(30), by="operator", reason="重复")
    assert sets(accepted(), submitted(20), cancelled, at=100) == {"cancelled"}
    assert row(cancelled).lapses_at is None
    found = item(row(accepted(), submitted(30), cancelled), CALENDARS, hours(100))
    assert (found.overdue, found.light, found.late_factor) == (False, None, None)
