"""What a town sets and does not program: limits, extensions, suspensions, the ladder, extra days off."""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from dispatch.domain.categories import EVERY
from dispatch.domain.households import HouseholdClass
from dispatch.domain.ladder import DEFAULT_LADDER, NOW, LadderStep, Level
from dispatch.domain.limits import clocked
from dispatch.domain.rhythm import Rhythm
from dispatch.domain.working_time import Calendar, Limit, LimitKind
from dispatch.domain.working_year import SPANS, Span

AT_ONCE: Final = ("I", "II")
"""The severities of which the commander hears at once. Source: DOMAIN.md, Time."""


IN_EMERGENCY: Final = "/emergency"
"""The end of a rule that makes deadlines in emergency mode."""


class Mode(StrEnum):
    """How the organisation works: 平时 or 急时."""

    ROUTINE = "routine"
    EMERGENCY = "emergency"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long acceptance and handling of one category may take."""

    acceptance: Limit
    handling: Limit


Table = dict[str, Limits]
"""Limits by `category/grade`, `category`, `*/grade` or `*`, the first that is there; tasks have no grades."""


VISITS: Final = {
    HouseholdClass.HIGH_RISK: Rhythm.WEEK,
    HouseholdClass.KEY: Rhythm.MONTH,
    HouseholdClass.GENERAL: Rhythm.QUARTER,
}
"""How often each class of household is to be visited. Source: DOMAIN.md, A task."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules in force for a town; `version` is written into each deadline that they make.

    The limits of tasks and cases in routine mode and in emergency mode, where the default's stand in for what
    a town hasn't set; `extensions` is
    how many a task or case may be granted, `suspensions` how often its clock may be paused. `ladder` are the
    steps of escalation as they rise, `at_once` the severities of which the commander hears at once.
    `mediation_levels` are those at which a dispute is mediated, in order. `report_limit` is for permits to
    publish. `visits` is how often a household of each class is to be visited, from when it is recorded or
    changed next. `days_off` and `workdays` are the town's own, before the national ones. `working_time` are
    the spans of a working day, in local time and in order; a working day counts as long as all of them.
    """

    version: str
    task_limits: Table
    case_limits: Table
    emergency_task_limits: Table = {}
    emergency_case_limits: Table = {}
    extensions: int = 2
    suspensions: int = 1
    ladder: tuple[LadderStep, ...] = DEFAULT_LADDER
    at_once: tuple[str, ...] = AT_ONCE
    mediation_levels: tuple[str, ...] = ("courtyard", "village", "town")
    report_limit: Limit = Limit(kind=LimitKind.WORKING_DAYS, amount=7)
    visits: dict[HouseholdClass, Rhythm] = msgspec.field(default_factory=VISITS.copy)
    days_off: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    working_time: tuple[Span, ...] = SPANS

    def for_task(self, category: str, mode: Mode = Mode.ROUTINE) -> Limits:
        """Return the limits for a task of `category`; tasks have no grades."""
        if mode is Mode.ROUTINE:
            return _required(self.task_limits, category, "")
        found = _find(self.emergency_task_limits, category, "")
        return _clocked(found or _required(DEFAULT.emergency_task_limits, category, ""))

    def for_case(self, category: str, grade: str = "", mode: Mode = Mode.ROUTINE) -> Limits:
        """Return the limits for a case of `category` and `grade`, its severity."""
        if mode is Mode.ROUTINE:
            return _required(self.case_limits, category, grade)
        found = _find(self.emergency_case_limits, category, grade)
        return _clocked(found or _required(DEFAULT.emergency_case_limits, category, grade))

    def rule(self, kind: str, category: str, clock: str, mode: Mode = Mode.ROUTINE) -> str:
        """Name the rule that makes a deadline: `default@1/task/visit/handling`, or `…/handling/emergency`."""
        rule = f"{self.version}/{kind}/{category}/{clock}"
        return f"{rule}{IN_EMERGENCY}" if mode is Mode.EMERGENCY else rule

    def calendar(self, national: Calendar) -> Calendar:
        """Return the calendar that this policy makes of the national one. Raises `CalendarNotUsable`."""
        return national.adapted(self.days_off, self.workdays, self.working_time)

    def ladder_for(self, grade: str) -> tuple[LadderStep, ...]:
        """Return the ladder of a case of `grade`, on which the commander is first where he hears at once.

        A ladder that doesn't go so far gets the default's step.
        """
        if grade not in self.at_once:
            return self.ladder
        first = next(step for step in (*self.ladder, *DEFAULT_LADDER) if step.level is Level.COMMANDER)
        return (replace(first, share=NOW), *(step for step in self.ladder if step is not first))


def _find(table: Table, category: str, grade: str) -> Limits | None:
    if grade and (found := table.get(f"{category}/{grade}")):
        return found
    return table.get(category) or (table.get(f"{EVERY}/{grade}") if grade else None) or table.get(EVERY)


def _required(table: Table, category: str, grade: str) -> Limits:
    found = _find(table, category, grade)
    assert found is not None, "a policy has limits for every category"
    return found


def _clocked(limits: Limits) -> Limits:
    """Return limits that run day and night, also where an old policy has set them in working time."""
    return Limits(acceptance=clocked(limits.acceptance), handling=clocked(limits.handling))


def version_of(rule: str) -> str:
    """Return the version of the policy in a rule: `500115101@3` for `500115101@3/task/visit/handling`."""
    return rule.partition("/")[0]


def _limits(acceptance_hours: float, handling_days: float) -> Limits:
    return Limits(
        acceptance=Limit(kind=LimitKind.WORKING_HOURS, amount=acceptance_hours),
        handling=Limit(kind=LimitKind.WORKING_DAYS, amount=handling_days),
    )


def _clock_limits(acceptance_minutes: float, handling_hours: float) -> Limits:
    return Limits(
        acceptance=Limit(kind=LimitKind.CLOCK_HOURS, amount=acceptance_minutes / 60),
        handling=Limit(kind=LimitKind.CLOCK_HOURS, amount=handling_hours),
    )


DEFAULT: Final = Policy(
    version="default@1",
    task_limits={
        "*": _limits(4, 5),
        "visit": _limits(8, 5),
        "patrol": _limits(4, 1),
        "inspection": _limits(4, 3),
    },
    case_limits={
        "*": _limits(4, 5),
        "safety": _limits(1, 2),
        "environment": _limits(2, 3),
        "dispute": _limits(4, 20),
        "assistance": _limits(8, 10),
        "suggestion": _limits(8, 60),
        "permit": _limits(8, 7),
        "advice": _limits(4, 3),
    },
    emergency_task_limits={"*": _clock_limits(15, 2)},
    emergency_case_limits={
        "*": _clock_limits(15, 4),
        "*/I": _clock_limits(5, 1),
        "*/II": _clock_limits(5, 2),
        "*/III": _clock_limits(10, 3),
    },
)
"""What holds where a town has set nothing."""
