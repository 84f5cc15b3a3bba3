"""Every figure against a second table of DOMAIN.md, and against a board that was counted by hand."""

from collections.abc import Iterator

from dispatch.domain import tasks
from dispatch.domain.cases import Channel, Severity, Source, disputes, events, permits
from dispatch.domain.event import Event
from projections.figures.board import summed
from projections.figures.counting import from_rows
from projections.figures.definitions import FIGURES, VISIT_COVERAGE
from projections.figures.kinds import KINDS
from projections.spans import Window
from tests.unit.projections.folding import deadline, folded, hours

GRID = "500115101001001"
WINDOW = Window(hours(100), hours(200))
AS_OF = hours(1_000)
NEVER = 2_000
"""A deadline that has not passed as of then, in hours."""

DEFINED = {
    "completion_rate": ("task", "issued", "closed", "issued"),
    "task_acceptance_rate": ("task", "issued", "accepted", "issued"),
    "task_timely_acceptance_rate": ("task", "issued", "accepted_in_time", "issued"),
    "task_handling_rate": ("task", "issued", "handled", "should_have_closed"),
    "task_on_time_handling_rate": ("task", "issued", "handled_on_time", "should_have_closed"),
    "task_unit_closure_rate": ("task", "issued", "unit_closed", "should_have_closed"),
    "task_on_time_closure_rate": ("task", "issued", "closed_on_time", "should_have_closed"),
    "task_rework_rate": ("task", "issued", "reworked", "handled_once"),
    "task_overdue_rate": ("task", "issued", "overdue", "should_have_closed"),
    "closure_rate": ("case", "accepted", "closed", "accepted"),
    "acceptance_rate": ("case", "reported", "accepted", "reported"),
    "timely_acceptance_rate": ("case", "reported", "accepted_in_time", "reported"),
    "unit_closure_rate": ("case", "registered", "unit_closed", "should_have_closed"),
    "on_time_closure_rate": ("case", "registered", "closed_on_time", "should_have_closed"),
    "handling_rate": ("case", "registered", "handled", "should_have_closed"),
    "on_time_handling_rate": ("case", "registered", "handled_on_time", "should_have_closed"),
    "rework_rate": ("case", "registered", "reworked", "handled_once"),
    "overdue_rate": ("case", "registered", "overdue", "should_have_closed"),
    "resolution_rate": ("case", "accepted", "dispute_resolved", "dispute_accepted"),
    "strike_off_rate": ("case", "registered", "dispute_struck_off", "dispute_registered"),
    "online_share": ("case", "reported", "requested_online", "requested"),
    "report_rate": ("case", "reported", "permit_reported", "permit_due"),
    "timeliness_rate": ("case", "reported", "permit_in_time", "permit_reported"),
    "compliance_rate": ("case", "reported", "permit_compliant", "permit_reported"),
    "correction_rate": ("case", "reported", "permit_corrected", "permit_faulted"),
}
"""DOMAIN.md, Figures: of each rate the items, whose moment is to be in the window, and which share of which.

Should-handle is should-have-closed, and what counts for rework is what was handled at least once.
"""


def test_every_figure_is_what_the_domain_says() -> None:
    found = {
        name: (figure.kind.name, figure.cohort, figure.numerator, figure.denominator)
        for name, figure in FIGURES.items()
    }
    assert found == DEFINED
    assert {figure.name for figure in FIGURES.values()} == set(FIGURES)


def task(*, due: float = 124) -> list[Event]:
    issued = tasks.TaskIssued(
        at=hours(100),
        grid=GRID,
        title="巡查",
        category="patrol",
        instructions="",
        by="operator",
        acceptance=deadline(104, started=100),
        handling=deadline(due, started=100),
    )
    return [issued]


def taken(at: float = 101, *, due: float = 124) -> list[Event]:
    return [*task(due=due), tasks.TaskAccepted(at=hours(at), by="li")]


def submitted(at: float) -> tasks.TaskSubmitted:
    return tasks.TaskSubmitted(at=hours(at), by="li", note="")


def returned(at: float) -> tasks.TaskReturned:
    return tasks.TaskReturned(at=hours(at), by="operator", reason="", handling=deadline(NEVER, started=100))


