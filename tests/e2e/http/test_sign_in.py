"""People sign in with a password: what a session is worth, how it ends, and how guessing ends."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.e2e.http.browser import OWN, Browser, Place, first_password, move, signed_in
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town

GUESSES = 5


def names(place: Place, account: str) -> list[str]:
    """The account's events, as the live stream gives them."""
    from tests.e2e.http.listening import Listener

    with Listener(place.town.root, last=0) as listener:
        events = listener.up_to(place.town.root.head())
    return [event.name for event in events if event.data["id"] == account]


def test_a_first_password_opens_nothing_but_its_own_change(place: Place) -> None:
    account = place.town.accounts["operator"].name
    first = first_password(place.town, account)
    browser = Browser(place.town.root)
    answer = browser.sign_in(account, first)
    assert answer.status == 200
    assert answer.json["must_change_password"] is True
    assert answer.json["role"] == "operator"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("dispatch_session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    # At a desk the next may be somebody else; a phone's system closes the browser at any time.
    assert "Max-Age" not in cookie
    worker = place.town.accounts["worker"].name
    entered = Browser(place.town.root).sign_in(worker, first_password(place.town, worker))
    assert "Max-Age=43200" in entered.headers["Set-Cookie"].split("; ")
    assert browser.send("GET", "/tasks").code == "password-must-be-changed"
    for method, path, body in (
        ("POST", "/session/second-factor", {"password": first}),
        ("PUT", "/session/second-factor", {"code": "123456"}),
        ("POST", "/session/second-factor/remove", {"password": first}),
    ):
        assert browser.send(method, path, body).code == "password-must-be-changed", path
    weak_ones = ("short", "aaaaaaaaaaaaaaaa", f"my {account} secret", "password1234", "woaini1314520", first)
    for weak in weak_ones:
        code = browser.send("PUT", "/session/password", {"old": first, "new": weak}).code
        assert code == "password-unacceptable", weak
    assert browser.send("PUT", "/session/password", {"old": "x", "new": OWN}).code == "password-wrong"
    assert browser.send("PUT", "/session/password", {"old": first, "new": OWN}).status == 200
    assert browser.send("GET", "/me").json["must_change_password"] is False
    assert browser.send("GET", "/tasks").status == 200
    other = Browser(place.town.root)
    assert other.sign_in(account, first).code == "sign-in-refused"
    assert other.sign_in(account, OWN).status == 200
    kept = [path for path in place.running.log.parent.rglob("*") if path.is_file()]
    for file in kept:
        with suppress(FileNotFoundError):  # SQLite's journals are gone with their transactions
            held = file.read_bytes()
            assert first.encode() not in held
            assert OWN.encode() not in held


def test_what_comes_by_cookie_and_changes_something_comes_from_the_own_pages(place: Place) -> None:
    browser = signed_in(place)
    body = {"grids": place.town.grids[:1], "title": "巡查", "category": "patrol"}
    assert browser.send("POST", "/tasks", body).status == 201
    host = place.town.root.address.partition("//")[2]
    refused: tuple[Mapping[str, str], ...] = (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    )
    browser.site = None
    head = place.town.root.head()
    for headers in refused:
        assert browser.send("POST", "/tasks", body, **headers).code == "cross-site-request", headers
    assert place.town.root.head() == head
    assert browser.send("POST", "/tasks", body, Origin=f"http://{host}").status == 201
    assert browser.send("GET", "/tasks").status == 200
    task = place.town.issue()
    assert browser.send("POST", f"/tasks/{task}/cancel", {"reason": "x"}).code == "cross-site-request"


def test_a_session_ends_when_its_person_signs_out_or_it_is_revoked(place: Place) -> None:
    browser = signed_in(place)
    old = browser.cookie
    assert browser.send("DELETE", "/session").status == 200
    browser.cookie = old
    assert browser.send("GET", "/me").code == "unauthenticated"
    account = place.town.accounts["operator"].name
    assert browser.sign_in(account, OWN).status == 200
    first_password(place.town, account)
    assert browser.send("GET", "/me").code == "unauthenticated"
    again = signed_in(place, "supervisor")
    revoked = f"/api/v1/accounts/{place.town.accounts['supervisor'].name}/revoke"
    assert place.town.root.post(revoked, {"reason": "离职"}).status == 200
    assert again.send("GET", "/me").code == "unauthenticated"
    assert again.sign_in(place.town.accounts["supervisor"].name, OWN).code == "sign-in-refused"
    assert names(place, account)[-1] == "account.password_set"


def test_signing_in_again_ends_the_session_that_the_browser_had(place: Place) -> None:
    browser = signed_in(place)
    before = browser.cookie
    assert browser.sign_in(place.town.accounts["operator"].name, OWN).status == 200
    assert len(browser.send("GET", "/sessions").json["items"]) == 1
    last, browser.cookie = browser.cookie, before
    assert browser.send("GET", "/me").code == "unauthenticated"
    # Whose it is doesn't matter, nor that a cookie is worth nothing any more.
    first = first_password(place.town, place.town.accounts["supervisor"].name)
    browser.cookie = last
    assert browser.sign_in(place.town.accounts["supervisor"].name, first).status == 200
    browser.cookie = last
    assert browser.send("GET", "/me").code == "unauthenticated"
    assert browser.sign_in(place.town.accounts["operator"].name, OWN).status == 200


def test_whoever_has_left_the_staff_gets_in_with_none_of_his_accounts(place: Place) -> None:
    town = place.town
    town.add("leader", "supervisor", member="wang")
    browser = signed_in(place, "leader")
    task = town.issue(assignee="wang")
    members = f"/api/v1/towns/{town.code}/members"
    assert town.root.post(f"{members}/wang/leave", {"reason": "调离"}).status == 200
    assert browser.send("GET", "/figures").code == "unauthenticated"
    assert browser.sign_in(town.accounts["leader"].name, OWN).code == "sign-in-refused"
    for who in ("leader", "worker"):
        assert town.by(who).get("/api/v1/me").code == "unauthenticated"
    assert town.by("worker").post(f"/api/v1/tasks/{task}/accept").status == 401
    # Nobody else is taken for him, and he may come back.
    assert town.by("zhao").get("/api/v1/me").status == 200
    back = {"members": [{"member": "wang", "name": "王芳"}]}
    assert town.root.post(members, back).status == 201
    assert town.by("leader").get("/api/v1/me").status == 200
    assert browser.sign_in(town.accounts["leader"].name, OWN).status == 200


def test_what_a_page_asks_by_itself_keeps_no_session_alive(place: Place) -> None:
    browser = signed_in(place)
    for minutes, status in ((10, 200), (19, 200), (2, 401)):
        move(place, minutes=minutes)
        assert browser.send("GET", "/me", Dispatch_Unattended="1").status == status
    assert browser.send("GET", "/me").code == "unauthenticated"


def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_its_time(place: Place) -> None:
    browser = signed_in(place)
    for _ in range(23):
        move(place, minutes=29)
        assert browser.send("GET", "/me").status == 200
    move(place, minutes=31)
    assert browser.send("GET", "/me").code == "unauthenticated"
    account = place.town.accounts["operator"].name
    assert names(place, account)[-1] == "account.signed_out"
    assert browser.sign_in(account, OWN).status == 200
    for _ in range(24):
        move(place, minutes=29)
        assert browser.send("GET", "/me").status == 200
    move(place, minutes=29)
    assert browser.send("GET", "/me").code == "unauthenticated"


def test_how_long_a_session_may_lie_unused_goes_by_the_role(place: Place) -> None:
    operator, worker = signed_in(place), signed_in(place, "worker")
    move(place, minutes=31)
    assert operator.send("GET", "/me").code == "unauthenticated"
    assert worker.send("GET", "/me").status == 200
    move(place, hours=11)
    assert worker.send("GET", "/me").status == 200


def test_guessing_locks_an_account_for_a_while_and_is_on_record(place: Place) -> None:
    signed_in(place)
    account = place.town.accounts["operator"].name
    guesser = Browser(place.town.root)
    codes = [guesser.sign_in(account, f"guess number {n}").code for n in range(GUESSES + 2)]
    assert codes == ["sign-in-refused"] * GUESSES + ["too-many-guesses"] * 2
    locked = guesser.sign_in(account, OWN)
    assert (locked.status, locked.code) == (429, "too-many-guesses")
    assert 1 < int(locked.headers["Retry-After"]) <= 901
    assert names(place, account)[-GUESSES:] == ["account.sign_in_failed"] * GUESSES
    move(place, days=1)  # the service's clock stands still between two moves, so no lock goes by it
    assert guesser.sign_in(account, OWN).code == "too-many-guesses"
    assert guesser.sign_in(account, first_password(place.town, account)).status == 200
    nobody = [guesser.sign_in("nobody", "guess number 1").code for _ in range(GUESSES + 1)]
    assert nobody == ["sign-in-refused"] * GUESSES + ["too-many-guesses"]


def test_who_guesses_elsewhere_keeps_nobody_out_of_his_own_browser(place: Place) -> None:
    own, account = signed_in(place), place.town.accounts["operator"].name
    stranger = Browser(place.town.root)
    while stranger.sign_in(account, "a guess").code != "too-many-guesses":
        pass
    assert own.sign_in(account, OWN).status == 200
    # The stranger's lock stays, and a cookie of his own making, or another account's, opens nothing.
    for known in (None, "dispatch_browser=" + "a" * 43, signed_in(place, "supervisor").known):
        stranger.known = known
        assert stranger.sign_in(account, OWN).code == "too-many-guesses"
    # In the known browser guesses end as well, and it stops no other known one.
    other = Browser(place.town.root)
    other.known = own.known
    codes = [other.sign_in(account, f"guess number {n}").code for n in range(GUESSES + 1)]
    assert codes == ["sign-in-refused"] * GUESSES + ["too-many-guesses"]
    # A new first password unlocks the account, and whoever had the old one is a stranger.
    first = first_password(place.town, account)
    codes = [other.sign_in(account, f"guess number {n}").code for n in range(GUESSES + 1)]
    assert codes == ["sign-in-refused"] * GUESSES + ["too-many-guesses"]
    assert stranger.sign_in(account, first).code == "too-many-guesses"


def test_four_processes_together_try_no_guess_beyond_the_limit(postgres_url: str, tmp_path: Path) -> None:
    root = first_administrator(postgres_url)
    with Running(postgres_url, tmp_path, clock="simulated", workers="4") as running:
        town = Town(running.client.bearing(root))
        account = town.add("desk", "operator").name
        first_password(town, account)
        tried = 60
        with ThreadPoolExecutor(12) as crowd:
            answers = list(
                crowd.map(
                    lambda n: Browser(town.root).sign_in(account, f"guess number {n}").code, range(tried)
                )
            )
    looked_at = answers.count("sign-in-refused")
    print(f"guesses sent to 4 processes: {tried}, looked at: {looked_at}, limit: {GUESSES}")  # noqa: T201 - the figure
    assert looked_at == GUESSES
    assert answers.count("too-many-guesses") == tried - GUESSES
