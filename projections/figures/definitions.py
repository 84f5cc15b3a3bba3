"""Every figure: of which kind and cohort, and which set is which share of which other."""

from typing import Final, NamedTuple

from dispatch.domain.refusal import Unknown
from projections.figures.kinds import CASE, TASK, Kind


class FigureUnknown(Unknown):
    """There is no figure of that name."""


class Figure(NamedTuple):
    """One rate, of items whose cohort's moment is in the window; `zh` and `en` are for people.

    `numerator` is always a part of `denominator`.
    """

    name: str
    kind: Kind
    cohort: str
    numerator: str
    denominator: str
    zh: str
    en: str


def _task(name: str, numerator: str, denominator: str, zh: str, en: str) -> Figure:
    return Figure(name, TASK, "issued", numerator, denominator, zh, en)


def _case(name: str, *rest: str) -> Figure:
    cohort, numerator, denominator, zh, en = rest
    return Figure(name, CASE, cohort, numerator, denominator, zh, en)


SHOULD: Final = "should_have_closed"

_ALL: Final = (
    _task("completion_rate", "closed", "issued", "完成率", "Task completion"),
    _task("task_acceptance_rate", "accepted", "issued", "任务签收率", "Tasks accepted"),
    _task(
        "task_timely_acceptance_rate",
        "accepted_in_time",
        "issued",
        "任务及时签收率",
        "Tasks accepted in time",
    ),
    _task("task_handling_rate", "handled", SHOULD, "任务处置率", "Tasks handled"),
    _task("task_on_time_handling_rate", "handled_on_time", SHOULD, "任务按期处置率", "Tasks handled on time"),
    _task("task_unit_closure_rate", "unit_closed", SHOULD, "任务结案率", "Tasks closed of due"),
    _task("task_on_time_closure_rate", "closed_on_time", SHOULD, "任务按期结案率", "Tasks closed on time"),
    _task("task_rework_rate", "reworked", "handled_once", "任务返工率", "Tasks reworked"),
    _task("task_overdue_rate", "overdue", SHOULD, "任务超期率", "Tasks overdue"),
    _case("closure_rate", "accepted", "closed", "accepted", "办结率", "Case closure"),
    _case("acceptance_rate", "reported", "accepted", "reported", "签收率", "Cases accepted"),
    _case(
        "timely_acceptance_rate",
        "reported",
        "accepted_in_time",
        "reported",
        "及时签收率",
        "Cases accepted in time",
    ),
    _case("unit_closure_rate", "registered", "unit_closed", SHOULD, "结案率", "Cases closed of due"),
    _case(
        "on_time_closure_rate", "registered", "closed_on_time", SHOULD, "按期结案率", "Cases closed on time"
    ),
    _case("handling_rate", "registered", "handled", SHOULD, "处置率", "Cases handled"),
    _case(
        "on_time_handling_rate",
        "registered",
        "handled_on_time",
        SHOULD,
        "按期处置率",
        "Cases handled on time",
    ),
    _case("rework_rate", "registered", "reworked", "handled_once", "返工率", "Cases reworked"),
    _case("overdue_rate", "registered", "overdue", SHOULD, "超期率", "Cases overdue"),
    _case(
        "resolution_rate", "accepted", "dispute_resolved", "dispute_accepted", "化解率", "Disputes resolved"
    ),
    _case(
        "strike_off_rate",
        "registered",
        "dispute_struck_off",
        "dispute_registered",
        "销号率",
        "Disputes struck off",
    ),
    _case("online_share", "reported", "requested_online", "requested", "线上占比", "Online share"),
    _case("report_rate", "reported", "permit_reported", "permit_due", "报送率", "Permits reported"),
    _case("timeliness_rate", "reported", "permit_in_time", "permit_reported", "及时率", "Permits in time"),
    _case(
        "compliance_rate", "reported", "permit_compliant", "permit_reported", "合规率", "Permits compliant"
    ),
    _case("correction_rate", "reported", "permit_corrected", "permit_faulted", "修正率", "Permits corrected"),
)
FIGURES: Final = {figure.name: figure for figure in _ALL}
"""Every figure of tasks and cases by its name.

Source: DOMAIN.md, Figures. Should-handle is the same set as should-have-closed: both mean that the handling
clock has stopped or run out, and it stops when the item is handled, never at its late closure. Items with a
rework are counted against those that were handled at least once, so that what is being done again is in both.
"""

VISIT_COVERAGE: Final = "visit_coverage"
"""The one figure whose items are households: what is due of them, `projections.figures.coverage` says."""
NAMES: Final = {figure.name: (figure.zh, figure.en) for figure in _ALL} | {
    VISIT_COVERAGE: ("走访覆盖率", "Visit coverage")
}
"""What each figure is called, in Chinese and in English."""


class Count(NamedTuple):
    """A plain number: how many items of a set have their cohort's moment in the window."""

    name: str
    kind: Kind
    cohort: str
    counted: str


def _numbers(kind: Kind, cohort: str, **counted: str) -> tuple[Count, ...]:
    return tuple(Count(name, kind, cohort, one) for name, one in counted.items())


ESCALATED: Final = {
    "escalated": "escalated",
    "notices": "notice",
    "reminders": "reminder",
    "yellow_cards": "yellow_card",
    "red_cards": "red_card",
    "to_commander": "commander",
    "to_district": "district",
}
"""How many items were ever escalated, at all and to each level."""

TASK_COUNTS: Final = _numbers(
    TASK,
    "issued",
    issued="issued",
    open="open",
    overdue="lapsed",
    suspended="suspended",
    closed="closed",
    cancelled="cancelled",
    **ESCALATED,
)
"""`issued` is without the cancelled, which leave every denominator.

`overdue` counts what is still open past its deadline; the overdue rate also has what was handled late.
"""

CASE_COUNTS: Final = _numbers(
    CASE,
    "reported",
    reported="reported",
    reported_online="reported_online",
    accepted="accepted",
    registered="registered",
    refused="refused",
    not_registered="not_registered",
    self_handled="self_handled",
    open="open",
    overdue="lapsed",
    suspended="suspended",
    closed="closed",
    reopened="reopened",
    merged="merged",
    voided="voided",
    **ESCALATED,
)
RESOLVED_AT: Final = Count("dispute_levels", CASE, "accepted", "dispute_resolved")
"""Resolved disputes level by level: which levels there are, the town's policy says."""
DISPUTE_COUNTS: Final = (
    *_numbers(CASE, "reported", reported="dispute_reported"),
    *_numbers(
        CASE,
        "accepted",
        accepted="dispute_accepted",
        mediated="dispute_mediated",
        resolved="dispute_resolved",
        major_joint="dispute_major_joint",
    ),
    *_numbers(CASE, "registered", registered="dispute_registered", struck_off="dispute_struck_off"),
)
"""Each is of the cohort of its rate, so that one word is one number on a board."""
PERMIT_COUNTS: Final = _numbers(
    CASE,
    "reported",
    decided="permit",
    due="permit_due",
    reported="permit_reported",
    in_time="permit_in_time",
    compliant="permit_compliant",
    faulted="permit_faulted",
    corrected="permit_corrected",
)
PLAIN_NUMBERS: Final = {
    f"{group}.{count.name}": count
    for group, counts in (
        ("tasks", TASK_COUNTS),
        ("cases", CASE_COUNTS),
        ("disputes", DISPUTE_COUNTS),
        ("permits", PERMIT_COUNTS),
    )
    for count in counts
}
"""Every plain number by its group and name, such as `tasks.open`."""