TASK_CLOSED = tasks.TaskClosed(at=hours(150), by="operator", note="")
CANCELLED = tasks.TaskCancelled(at=hours(150), by="operator", reason="")

TASKS: list[tuple[int, list[Event]]] = [
    (1, task(due=NEVER)),
    (4, taken(105, due=NEVER)),
    (1, taken(due=NEVER)),
    (1, taken()),
    (2, [*taken(), submitted(124)]),
    (1, [*taken(), submitted(125)]),
    (4, [*taken(), submitted(124), TASK_CLOSED]),
    (3, [*taken(), submitted(125), TASK_CLOSED]),
    (5, [*taken(), submitted(110), returned(111)]),
    (2, [*taken(), submitted(110), returned(111), submitted(112), TASK_CLOSED]),
    (1, [*taken(), CANCELLED]),
]
"""How many there are of which, all issued in the window."""


def case(begin: float = 100, category: str = "environment", channel: Channel = Channel.DEVICE) -> list[Event]:
    reported = events.CaseReported(
        at=hours(begin),
        grid=GRID,
        category=category,
        title="路灯不亮",
        source=Source.GRID_WORKER,
        channel=channel,
        severity=Severity.GRADE_4,
        by="li",
        acceptance=deadline(begin + 4, started=begin),
    )
    return [reported]


def accepted(begin: float = 100, after: float = 1, category: str = "environment") -> list[Event]:
    return [*case(begin, category), events.CaseAccepted(at=hours(begin + after), by="operator")]


def registered(begin: float = 100, due: float = 130) -> list[Event]:
    return [
        *accepted(begin),
        events.CaseRegistered(at=hours(begin + 2), by="operator", handling=deadline(due, started=begin + 2)),
    ]


def handled(at: float, begin: float = 100) -> list[Event]:
    return [*registered(begin), events.CaseHandled(at=hours(at), by="li", note="")]


def reworked(begin: float = 100) -> list[Event]:
    failed = events.CaseCheckFailed(
        at=hours(121), by="operator", reason="", handling=deadline(NEVER, started=begin + 2)
    )
    return [*handled(120, begin), failed]


def dispute(begin: float, *happened: Event) -> list[Event]:
    handling = deadline(NEVER, started=begin + 2)
    return [
        *accepted(begin, category="dispute"),
        disputes.DisputeRegistered(at=hours(begin + 2), by="operator", number="1", handling=handling),
        *happened,
    ]


def permit(*happened: Event, due: float = 156) -> list[Event]:
    reporting = deadline(due, started=100)
    begun = permits.PermitDue(
        at=hours(100), grid=GRID, number="7", title="许可", by="operator", reporting=reporting
    )
    return [begun, *happened]


def published(at: float = 120) -> permits.PermitReported:
    return permits.PermitReported(at=hours(at), by="operator")


def judged(at: float, compliant: bool) -> permits.PermitJudged:
    return permits.PermitJudged(at=hours(at), by="judge", compliant=compliant)


REFUSED = events.CaseRefused(at=hours(101), by="operator", reason="")
CLOSED = events.CaseClosed(at=hours(150), by="operator")
HANDLED_AGAIN = events.CaseHandled(at=hours(125), by="li", note="")
SELF_HANDLED = events.CaseSelfHandled(at=hours(101), by="li", note="")
REOPENED = events.CaseReopened(at=hours(160), by="operator", reason="", handling=deadline(NEVER, started=160))
VOIDED = events.CaseVoided(at=hours(160), by="operator", reason="误报")
MEDIATING = disputes.DisputeMediationStarted(at=hours(130), by="m", level="courtyard")
AGREED = disputes.DisputeAgreed(at=hours(140), by="m", level="courtyard")
STRUCK_OFF = disputes.DisputeStruckOff(at=hours(150), by="operator", note="", evidence=("ab",))
CORRECTED = permits.PermitCorrected(at=hours(140), by="operator", note="")

REPORTED_BEFORE, ACCEPTED_BEFORE, ACCEPTED_AFTER = 99.5, 98.5, 199.5
"""When those are reported that are accepted and registered in the window, only registered, only reported."""

