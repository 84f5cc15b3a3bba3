"""People sign in at a provider, which runs here: what it proves, what is refused, and whose account it is."""

import json
import os
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import time
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.e2e.http.browser import Browser, first_password
from tests.e2e.http.client import Answer
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.oidc_provider import CLIENT, SECRET, Person, Provider, running_provider

HERE = "/session/oidc"


class Scene(NamedTuple):
    """A running service with a town, and the provider that it knows."""

    town: Town
    provider: Provider
    running: Running

    def account(self, role: str = "operator") -> str:
        return self.town.accounts[role].name

    def person(self, role: str = "operator", *, sub: str = "person-1", **claims: Any) -> None:
        """Say who signs in at the provider next."""
        self.provider.person = Person(sub, {"preferred_username": self.account(role), **claims})


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("oidc")
    secret = directory / "client-secret"
    secret.write_text(f"{SECRET}\n")
    database = f"sqlite:///{directory / 'dispatch.db'}"
    root = first_administrator(database)
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # of the provider, which has no TLS here
    with running_provider() as provider:
        settings = {
            "oidc_issuer": provider.address,
            "oidc_client_id": CLIENT,
            "oidc_name": "统一认证",
            "oidc_client_secret_file": str(secret),
            "second_factor_roles": "auditor",
        }
        with Running(database, directory, clock="simulated", wait_limit="5", **settings) as running:
            provider.client.callback = f"{running.address}/api/v1{HERE}/callback"
            yield Scene(Town(running.client.bearing(root)).found(), provider, running)
    del os.environ["AUTHLIB_INSECURE_TRANSPORT"]


@pytest.fixture(autouse=True)
def honest(scene: Scene) -> Iterator[None]:
    """Each test begins with a provider that tells the truth, and an account that nobody has signed in to."""
    scene.person()
    yield
    scene.provider.lie = scene.provider.forge = None
    scene.provider.document = {}
    for role in ("operator", "auditor", "supervisor"):
        path = f"/api/v1/accounts/{scene.account(role)}/identity/unlink"
        assert scene.town.root.post(path).status == 200


class Traveller(Browser):
    """A browser that goes to the provider and comes back; it keeps the cookie of the journey."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.town.root, site=None)
        self.journey: str | None = None

    def leave(self, to: str = "/ui/board") -> str:
        """Ask to sign in and return the address at the provider that the browser is sent to."""
        answer = self.send("GET", f"{HERE}?to={to}")
        assert answer.status == 303, answer
        cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/api/v1/session/oidc"} <= set(cookie.split("; "))
        self.journey, self.cookie = cookie.partition(";")[0], None
        location: str = answer.headers["Location"]
        return location

    def at_provider(self, address: str) -> dict[str, str]:
        """Sign in there and return what the browser is to bring back."""
        parts = urlsplit(address)
        assert parts.hostname is not None
        connection = HTTPConnection(parts.hostname, parts.port, timeout=30)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            response = connection.getresponse()
            assert response.status == 302, response.read()
            back = urlsplit(response.headers["Location"])
        finally:
            connection.close()
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def come_back(self, answer: dict[str, str], **more: str) -> Answer:
        """Bring the provider's answer, with the cookie of the journey."""
        query = "&".join(f"{name}={value}" for name, value in answer.items())
        headers = more if self.journey is None else {"Cookie": self.journey, **more}
        came = self.client.send("GET", f"/api/v1{HERE}/callback?{query}", headers=headers)
        for cookie in came.headers.get_all("Set-Cookie") or ():
            if cookie.startswith("dispatch_session="):
                self.cookie, self.site = cookie.partition(";")[0], "same-origin"
        return came

    def sign_in_there(self) -> Answer:
        return self.come_back(self.at_provider(self.leave()))


def why(answer: Answer) -> str:
    assert (answer.status, answer.code) == (401, "provider-answer-refused"), answer
    assert answer.headers["Set-Cookie"] is None
    reason: str = answer.json["details"]["why"]
    return reason


