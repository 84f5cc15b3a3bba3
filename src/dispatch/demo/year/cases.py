"""A case that a grid reports: who reports it, who works on it, and its ordinary course to the close."""

import random
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from dispatch.demo.boundaries import place_in
from dispatch.demo.town import GRIDS, OPERATORS
from dispatch.demo.year.case_kinds import KINDS, NOTES, ON_THE_SPOT, CaseKind
from dispatch.demo.year.plan import Chain, Plan, Step
from dispatch.demo.year.tasks import workers_of

BY_DEPARTMENTS: Final = 0.55
"""The share of the cases that a department handles; the others the grid's workers handle themselves."""
LAST_REPORT: Final = 45
"""Moments before the end of the year after which nothing is reported that takes its whole course."""
ACCEPTANCE: Final = {"safety": 0, "environment": 1}
"""Moments from the report to the acceptance; within its hour a case of safety is accepted at once."""
HANDLING: Final = {"safety": 8, "environment": 13}
HANDLING_ELSE: Final = 20
"""The most moments from the registration to the end of the handling; all keep the limit."""


class Report(NamedTuple):
    """One case and the people around it: who reported it, who works on it, who decides in the centre."""

    chain: Chain
    chance: random.Random
    kind: CaseKind
    grid: int
    reporter: str
    handler: str
    operator: str
    checker: str

    def accepted(self) -> None:
        """Let the centre take it on."""
        after = ACCEPTANCE.get(self.kind.category, self.chance.choice((1, 1, 2)))
        self.chain.then(after, self.operator, "accept")

    def registered(self) -> None:
        """Let the centre take it on and put it on its books."""
        self.accepted()
        self.chain.then(1 if self.kind.category != "safety" else 0, self.operator, "register")

    def dispatched(self) -> None:
        """Let the centre give it to a department or to the grid."""
        if self.handler in OPERATORS:
            self.chain.then(1, self.operator, "dispatch", {"department": self.kind.department})
        else:
            body = {"grid": GRIDS[self.grid].code, "assignee": self.handler}
            self.chain.then(1, self.operator, "dispatch", body)

    def handled(self, most: int | None = None) -> None:
        """Let the handler begin and finish."""
        most = most or HANDLING.get(self.kind.category, HANDLING_ELSE)
        begins = self.chance.randint(1, 2)
        self.chain.then(begins, self.handler, "handle")
        self.finished(self.chance.randint(1, most - begins))

    def finished(self, after: int) -> None:
        """Let the handler report it as put right."""
        self.chain.then(after, self.handler, "finish", {"note": self.chance.choice(NOTES)})

    def closed(self) -> None:
        """Let somebody else check and close it."""
        self.chain.then(self.chance.randint(1, 3), self.checker, "check", {"passed": True})
        self.chain.then(1, self.checker, "close", {})


def reported(
    plan: Plan,
    who: str,
    body: dict[str, Any],
    *,
    places: Sequence[int],
    at: int,
    device_at: timedelta | None = None,
    twice: bool = False,
) -> Chain:
    """Plan a report and return the chain of its case; `device_at` is how long ago the device saw it."""
    item = plan.new_item()
    when = plan.hours.moments[places[at]]
    step = Step(
        who=who,
        path="/cases",
        key=plan.new_key(),
        body=body,
        makes=(item,),
        status=HTTPStatus.CREATED,
        device_at=when - device_at if device_at else None,
    )
    plan.add(places[at], item, step)
    if twice:
        plan.add(places[at], item, step.repeated())
    return Chain(plan, "cases", item, places, at)


def report_body(chance: random.Random, kind: CaseKind, grid: int) -> dict[str, Any]:
    """Return what a grid worker's phone sends."""
    longitude, latitude = place_in(grid, chance)
    return {
        "grid": GRIDS[grid].code,
        "category": kind.category,
        "title": chance.choice(kind.titles),
        "severity": chance.choice(kind.severities),
        "longitude": longitude,
        "latitude": latitude,
    }


def kind_in(chance: random.Random, month: int) -> CaseKind:
    """Return a kind of case that occurs in `month`."""
    fitting = [kind for kind in KINDS if month in kind.months]
    return chance.choices(fitting, [kind.weight for kind in fitting])[0]


def report(
    plan: Plan,
    chance: random.Random,
    *,
    offline: bool = False,
    twice: bool = False,
    on_the_spot: bool = False,
) -> Report:
    """Plan a grid worker's report, `offline` if the phone sends it hours later, `twice` if two times."""
    places = range(len(plan.hours.moments))
    at = chance.randrange(1, len(places) - LAST_REPORT)
    kind = kind_in(chance, plan.hours.day(at).month)
    grid = chance.randrange(len(GRIDS))
    body = report_body(chance, kind, grid)
    if on_the_spot:
        body |= {"self_handled": True, "note": chance.choice(ON_THE_SPOT)}
    late = timedelta(minutes=chance.randint(40, 300)) if offline else None
    reporter = _worker(chance, grid)
    chain = reported(plan, reporter, body, places=places, at=at, device_at=late, twice=twice)
    operator, checker, recorder = chance.sample(OPERATORS, 3)
    handler = recorder if chance.random() < BY_DEPARTMENTS else _worker(chance, grid)
    return Report(chain, chance, kind, grid, reporter, handler, operator, checker)


def report_beside(plan: Plan, other: Report) -> Report:
    """Plan a second report of the same kind in the same grid, at the moment of `other`'s last step."""
    chance, chain = other.chance, other.chain
    reporter = _worker(chance, other.grid)
    body = report_body(chance, other.kind, other.grid)
    second = reported(plan, reporter, body, places=chain.places, at=chain.at)
    return other._replace(chain=second, reporter=reporter)


def _worker(chance: random.Random, grid: int) -> str:
    people, weights = workers_of(grid)
    return chance.choices(people, weights)[0]


def ordinary(report: Report) -> None:
    """Plan the ordinary course after the report."""
    report.registered()
    report.dispatched()
    report.handled()
    report.closed()
