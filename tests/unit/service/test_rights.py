"""The table of queries: every question stands in it, and it grants what DOMAIN.md says."""

import pytest

from commands.command import Command
from commands.rights import CATALOGUE, SIGN_IN
from dispatch.domain.accounts import Role
from dispatch.domain.streams import EVOLVE
from dispatch.service.http.app import create_app
from dispatch.service.http.reader import asked_through
from dispatch.service.rights import (
    ADMINISTRATION,
    HAPPENINGS,
    QUERIES,
    Extent,
    UndeclaredRoutes,
    require_declared,
)
from dispatch.service.settings import Settings
from tests.e2e.http.table import ROUTES

DECLARED = {route.name: route for route in ROUTES}


def test_every_question_is_declared_and_nothing_else() -> None:
    app = create_app(Settings(database="sqlite:///:memory:"))
    assert set(asked_through(app.routes)) == set(QUERIES)


def test_a_service_with_a_question_that_nobody_declared_does_not_start() -> None:
    with pytest.raises(UndeclaredRoutes, match="GET /secrets"):
        require_declared(["GET /tasks", "GET /secrets"])


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_table_grants_what_the_tests_expect(name: str) -> None:
    assert frozenset(str(role) for role in QUERIES[name]) == DECLARED[name].roles


def test_it_says_of_every_kind_of_stream_who_hears_of_it() -> None:
    assert set(EVOLVE) <= set(HAPPENINGS)


def test_nobody_hears_more_than_he_may_ask() -> None:
    asked = {"task": "GET /tasks", "case": "GET /cases", "household": "GET /households", "town": "GET /grids"}
    for kind, question in asked.items():
        assert HAPPENINGS[kind] == QUERIES[question], kind
    for kind, heard in HAPPENINGS.items():
        assert Role.SYSTEM not in heard
        audited = kind in {"checkpoint", "command", "digest", "refusals"}
        dispatched = audited or kind in {"campaign", "case", "ledger", "publication", "task"}
        assert (Role.ADMINISTRATOR in heard) != dispatched, kind
        assert (heard == {Role.AUDITOR: Extent.SCOPE}) == audited, kind


def test_no_question_lets_the_service_itself_in() -> None:
    assert not [name for name, query in QUERIES.items() if Role.SYSTEM in query]


def test_a_worker_sees_no_more_than_what_is_his_or_his_towns_map() -> None:
    further = {name for name, query in QUERIES.items() if query.get(Role.WORKER) is Extent.SCOPE}
    assert further == {"GET /grids", "GET /towns", "GET /policies/{scope}", "GET /mode"}


def test_the_whole_log_is_shown_to_who_audits_or_leads_only() -> None:
    whole = {
        name: {role for role, extent in query.items() if extent is Extent.WHOLE}
        for name, query in QUERIES.items()
    }
    # The last checkpoint is to be kept in many places, and stands on every list that leaves the console.
    assert whole.pop("GET /audit/checkpoint") == {Role.AUDITOR, Role.SUPERVISOR, Role.OPERATOR}
    assert set().union(*whole.values()) == {Role.AUDITOR, Role.SUPERVISOR}


def test_the_three_powers_share_no_command_and_no_question_of_an_administrator() -> None:
    powers = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR)
    assert not [kind for kind, entry in CATALOGUE.items() if Role.AUDITOR in entry.roles and _changes(kind)]
    assert [role for role in powers if role in ADMINISTRATION] == [Role.ADMINISTRATOR]


def _changes(kind: type[Command]) -> bool:
    # What somebody has read, how he is reached and how he signs in are his own whatever his role.
    return kind not in SIGN_IN and kind.__module__ not in {
        "commands.inboxes.read",
        "commands.recipients.set_own_channels",
    }
