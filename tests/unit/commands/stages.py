"""Cases brought to a stage of their lives by the commands that lead there."""

from datetime import timedelta
from typing import Any

from commands.cases.accept import AcceptCase
from commands.cases.check import CheckCase
from commands.cases.close import CloseCase
from commands.cases.dispatch import DispatchCase
from commands.cases.finish import FinishCase
from commands.cases.handle import HandleCase
from commands.cases.register import RegisterCase
from commands.cases.report import ReportCase
from commands.disputes.agree import AgreeDispute
from commands.disputes.assign import AssignDispute
from commands.disputes.classify import ClassifyDispute
from commands.disputes.follow_up import FollowUpDispute
from commands.disputes.mediate import MediateDispute
from commands.disputes.perform import PerformDispute
from commands.disputes.register import RegisterDispute
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.cases import Case
from dispatch.domain.cases.disputes import DisputeKind
from dispatch.domain.working_time import Deadline
from tests.unit.commands.scenario import GRID, MONDAY, TOWN, Scenario

CENTRE = "operator"
OTHER = "operator-2"


def desk_of(member: str) -> AccountAdded:
    """Return how a member of the town gets the account of an operator."""
    at = MONDAY - timedelta(days=400)
    account = member.replace("member", "desk")
    return AccountAdded(at=at, account=account, name=account, role=Role.OPERATOR, scope=TOWN, member=member)


def report(**fields: Any) -> ReportCase:
    return ReportCase(**{"grid": GRID, "category": "general", "title": "路灯不亮", **fields})


def state(scenario: Scenario, case: str) -> Case:
    found = scenario.states[f"case:{case}"].state
    assert isinstance(found, Case)
    return found


def to_be_accepted(scenario: Scenario, case: str) -> Deadline:
    deadline = state(scenario, case).acceptance
    assert deadline is not None
    return deadline


def to_be_handled(scenario: Scenario, case: str) -> Deadline:
    deadline = state(scenario, case).handling
    assert deadline is not None
    return deadline


def reported(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario = scenario or Scenario()
    scenario.when(report(**fields), "li")
    return scenario, scenario.key("case")


def accepted(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = reported(scenario, **fields)
    scenario.when(AcceptCase(case=case), CENTRE)
    return scenario, case


def registered(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = accepted(scenario, **fields)
    scenario.when(RegisterCase(case=case), CENTRE)
    return scenario, case


def dispatched(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = registered(scenario, **fields)
    scenario.when(DispatchCase(case=case, assignee="member-li", grid=GRID), CENTRE)
    return scenario, case


def handling(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = dispatched(scenario, **fields)
    scenario.when(HandleCase(case=case), "li")
    return scenario, case


def handled(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = handling(scenario, **fields)
    scenario.wait(hours=2)
    scenario.when(FinishCase(case=case, note="已修好"), "li")
    return scenario, case


def checked(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = handled(scenario, **fields)
    scenario.when(CheckCase(case=case, passed=True), CENTRE)
    return scenario, case


def closed(scenario: Scenario | None = None, **fields: Any) -> tuple[Scenario, str]:
    scenario, case = checked(scenario, **fields)
    scenario.when(CloseCase(case=case, note="已结"), CENTRE)
    return scenario, case


def numbered(scenario: Scenario | None = None) -> tuple[Scenario, str]:
    scenario, case = accepted(scenario, category="dispute")
    scenario.when(RegisterDispute(case=case), CENTRE)
    return scenario, case


def assigned() -> tuple[Scenario, str]:
    scenario, case = numbered()
    scenario.when(ClassifyDispute(case=case, kind=DisputeKind.NEIGHBOURS), CENTRE)
    scenario.when(AssignDispute(case=case, mediator="member-li"), CENTRE)
    return scenario, case


def mediating() -> tuple[Scenario, str]:
    scenario, case = assigned()
    scenario.when(MediateDispute(case=case, level="courtyard"), "li")
    return scenario, case


def agreed() -> tuple[Scenario, str]:
    scenario, case = mediating()
    scenario.when(AgreeDispute(case=case, terms="各退一步"), "li")
    return scenario, case


def followed_up() -> tuple[Scenario, str]:
    scenario, case = agreed()
    scenario.when(PerformDispute(case=case), "li")
    scenario.when(FollowUpDispute(case=case, settled=True), CENTRE)
    return scenario, case
