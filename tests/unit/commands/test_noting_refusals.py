"""The rules of noting refusals."""

from datetime import timedelta

import pytest

from commands.accounts.note_refusals import NoteRefusals, NothingRefused
from commands.context import AccountUnknown
from dispatch.domain.refusal import RoleNotAllowed
from dispatch.domain.refusals import NOBODY, Refusals, Refused, RequestsRefused
from tests.unit.commands.scenario import MONDAY, SERVICE, TOWN, Scenario, the


def refused(count: int = 3, *, minutes: float = 1) -> Refused:
    return Refused(
        code="out-of-scope",
        route="GET /tasks/{id}",
        count=count,
        first_at=MONDAY,
        last_at=MONDAY + timedelta(minutes=minutes),
        address="10.0.0.7",
    )


def note(account: str = "operator", *lines: Refused, others: int = 0) -> NoteRefusals:
    return NoteRefusals(account=account, refused=lines or (refused(),), others=others)


def test_refusals_are_noted_apart_from_the_account_in_its_scope() -> None:
    scenario = Scenario()
    before = scenario.states["account:operator"]
    event = the(scenario.when(note(others=4), SERVICE), RequestsRefused)
    assert (event.account, event.scope, event.others) == ("operator", TOWN, 4)
    scenario.when(note(), SERVICE)
    assert scenario.states["account:operator"] == before
    state = scenario.states["refusals:operator"].state
    assert isinstance(state, Refusals)
    assert (state.total, state.place) == (10, TOWN)


def test_what_nobody_known_was_refused_concerns_no_place() -> None:
    event = the(Scenario().when(note(NOBODY), SERVICE), RequestsRefused)
    assert (event.account, event.scope) == (NOBODY, "")


def test_only_the_service_notes_them_and_only_what_was_refused() -> None:
    scenario = Scenario()
    scenario.refused(RoleNotAllowed, note(), "operator")
    scenario.refused(AccountUnknown, note("nobody"), SERVICE)
    scenario.refused(NothingRefused, NoteRefusals(account="operator", refused=()), SERVICE)


@pytest.mark.parametrize("line", [refused(0), refused(-1), refused(minutes=-1)])
def test_a_line_tells_of_one_refusal_at_least(line: Refused) -> None:
    Scenario().refused(NothingRefused, note("operator", line), SERVICE)
