"""Who may use which route, on what, and with which token: each cell of the table, over HTTP."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from commands.rights import CATALOGUE
from dispatch.service.http.app import create_app
from dispatch.service.settings import Settings
from tests.e2e.http.conftest import Shared
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running
from tests.e2e.http.table import (
    CLOCK,
    OIDC,
    OPEN,
    PAGES,
    PROVIDER,
    READS,
    ROUTES,
    SIGN_IN,
    WRITES,
    Route,
    Things,
)
from tests.e2e.http.test_life import known, let_pass, now, url_time
from tests.e2e.http.town import COUNTY, ROLES, Town

BEYOND = ("unauthenticated", "command-unauthenticated", "role-not-allowed", "out-of-scope")
"""What a right that is there is never answered with."""
NOT_OF_PLACES = {
    *("/me", "/sessions", "/clock", "/stream", "/tasks", "/cases"),
    *("/inbox", "/inbox/read", "/inbox/channels", "/personal/search", "/audit/bundle"),
}
"""What every account may ask or do: it shows what it may see, and concerns nobody else."""
DIGESTS = {
    f"/audit/{path}" for path in ("checkpoint", "checkpoints", "key", "proof/inclusion", "proof/consistency")
}
OF_A_PLACE = [
    *(route for route in WRITES if route.path not in NOT_OF_PLACES),
    # Digests of the whole log tell nothing of any place.
    *(route for route in READS if route.path not in NOT_OF_PLACES and route.path not in DIGESTS),
]
NOT_OF_A_GRID = {"/grids", "/towns", "/policies/{scope}", "/campaigns/{id}", "/households", "/mode"}
"""Whose places are seen by a worker as by everybody in the town, which are the town's, or which list his."""
VILLAGE = "village"
SEEN_FROM_BELOW = {"GET /policies/{scope}"}
"""What holds in a village though it is the town's."""
OF_A_GRID = [
    route for route in OF_A_PLACE if "worker" in (route.roles or ()) and route.path not in NOT_OF_A_GRID
]


@pytest.fixture(scope="module")
def office(on_sqlite: Shared) -> Town:
    """One town for the whole table: what may be done in it is refused at the latest by its state."""
    return Town(on_sqlite.root).found()


@pytest.fixture(scope="module")
def things(office: Town) -> Things:
    return Things(office)


@pytest.fixture(scope="module")
def untransferred(office: Town) -> Things:
    """Things that nobody but the workers of the first grid does anything with."""
    return Things(office)


def refused_for_rights(office: Town, who: str, route: Route, things: Things) -> str | None:
    """Send a request and return the code of the refusal, if it is for rights."""
    client = office.by(who)
    path, body = things.path(route), things.body(route)
    if route.path == "/stream":
        return first_of_stream(office, who, path)
    before = office.root.head()
    answer = client.send(route.method, path, body)
    assert answer.status < 500, (route, answer)
    if answer.status < 400:
        return None
    code = answer.code
    # Whose own work it is, and who was told of a step, are rules about the item and no rights of a role.
    assert (answer.status in {401, 403}) == (
        code in BEYOND or code.startswith("own-") or code == "not-addressed"
    ), answer
    assert office.root.head() == before, (route, answer)
    return code if code in BEYOND else None


def first_of_stream(office: Town, who: str, path: str) -> str | None:
    connection = office.by(who).connect()
    try:
        headers = {"Authorization": f"Bearer {office.by(who).token}"}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return None if response.status == 200 else str(response.status)
    finally:
        connection.close()


def test_the_table_declares_every_route_and_no_other() -> None:
    app = create_app(Settings(database="sqlite:///:memory:"))
    there = {
        f"{method} {(found.path or '').removeprefix('/api/v1') or '/'}"
        for found in iter_route_contexts(app.routes)
        for method in (found.methods or ())
        if method != "HEAD"
    }
    declared = {
        route.name.replace("/api/v1", "") for route in [*ROUTES, *OPEN, *PAGES, *OIDC, PROVIDER, SIGN_IN]
    }
    assert there == declared
    assert len(ROUTES) == len({route.name for route in ROUTES})


