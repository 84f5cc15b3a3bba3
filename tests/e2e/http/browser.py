"""Browsers of people who sign in with a password, at a service of the test's own."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tests.e2e.http.client import Answer, Client
from tests.e2e.http.running import Running
from tests.e2e.http.town import Town

OWN = "correct horse battery staple"


class Place(NamedTuple):
    """A running service whose clock this test moves, with a town in it."""

    town: Town
    running: Running


class Browser:
    """Holds the cookie of its session, and by which it is known, and says where its requests come from."""

    def __init__(self, client: Client, site: str | None = "same-origin") -> None:
        self.client = client.bearing(None)
        self.cookie: str | None = None
        self.known: str | None = None
        self.site = site

    def send(self, method: str, path: str, body: object = None, **more: str) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        cookies = [one for one in (self.cookie, self.known) if one is not None]
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        if self.site is not None:
            headers["Sec-Fetch-Site"] = self.site
        answer = self.client.send(method, f"/api/v1{path}", body, headers=headers)
        for given in answer.headers.get_all("Set-Cookie") or ():
            cookie = given.partition(";")[0]
            if cookie.startswith("dispatch_browser="):
                self.known = cookie
            else:
                self.cookie = cookie
        return answer

    def sign_in(self, account: str, password: str, **more: str) -> Answer:
        return self.send("POST", "/session", {"account": account, "password": password, **more})


def move(place: Place, **time: float) -> None:
    """Set the service's clock forward."""
    now = datetime.fromisoformat(place.town.read("administrator", "/clock")["now"])
    later = {"now": (now + timedelta(**time)).isoformat()}
    assert place.town.root.send("PUT", "/api/v1/clock", later).status == 200


def first_password(town: Town, account: str) -> str:
    made = town.root.post(f"/api/v1/accounts/{account}/password")
    assert made.status == 201, made
    assert made.headers["Cache-Control"] == "no-store"
    password: str = made.json["password"]
    return password


def signed_in(place: Place, role: str = "operator") -> Browser:
    """A browser whose person has changed the first password."""
    account = place.town.accounts[role].name
    first = first_password(place.town, account)
    browser = Browser(place.town.root)
    assert browser.sign_in(account, first).status == 200
    assert browser.send("PUT", "/session/password", {"old": first, "new": OWN}).status == 200
    return browser