CASES: list[tuple[int, list[Event]]] = [
    (3, case()),
    (1, case(ACCEPTED_AFTER)),
    (2, [*case(), REFUSED]),
    (2, [*case(), SELF_HANDLED]),
    (1, accepted()),
    (1, accepted(after=5)),
    (1, accepted(REPORTED_BEFORE)),
    (1, registered(due=NEVER)),
    (1, registered(ACCEPTED_BEFORE, due=NEVER)),
    (2, registered()),
    (1, registered(ACCEPTED_BEFORE)),
    (2, handled(130)),
    (1, handled(131)),
    (1, [*handled(130), CLOSED]),
    (1, [*handled(130, ACCEPTED_BEFORE), CLOSED]),
    (5, [*handled(131), CLOSED]),
    (5, reworked()),
    (7, [*reworked(), HANDLED_AGAIN, CLOSED]),
    (2, [*handled(130), CLOSED, REOPENED]),
    (2, [*registered(), VOIDED]),
    (9, case(category="assistance", channel=Channel.ONLINE)),
    (5, case(category="assistance")),
    (3, case(channel=Channel.ONLINE)),
]
DISPUTES: list[tuple[int, list[Event]]] = [
    (2, accepted(category="dispute")),
    (1, accepted(REPORTED_BEFORE, category="dispute")),
    (5, dispute(100)),
    (1, dispute(ACCEPTED_BEFORE)),
    (3, dispute(100, MEDIATING)),
    (6, dispute(100, AGREED)),
    (1, dispute(ACCEPTED_BEFORE, AGREED)),
    (5, dispute(100, AGREED, STRUCK_OFF)),
    (1, dispute(ACCEPTED_BEFORE, AGREED, STRUCK_OFF)),
]
PERMITS: list[tuple[int, list[Event]]] = [
    (1, permit(due=NEVER)),
    (2, permit()),
    (3, permit(published(157))),
    (8, permit(published())),
    (3, permit(published(), judged(130, True))),
    (4, permit(published(), judged(130, False))),
    (6, permit(published(), judged(130, False), CORRECTED)),
]
COUNTED = {
    "completion_rate": (9, 24),
    "task_acceptance_rate": (23, 24),
    "task_timely_acceptance_rate": (19, 24),
    "task_handling_rate": (12, 13),
    "task_on_time_handling_rate": (8, 13),
    "task_unit_closure_rate": (9, 13),
    "task_on_time_closure_rate": (6, 13),
    "task_rework_rate": (7, 17),
    "task_overdue_rate": (5, 13),
    "closure_rate": (20, 53),
    "acceptance_rate": (51, 74),
    "timely_acceptance_rate": (50, 74),
    "unit_closure_rate": (20, 33),
    "on_time_closure_rate": (15, 33),
    "handling_rate": (30, 33),
    "on_time_handling_rate": (24, 33),
    "rework_rate": (12, 37),
    "overdue_rate": (9, 33),
    "resolution_rate": (11, 22),
    "strike_off_rate": (6, 22),
    "online_share": (9, 14),
    "report_rate": (24, 26),
    "timeliness_rate": (21, 24),
    "compliance_rate": (3, 24),
    "correction_rate": (6, 10),
    VISIT_COVERAGE: (0, 0),
}
"""What the lists add up to: a numerator, denominator or cohort taken for a like one gives another number."""


def happened() -> Iterator[tuple[str, Event]]:
    for kind, items in (("task", TASKS), ("case", [*CASES, *DISPUTES, *PERMITS])):
        for one, (number, happening) in enumerate(items):
            for copy in range(number):
                yield from ((f"{kind}:{one}-{copy}", event) for event in happening)


def test_a_board_counted_by_hand_is_the_board() -> None:
    rows = folded(happened())
    found = from_rows({kind.name: rows.all(kind.table) for kind in KINDS}, AS_OF, WINDOW)
    [total] = summed(found, lambda _grid, _category: "").values()
    assert {name: (one.numerator, one.denominator) for name, one in total.figures().items()} == COUNTED