def test_the_table_grants_no_role_more_than_the_commands_do() -> None:
    granted: Counter[frozenset[str]] = Counter(
        frozenset(str(role) for role in entry.roles) - {"system"} for entry in CATALOGUE.values()
    )
    declared = Counter(route.roles for route in WRITES)
    assert declared <= granted


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.name)
def test_the_probes_and_the_document_need_no_token(service: Shared, route: Route) -> None:
    assert service.anybody.get(route.path).status == 200


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_without_a_token_that_is_worth_something_nothing_is_answered_or_done(
    office: Town, things: Things, route: Route
) -> None:
    before = office.root.head()
    secret = office.accounts["operator"].secret
    for header in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x.y",
        f"Basic {secret}",
        f"Bearer {secret[:-1]}",
        f"Bearer {secret}x",
        f"Bearer {secret}" * 50,
        "Bearer " + secret.replace("operator", "administrator"),
        "Bearer system.x",
        "Bearer é.x",
    ):
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}
        answer = office.root.bearing(None).send(
            route.method, things.path(route), things.body(route), headers=headers
        )
        assert (answer.status, answer.code) == (401, "unauthenticated"), header
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert office.root.head() == before


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_each_role_may_use_the_route_as_declared(office: Town, things: Things, route: Route) -> None:
    assert route.roles is not None
    # Who may not comes first: what is done by who may cannot have been in the way.
    for role in sorted(ROLES, key=lambda role: role in (route.roles or ())):
        code = refused_for_rights(office, role, route, things)
        expected = None if role in route.roles else "role-not-allowed"
        assert code == expected, role


def scoped(office: Town, role: str) -> Iterator[tuple[str, bool]]:
    """Add accounts of a role with each kind of scope; gives the name and whether the town is in it."""
    for kind, scope, covers in (
        ("parent", COUNTY, True),
        ("province", "50", True),
        ("sibling", f"{COUNTY}999", False),
        ("other", "330106001", False),
        # A village of the town itself, in which nothing of all this lies.
        (VILLAGE, f"{office.code}003", False),
    ):
        name = f"{role}-{kind}"
        if name not in office.accounts:
            office.add(name, role, scope=scope)
        yield name, covers


@pytest.mark.parametrize("route", OF_A_PLACE, ids=lambda route: route.name)
def test_a_scope_opens_what_lies_within_it_and_nothing_else(
    office: Town, things: Things, route: Route
) -> None:
    assert route.roles is not None
    for role in sorted(route.roles - {"worker"}):
        for name, covers in sorted(scoped(office, role), key=lambda one: one[1]):
            code = refused_for_rights(office, name, route, things)
            seen = covers or (name.endswith(VILLAGE) and route.name in SEEN_FROM_BELOW)
            assert code == (None if seen else "out-of-scope"), name


@pytest.mark.parametrize("route", OF_A_GRID, ids=lambda route: route.name)
def test_a_worker_reaches_the_grids_of_his_posts_only(
    office: Town, untransferred: Things, route: Route
) -> None:
    assert refused_for_rights(office, "zhao", route, untransferred) == "out-of-scope"
    assert refused_for_rights(office, "worker", route, untransferred) is None


@pytest.mark.parametrize("role", ROLES)
def test_a_revocation_acts_on_the_next_request(town: Town, role: str) -> None:
    member = "wang" if role == "worker" else None
    for what in ("token", "account"):
        account = town.add(f"{role}-{what}", role, member=member)
        client = town.by(f"{role}-{what}")
        assert client.get("/api/v1/me").json["role"] == role
        path = f"/api/v1/accounts/{account.name}"
        path = f"{path}/revoke" if what == "account" else f"{path}/tokens/{account.token}/revoke"
        body = {"reason": "离职"} if what == "account" else None
        assert town.root.post(path, body).status == 200
        head = town.root.head()
        task = town.issue()
        for answer in (
            client.get("/api/v1/me"),
            client.get("/api/v1/tasks"),
            client.get("/api/v1/stream"),
            client.post("/api/v1/tasks", {"grids": town.grids[:1], "title": "x", "category": "patrol"}),
            client.post(f"/api/v1/tasks/{task}/accept"),
            client.post(f"/api/v1/tasks/{task}/cancel", {"reason": "x"}),
        ):
            assert (answer.status, answer.code) == (401, "unauthenticated")
        assert town.root.head() == head + 1


