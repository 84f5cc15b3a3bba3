"""People see where they are signed in and end it; an ended session is worth nothing in any process."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests import postgres
from tests.e2e.http.browser import OWN, Browser, Place, move, signed_in
from tests.e2e.http.conftest import Shared
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town

WORKERS = 3


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Shared]:
    """A service of several processes."""
    with postgres.fresh_database(postgres_server) as url:
        root = first_administrator(url)
        directory = tmp_path_factory.mktemp("several")
        with Running(url, directory, clock="simulated", workers=str(WORKERS)) as running:
            yield Shared(running, root)


def another(place: Place, role: str = "operator") -> Browser:
    browser = Browser(place.town.root)
    assert browser.sign_in(place.town.accounts[role].name, OWN).status == 200
    return browser


def test_a_person_sees_where_he_is_signed_in_and_ends_one(place: Place) -> None:
    here = signed_in(place)
    there = another(place)
    listed = here.send("GET", "/sessions").json["items"]
    assert sorted(one["current"] for one in listed) == [False, True]
    assert {one["method"] for one in listed} == {"password"}
    assert {one["address"] for one in listed} == {"127.0.0.1"}
    assert all(one["last_seen_at"] and one["since"] < one["expires_at"] for one in listed)
    [other] = [one["session"] for one in listed if not one["current"]]
    # What belongs to somebody else is no session of mine, whoever asks.
    assert place.town.by("supervisor").send("DELETE", f"/api/v1/sessions/{other}").code == "session-unknown"
    assert here.send("DELETE", f"/sessions/{other}").status == 200
    assert there.send("GET", "/me").code == "unauthenticated"
    assert here.send("DELETE", f"/sessions/{other}").code == "session-unknown"
    assert [one["current"] for one in here.send("GET", "/sessions").json["items"]] == [True]


def test_a_session_that_was_not_used_for_too_long_is_not_listed_any_more(place: Place) -> None:
    here = signed_in(place)
    another(place)
    move(place, minutes=20)
    assert len(here.send("GET", "/sessions").json["items"]) == 2
    move(place, minutes=20)
    assert [one["current"] for one in here.send("GET", "/sessions").json["items"]] == [True]


def test_signing_out_everywhere_ends_every_session_and_no_token(place: Place) -> None:
    here, there = signed_in(place), None
    there = another(place)
    cookie = here.cookie
    gone = here.send("DELETE", "/sessions")
    assert gone.status == 200
    assert 'dispatch_session=""; HttpOnly; Max-Age=0' in gone.headers["Set-Cookie"]
    here.cookie = cookie
    for browser in (here, there):
        assert browser.send("GET", "/me").code == "unauthenticated"
    assert place.town.by("operator").get("/api/v1/sessions").json["items"] == []
    assert place.town.by("operator").send("DELETE", "/api/v1/sessions").status == 200


def test_an_administrator_signs_an_account_of_his_scope_out(place: Place) -> None:
    browser = signed_in(place)
    path = f"/api/v1/accounts/{place.town.accounts['operator'].name}/sessions/end"
    assert place.town.by("operator").post(path).code == "role-not-allowed"
    place.town.add("far", "administrator", scope="330106001")
    assert place.town.by("far").post(path).code == "out-of-scope"
    assert browser.send("GET", "/me").status == 200
    assert place.town.by("administrator").post(path).status == 200
    assert browser.send("GET", "/me").code == "unauthenticated"
    assert place.town.by("operator").get("/api/v1/me").status == 200


@pytest.mark.parametrize("how", ["own", "everywhere", "administrator", "password", "account"])
def test_an_end_acts_on_the_next_request_in_every_process_and_ends_the_streams(
    several: Shared, how: str
) -> None:
    place = Place(Town(several.root).found(), several.running)
    browser, other = signed_in(place), another(place)
    cookie, account = browser.cookie, place.town.accounts["operator"].name
    assert cookie is not None
    [mine] = [one for one in browser.send("GET", "/sessions").json["items"] if one["current"]]

    def ask(_: int) -> str:
        mine = Browser(place.town.root)
        mine.cookie = cookie
        answer = mine.send("GET", "/tasks")
        return "answered" if answer.status == 200 else answer.code

    with ExitStack() as stack, ThreadPoolExecutor(3 * WORKERS) as crowd:
        # Each over a connection of its own, so that every process has the session in its memory.
        assert set(crowd.map(ask, range(8 * WORKERS))) == {"answered"}
        listeners = [
            stack.enter_context(Listener(place.town.root, cookie=cookie)) for _ in range(2 * WORKERS)
        ]
        ended = {
            "own": lambda: other.send("DELETE", f"/sessions/{mine['session']}"),
            "everywhere": lambda: other.send("DELETE", "/sessions"),
            "administrator": lambda: place.town.root.post(f"/api/v1/accounts/{account}/sessions/end"),
            "password": lambda: place.town.root.post(f"/api/v1/accounts/{account}/password"),
            "account": lambda: place.town.root.post(f"/api/v1/accounts/{account}/revoke", {"reason": "离职"}),
        }[how]()
        assert ended.status in {200, 201}, ended
        answers = list(crowd.map(ask, range(8 * WORKERS)))
        assert set(answers) == {"unauthenticated"}, answers
        for listener in listeners:
            list(listener.frames())
        assert all(listener.ended for listener in listeners)