def test_who_signs_in_at_the_provider_gets_a_session_of_the_account_that_it_names(scene: Scene) -> None:
    traveller = Traveller(scene)
    asked = parse_qs(urlsplit(traveller.leave()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [scene.provider.client.callback]
    assert all(len(asked[name][0]) == 43 for name in ("state", "nonce", "code_challenge"))
    came = traveller.sign_in_there()
    assert (came.status, came.headers["Location"]) == (303, "/ui/board"), came
    session = next(c for c in came.headers.get_all("Set-Cookie") or () if c.startswith("dispatch_session"))
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(session.split("; "))
    me = traveller.send("GET", "/me").json
    assert (me["account"], me["role"]) == (scene.account(), "operator")
    assert traveller.send("GET", "/sessions").json["items"][0]["method"] == "oidc"
    assert traveller.send("DELETE", "/session").status == 200
    # The key that it signs with is asked for anew, so it may change at any time.
    scene.provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    assert traveller.sign_in_there().status == 303


def test_a_sign_in_at_the_provider_ends_the_session_that_the_browser_had(scene: Scene) -> None:
    traveller = Traveller(scene)
    assert traveller.sign_in_there().status == 303
    first, site = traveller.cookie, traveller.site
    # Who turns back on the way keeps it. A browser brings no strict cookie when it comes from another site.
    answer = traveller.at_provider(traveller.leave())
    assert answer["code"]
    traveller.cookie, traveller.site = first, site
    assert traveller.send("GET", "/me").status == 200
    assert traveller.sign_in_there().status == 303
    second = traveller.cookie
    assert second != first
    assert traveller.send("GET", "/me").status == 200
    traveller.cookie = first
    assert traveller.send("GET", "/me").status == 401
    # Where it has ended meanwhile nobody is kept out.
    traveller.cookie = second
    answer = traveller.at_provider(traveller.leave())
    traveller.cookie, traveller.site = second, "same-origin"
    assert traveller.send("DELETE", "/session").status == 200
    assert traveller.come_back(answer).status == 303
    assert traveller.send("GET", "/me").status == 200


def set_to(**claims: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.update(claims)


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.pop(name)


@pytest.mark.parametrize(
    ("lie", "wrong"),
    [
        (set_to(nonce="another sign-in's"), "nonce"),
        (without("nonce"), "nonce"),
        (set_to(iss="https://elsewhere.example"), "iss"),
        (without("iss"), "iss"),
        (set_to(aud="another service"), "aud"),
        (set_to(aud=[CLIENT, "another service"]), "azp"),
        (set_to(aud=[CLIENT, "another service"], azp="another service"), "azp"),
        (set_to(azp="another service"), "azp"),
        (without("aud"), "aud"),
        (lambda told: told.update(exp=int(time()) - 61), "exp"),
        (without("exp"), "exp"),
        (lambda told: told.update(iat=int(time()) + 600), "iat"),
        (without("iat"), "iat"),
        (lambda told: told.update(nbf=int(time()) + 600), "nbf"),
        (without("sub"), "sub"),
        (without("preferred_username"), "preferred_username"),
        (set_to(preferred_username=["operator"]), "preferred_username"),
        (set_to(preferred_username="operator\0"), "preferred_username"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_that_means_something_else_signs_nobody_in(
    scene: Scene, lie: Callable[[dict[str, Any]], None], wrong: str
) -> None:
    scene.provider.lie = lie
    head = scene.town.root.head()
    assert why(Traveller(scene).sign_in_there()) == wrong
    assert scene.town.root.head() == head


def by_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048, {"kid": "first"}))


def by_no_key(claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims))
    return ".".join((*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""))


def by_the_shared_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def changed_afterwards(claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048, {"kid": "first"})
    header, _, signature = jwt.encode({"alg": "RS256", "kid": "first"}, claims, key).split(".")
    _, payload, _ = jwt.encode({"alg": "RS256"}, {**claims, "sub": "root"}, key).split(".")
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize(
    "forge", [by_another_key, by_no_key, by_the_shared_secret, changed_afterwards, lambda _: "x.y.z"]
)
def test_a_token_that_the_provider_has_not_signed_signs_nobody_in(
    scene: Scene, forge: Callable[[dict[str, Any]], str]
) -> None:
    scene.provider.forge = forge
    assert why(Traveller(scene).sign_in_there()) == "signature"


def test_an_answer_is_taken_once_in_the_browser_that_left_for_it(scene: Scene) -> None:
    traveller, other = Traveller(scene), Traveller(scene)
    answer = traveller.at_provider(traveller.leave())
    other.leave()
    assert why(other.come_back(answer)) == "state"
    other.journey = None
    assert why(other.come_back(answer)) == "state"
    assert why(traveller.come_back({**answer, "state": "x" * 43})) == "state"
    assert why(traveller.come_back({"code": answer["code"]})) == "state"
    assert traveller.come_back(answer).status == 303
    assert why(traveller.come_back(answer)) == "state"


def test_nobody_arrives_where_it_was_changed_meanwhile_who_is_on_the_way(scene: Scene) -> None:
    traveller = Traveller(scene)
    answer = traveller.at_provider(traveller.leave())
    path = scene.running.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"{path}.sign-in")) as connection, connection:
        elsewhere = "replace(landing, '/ui/board', 'https://elsewhere.example')"
        assert connection.execute(f"UPDATE journeys SET landing = {elsewhere}").rowcount > 0
    refused = traveller.come_back(answer, Accept="text/html")
    assert refused.headers["Location"] == "/ui/console?refused=provider-answer-refused"
    assert traveller.cookie is None


def test_a_code_is_of_the_sign_in_that_asked_for_it(scene: Scene) -> None:
    """A code that was stolen is worth nothing: PKCE ties it to the secret that stayed here."""
    traveller, thief = Traveller(scene), Traveller(scene)
    stolen = traveller.at_provider(traveller.leave())
    own = thief.at_provider(thief.leave())
    assert why(thief.come_back({**own, "code": stolen["code"]})) == "code"
    assert why(traveller.come_back({**stolen, "code": "made-up"})) == "code"
    denied = Traveller(scene)
    state = parse_qs(urlsplit(denied.leave()).query)["state"][0]
    assert why(denied.come_back({"state": state, "error": "access_denied"})) == "denied"


def test_the_answer_is_from_the_issuer_that_was_asked(scene: Scene) -> None:
    scene.provider.document = {"authorization_response_iss_parameter_supported": True}
    traveller = Traveller(scene)
    assert why(traveller.sign_in_there()) == "issuer"
    answer = traveller.at_provider(traveller.leave())
    assert why(traveller.come_back({**answer, "iss": "https://elsewhere.example"})) == "issuer"
    answer = traveller.at_provider(traveller.leave())
    assert traveller.come_back({**answer, "iss": scene.provider.address}).status == 303
    scene.provider.document = {"issuer": "https://elsewhere.example"}
    away = Traveller(scene).send("GET", HERE)
    assert (away.status, away.code) == (503, "provider-away")


def test_no_account_is_made_and_none_changes_hands(scene: Scene) -> None:
    traveller = Traveller(scene)
    scene.provider.person = Person("person-1", {"preferred_username": "stranger"})
    assert traveller.sign_in_there().code == "sign-in-refused"
    scene.person("operator", sub="person-1")
    assert traveller.sign_in_there().status == 303
    scene.person("operator", sub="person-2")
    refused = Traveller(scene).sign_in_there()
    assert (refused.status, refused.code) == (403, "identity-differs")
    path = f"/api/v1/accounts/{scene.account()}/identity/unlink"
    assert scene.town.by("operator").post(path).code == "role-not-allowed"
    assert scene.town.by("administrator").post(path).status == 200
    assert traveller.send("GET", "/me").code == "unauthenticated"
    assert Traveller(scene).sign_in_there().status == 303
    with Listener(scene.town.root, last=0) as listener:
        events = listener.up_to(scene.town.root.head())
    linked = [event for event in events if event.name == "account.identity_linked"]
    assert "person-1" not in str(linked)
    account = scene.town.add("leaving", "operator")
    scene.provider.person = Person("person-3", {"preferred_username": account.name})
    assert scene.town.root.post(f"/api/v1/accounts/{account.name}/revoke", {"reason": "离职"}).status == 200
    assert Traveller(scene).sign_in_there().code == "sign-in-refused"


def test_a_role_that_needs_a_second_factor_gets_in_by_the_providers(scene: Scene) -> None:
    scene.person("auditor", sub="person-4", amr=["pwd"])
    assert Traveller(scene).sign_in_there().code == "provider-factor-needed"
    scene.person("auditor", sub="person-4", amr=["pwd", "otp"])
    traveller = Traveller(scene)
    assert traveller.sign_in_there().status == 303
    assert traveller.send("GET", "/audit/events?limit=1").status == 200
    me = traveller.send("GET", "/me").json
    assert (me["second_factor"], me["must_set_second_factor"]) == (False, False)
    # A password of ours that has yet to be changed is none of the provider's business.
    first_password(scene.town, scene.account("supervisor"))
    scene.person("supervisor", sub="person-5")
    assert traveller.sign_in_there().status == 303
    assert traveller.send("GET", "/tasks").status == 200
    assert traveller.send("GET", "/me").json["must_change_password"] is False


@pytest.mark.parametrize(
    "to",
    [
        *("https://elsewhere.example", "//elsewhere.example", "/ui/../api", "/api/v1/tasks", ""),
        *("/ui//elsewhere.example", "/ui\\elsewhere.example", "/ui@elsewhere.example", "?/ui/board"),
        *("/ui/board?a=%0d%0aSet-Cookie:%20a=b", "/ui/board?a=\\b", "/ui/board?a=%23b", "/ui/board?%22"),
        f"/ui/board?{'a' * 2001}",
    ],
)
def test_a_browser_ends_at_an_own_page_only(scene: Scene, to: str) -> None:
    asked = f"{HERE}?to={to}"
    assert Traveller(scene).send("GET", asked).code == "request-malformed"


def test_a_browser_ends_at_the_page_with_all_that_stood_in_its_address(scene: Scene) -> None:
    page = {"Accept": "text/html"}
    to = "/ui/console?status=issued&status=accepted&text=%E6%B1%9B%E6%9C%9F"
    traveller = Traveller(scene)
    came = traveller.come_back(traveller.at_provider(traveller.leave(quote(to))))
    assert (came.status, came.headers["Location"]) == (303, to), came
    answer = traveller.at_provider(traveller.leave(quote(to)))
    refused = traveller.come_back({**answer, "code": "made-up"}, **page)
    assert refused.headers["Location"] == f"{to}&refused=provider-answer-refused"


def test_what_a_provider_adds_to_its_answer_is_left_alone(scene: Scene) -> None:
    traveller = Traveller(scene)
    answer = traveller.at_provider(traveller.leave())
    came = traveller.come_back({**answer, "session_state": "x.y", "scope": "openid"})
    assert (came.status, came.headers["Location"]) == (303, "/ui/board"), came


def test_who_is_refused_in_a_browser_is_told_on_the_page_where_one_signs_in(scene: Scene) -> None:
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    traveller = Traveller(scene)
    answer = traveller.at_provider(traveller.leave())
    refused = traveller.come_back({**answer, "code": "made-up"}, **page)
    assert (refused.status, refused.headers["Location"]) == (303, "/ui/board?refused=provider-answer-refused")
    [cookie] = refused.headers.get_all("Set-Cookie", [])
    assert cookie.startswith('dispatch_oidc="";')
    again = traveller.come_back(answer, **page)
    assert again.headers["Location"] == "/ui/console?refused=provider-answer-refused"
    scene.provider.person = Person("person-1", {"preferred_username": "stranger"})
    answer = traveller.at_provider(traveller.leave("/m/tasks"))
    assert traveller.come_back(answer, **page).headers["Location"] == "/m/tasks?refused=sign-in-refused"
    scene.provider.document = {"issuer": "https://elsewhere.example"}
    away = Traveller(scene).send("GET", f"{HERE}?to=/ui/board", **page)
    assert (away.status, away.headers["Location"]) == (303, "/ui/board?refused=provider-away")


def test_the_page_is_told_what_the_provider_is_called_and_nothing_else(scene: Scene) -> None:
    anybody = scene.town.root.bearing(None)
    answer = anybody.get(f"/api/v1{HERE}/provider")
    assert (answer.status, answer.json) == (200, {"provider": "统一认证"})
    for secret in (SECRET, CLIENT, scene.provider.address):
        assert secret not in answer.content.decode()


def test_without_a_provider_there_is_nothing_to_leave_for(sqlite_url: str, tmp_path: Path) -> None:
    with Running(sqlite_url, tmp_path) as running:
        assert running.client.get(f"/api/v1{HERE}/provider").json == {"provider": None}
        answer = running.client.get(f"/api/v1{HERE}")
        assert (answer.status, answer.code) == (404, "no-provider")
        answer = running.client.get(f"/api/v1{HERE}/callback?state=x&code=y")
        assert (answer.status, answer.code) == (401, "provider-answer-refused")


def test_a_provider_is_told_the_public_address_whatever_host_a_request_names(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    (tmp_path / "secret").write_text(SECRET)
    with running_provider() as provider:
        settings = {
            "oidc_issuer": provider.address,
            "oidc_client_id": CLIENT,
            "oidc_client_secret_file": str(tmp_path / "secret"),
            "public_url": "https://town.example/",
        }
        with Running(database, tmp_path, **settings) as running:
            sent = running.client.get(f"/api/v1{HERE}", Host="evil.example")
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"https://town.example/api/v1{HERE}/callback"]