def test_a_token_ends_when_it_was_to_end(town: Town) -> None:
    clock = datetime.fromisoformat(town.read("operator", "/clock")["now"])
    ends = clock + timedelta(hours=1)
    town.add("guest", "operator", expires_at=ends.isoformat())
    guest = town.by("guest")
    assert guest.get("/api/v1/me").status == 200
    almost = (ends - timedelta(microseconds=1)).isoformat()
    assert town.root.send("PUT", "/api/v1/clock", {"now": almost}).status == 200
    assert guest.get("/api/v1/me").status == 200
    assert town.root.send("PUT", "/api/v1/clock", {"now": ends.isoformat()}).status == 200
    assert guest.get("/api/v1/me").code == "unauthenticated"
    body = {"grids": town.grids[:1], "title": "x", "category": "patrol"}
    assert guest.post("/api/v1/tasks", body).code == "unauthenticated"


def test_only_an_administrator_sets_the_clock_and_only_forward(town: Town) -> None:
    now = town.read("operator", "/clock")["now"]
    for role in ROLES:
        answer = town.by(role).send("PUT", "/api/v1/clock", {"now": now})
        assert (answer.status == 200) == (role in (CLOCK.roles or ())), role
    answer = town.root.send("PUT", "/api/v1/clock", {"now": "2022-12-31T00:00:00Z"})
    assert (answer.status, answer.code) == (422, "clock-goes-forward")


def test_nobody_makes_an_account_beyond_the_own_scope_or_for_the_service_itself(town: Town) -> None:
    head = town.root.head()
    chief = town.by("administrator")
    for body, code in (
        ({"account": "a", "name": "a", "role": "operator", "scope": COUNTY}, "out-of-scope"),
        ({"account": "a", "name": "a", "role": "operator", "scope": "50"}, "out-of-scope"),
        ({"account": "a", "name": "a", "role": "operator", "scope": ""}, "request-malformed"),
        ({"account": "a", "name": "a", "role": "operator", "scope": f"{COUNTY}999"}, "out-of-scope"),
        ({"account": "a", "name": "a", "role": "system", "scope": town.code}, "system-account-reserved"),
        (
            {"account": "system", "name": "a", "role": "auditor", "scope": town.code},
            "system-account-reserved",
        ),
        ({"account": "a", "name": "a", "role": "worker", "scope": town.code}, "worker-needs-member"),
        ({"account": "a", "name": "a", "role": "king", "scope": town.code}, "request-malformed"),
        ({"account": "a", "name": "a", "role": None, "scope": town.code}, "request-malformed"),
    ):
        assert chief.post("/api/v1/accounts", body).code == code, body
    assert town.root.head() == head


def test_a_token_made_through_one_process_is_known_to_the_other_at_once(
    on_postgresql: Shared, tmp_path: Path
) -> None:
    town = Town(on_postgresql.root).found()
    with Running(on_postgresql.running.database, tmp_path, clock="simulated") as other:
        there = other.client.bearing(town.root.token)
        path = f"/api/v1/accounts/{town.accounts['worker'].name}/tokens"
        assert there.post(path, {}).status == 201  # so the other process has the account in memory
        token = town.root.post(path, {}).json
        client = other.client.bearing(token["secret"])
        body = {"grid": town.grids[0], "title": "垃圾", "category": "environment"}
        assert client.post("/api/v1/cases", body).status == 201
        assert town.root.post(f"{path}/{token['token']}/revoke").status == 200
        assert client.post("/api/v1/cases", body).code == "command-unauthenticated"
        assert client.post("/api/v1/cases", body).code == "unauthenticated"


def test_an_account_that_the_command_line_may_name_is_known_over_http_by_that_name(town: Town) -> None:
    body = {"account": f"duty_desk-{town.code}", "name": "值班台", "role": "operator", "scope": town.code}
    assert town.root.post("/api/v1/accounts", body).status == 201
    path = f"/api/v1/accounts/{body['account']}"
    token = town.root.post(f"{path}/tokens", {"expires_at": None}).json["secret"]
    assert town.root.bearing(token).get("/api/v1/me").json["account"] == body["account"]
    assert town.by("auditor").get(f"/api/v1/audit/events?actor={body['account']}").status == 200
    assert town.root.post(f"{path}/password").status == 201
    assert town.root.post(f"{path}/revoke", {"reason": "离职"}).status == 200


