"""Cases and disputes under random commands by random people: their events rebuild them, the rules hold."""

from datetime import datetime, timedelta
from functools import reduce
from itertools import islice
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from commands.cases.import_case import ImportCase
from commands.cases.import_cases import ImportCases
from commands.cases.report import ReportCase
from commands.command import Command
from commands.rights import CASES, DISPUTES
from dispatch.domain import cases, ledgers
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.disputes import DisputeFlaredUp, DisputeRegistered, DisputeStruckOff
from dispatch.domain.cases.events import (
    CaseCheckFailed,
    CaseCheckPassed,
    CaseClosed,
    CaseRegistered,
    CaseReopened,
    CaseResumed,
)
from dispatch.domain.cases.kinds import CLOCK_RUNS
from dispatch.domain.event import Event
from dispatch.domain.refusal import Refusal
from tests.unit.commands.commands_at_random import attempts, structs
from tests.unit.commands.scenario import GRID, TOWN, Scenario
from tests.unit.commands.stages import (
    accepted,
    agreed,
    dispatched,
    followed_up,
    handled,
    handling,
    mediating,
    registered,
    state,
)
from tests.unit.commands.test_task_machine import LATE, people

ON_ONE = [kind for kind in CASES if kind not in (ReportCase, ImportCase, ImportCases)] + list(DISPUTES)
STAGES = [accepted, registered, dispatched, handling, handled, mediating, agreed, followed_up]


def folded(events: list[Event]) -> Any:
    return reduce(cases.evolve, events, None)  # type: ignore[arg-type]  # a stream of cases holds their events


class Cases(RuleBasedStateMachine):
    """Four cases at most, of which some are disputes."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = Scenario()
        self.cases: list[str] = []

    @initialize(stage=st.sampled_from(STAGES))
    def one_to_begin_with(self, stage: Any) -> None:
        self.scenario, case = stage()
        self.cases.append(case)

    @precondition(lambda self: len(self.cases) < 4)
    @rule(category=st.sampled_from(["general", "dispute"]), self_handled=st.booleans())
    def report(self, category: str, self_handled: bool) -> None:
        on_the_spot = self_handled and category != "dispute"
        command = ReportCase(grid=GRID, category=category, title="事", self_handled=on_the_spot)
        self.scenario.when(command, "li")
        self.cases.append(self.scenario.key("case"))

    @rule(hours=st.sampled_from([0.1, 1, 5, 24, 24 * 6, 24 * 20]))
    def time_passes(self, hours: float) -> None:
        self.scenario.wait(hours=hours)

    @rule(seed=st.integers(0, 2**32), late=st.none() | st.timedeltas(*LATE))
    def somebody_is_answered(self, seed: int, late: timedelta | None) -> None:
        """Try what may well be carried out, until something is."""
        device_at = None if late is None else self.scenario.now - late
        asked = attempts(ON_ONE, {"task": [], "case": self.cases}, self.scenario.now, Random(seed))
        for command, who in islice(asked, 60):
            if self._carried_out(command, who, device_at):
                return

    @rule(data=st.data(), kind=st.sampled_from(ON_ONE), who=people)
    def somebody_asks_anything(self, data: st.DataObject, kind: type[Command], who: str) -> None:
        self._carried_out(data.draw(structs(kind, {"task": [], "case": self.cases})), who, None)

    def _carried_out(self, command: Any, who: str, device_at: datetime | None) -> bool:
        before = {case: state(self.scenario, case) for case in self.cases}
        try:
            events = self.scenario.when(command, who, device_at=device_at)
        except Refusal:
            return False
        assert all(event.at <= self.scenario.now for event in events)
        if events:
            self._check_step(before[command.case], state(self.scenario, command.case), events)
        return bool(events)

    def _check_step(self, before: Case, after: Case, events: list[Event]) -> None:
        assert after.since >= before.since
        new_clock = (CaseRegistered, CaseReopened, DisputeRegistered, DisputeFlaredUp)
        early = any(isinstance(event, CaseResumed) and event.by is not None for event in events)
        if before.handling is not None and not any(isinstance(event, new_clock) for event in events):
            assert after.handling is not None
            assert after.handling.started == before.handling.started
            assert early or after.handling.due >= before.handling.due
        for event in events:
            if isinstance(event, CaseClosed | CaseCheckPassed | CaseCheckFailed):
                assert event.by not in before.handlers
            if isinstance(event, DisputeStruckOff):
                assert before.dispute is not None
                assert event.by not in before.dispute.mediators
                assert event.evidence

    @invariant()
    def events_rebuild_the_state(self) -> None:
        for case in self.cases:
            stream = f"case:{case}"
            assert folded(self.scenario.streams[stream]) == self.scenario.states[stream].state

    @invariant()
    def the_rules_hold(self) -> None:
        for case in self.cases:
            found = state(self.scenario, case)
            assert found.extensions <= 2
            assert found.suspensions <= 1
            assert (found.status is Status.SUSPENDED) == (found.suspended_until is not None)
            if found.status in CLOCK_RUNS:
                assert found.handling is not None
                assert found.clock_stopped_at is None
            if found.status in {Status.HANDLED, Status.CHECKING, Status.HANDED_UP, Status.AGREED}:
                assert found.clock_stopped_at is not None
            if found.status in {Status.CLOSED, Status.SELF_HANDLED, Status.STRUCK_OFF}:
                assert found.closed_at is not None
            if found.status is Status.HANDLING:
                assert found.assignee is not None or found.department is not None

    @invariant()
    def merges_make_no_circle_and_are_known_on_both_sides(self) -> None:
        for case in self.cases:
            found, seen = state(self.scenario, case), {case}
            for duplicate in found.merged:
                assert state(self.scenario, duplicate).merged_into == case
            while found.merged_into is not None:
                assert found.merged_into not in seen
                seen.add(found.merged_into)
                found = state(self.scenario, found.merged_into)

    @invariant()
    def every_numbered_dispute_has_a_number_of_its_own(self) -> None:
        given: list[Any] = self.scenario.streams.get(f"ledger:{TOWN}", [])
        reduce(ledgers.evolve, given, None)
        numbers = {event.case: event.number for event in given}
        assert len(set(numbers.values())) == len(given)
        for case in self.cases:
            dispute = state(self.scenario, case).dispute
            assert dispute is None or dispute.number == numbers[case]


TestCases = Cases.TestCase
TestCases.settings = settings(stateful_step_count=30)