def test_who_may_see_an_item_no_more_is_shown_nothing_of_its_past_either(town: Town) -> None:
    reported = {"grid": town.grids[2], "category": "environment", "title": "垃圾堆放"}
    case = town.by("operator").post("/api/v1/cases", reported).item("case")
    for step, body in (("accept", None), ("register", None), ("dispatch", {"assignee": "wang"})):
        held = town.do("operator", f"/cases/{case}/{step}", body).position
    then = now(town)
    let_pass(town, minutes=5)
    moments = (f"as_of={url_time(then)}", f"known_at={held}")
    asked = [f"/api/v1/cases/{case}{path}?{moment}" for path in ("", "/timeline") for moment in moments]

    def listed(who: str, moment: str) -> bool:
        found = town.by(who).get(f"/api/v1/cases?limit=500&{moment}&{known(town)}").json
        assert found["total"] == len(found["items"])
        return case in [one["id"] for one in found["items"]]

    assert [listed("worker", moment) for moment in moments] == [True] * 2
    assert [town.by("worker").get(f"{one}&{known(town)}").status for one in asked] == [200] * 4
    town.do("operator", f"/cases/{case}/transfer", {"assignee": "li", "reason": "外出"})
    for one in asked:
        assert town.by("worker").get(f"{one}&{known(town)}").code == "out-of-scope"
        assert town.by("supervisor").get(f"{one}&{known(town)}").status == 200
    assert [(listed("worker", one), listed("supervisor", one)) for one in moments] == [(False, True)] * 2


def test_what_has_left_a_workers_grids_is_in_no_list_of_their_past_either(town: Town) -> None:
    here, there = town.grids[0], town.grids[2]
    task, stays = town.issue(), town.issue()
    new = {"grid": here, "household_class": "key", "name": "张三户", "address": "一组12号"}
    household = town.do("operator", "/households", {"households": [new]}).item("household")
    held = town.root.head()
    moments = (f"as_of={url_time(now(town))}", f"known_at={held}")
    let_pass(town, minutes=5)
    behind = f"/figures/completion_rate/items?part=denominator&scope={here}"

    def told(who: str, moment: str) -> list[set[str]]:
        """Tell what of these somebody finds: in both lists, behind a number, and as its ids."""
        one = f"limit=500&{moment}&{known(town)}"
        tasks, households = (town.read(who, f"/{kind}?{one}") for kind in ("tasks", "households"))
        for found in (tasks, households):
            assert found["total"] == len(found["items"])
        number = town.read(who, f"{behind}&{one}")
        assert number["total"] == len(number["ids"])
        rows = [tasks["items"], households["items"], number["tasks"]]
        return [{one["id"] for one in found} & {task, stays, household} for found in rows] + [
            {*number["ids"]} & {task, stays}
        ]

    all_of_it = [{task, stays}, {household}, {task, stays}, {task, stays}]
    assert [told("li", moment) for moment in moments] == [all_of_it] * 2
    town.do("operator", f"/tasks/{task}/transfer", {"grid": there, "reason": "属地有误"})
    answer = town.by("operator").send("PATCH", f"/api/v1/households/{household}", {"grid": there})
    assert answer.status == 200
    for moment in moments:
        for path in (f"/tasks/{task}", f"/tasks/{task}/timeline", f"/households/{household}"):
            assert town.by("li").get(f"/api/v1{path}?{moment}&{known(town)}").code == "out-of-scope"
        # A number stays as long as its list of ids, which say nothing of an item.
        assert told("li", moment) == [{stays}, set(), {stays}, {task, stays}]
        assert told("supervisor", moment) == all_of_it
    for who, events in (("li", []), ("supervisor", ["task.issued", "task.transferred"])):
        with Listener(town.by(who), last=held - 10) as listener:
            heard = listener.up_to(town.root.head())
        assert [one.name for one in heard if one.data["id"] == task] == events
        assert stays in [one.data["id"] for one in heard]
