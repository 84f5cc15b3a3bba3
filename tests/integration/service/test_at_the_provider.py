"""A sign-in at the provider is of one journey and of one issuer, and nothing is followed elsewhere."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from dispatch.eventlog import micros
from dispatch.service.clock import system_clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in.oidc import Arrival, Oidc, ProviderAnswerRefused, ProviderAway
from dispatch.service.sign_in.store import SecretStore
from tests.oidc_provider import CLIENT, SECRET, Person, Provider, running_provider
from tests.vaults import VAULT

CALLBACK = "https://town.example/back"
PAGE = "/ui/board"


class Desk:
    """Where one sets out for a provider, with a clock that a test puts forward."""

    def __init__(self, directory: Path, provider: Provider) -> None:
        settings = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_issuer": provider.address}
        self.store = SecretStore(f"sqlite:///{directory}/log.db")
        self.oidc = Oidc(self.store, Settings.model_validate(settings), self.now, VAULT)
        self.later = timedelta()

    def now(self) -> datetime:
        return system_clock() + self.later

    def close(self) -> None:
        self.oidc.close()
        self.store.close()

    def gone(self) -> tuple[str, dict[str, str]]:
        """Leave, sign in there, and return the cookie's secret and what the browser is to bring back."""
        there = asyncio.run(self.oidc.depart(CALLBACK, PAGE))
        address = urlsplit(there.url)
        assert address.hostname is not None
        with closing(HTTPConnection(address.hostname, address.port, timeout=30)) as connection:
            connection.request("GET", f"{address.path}?{address.query}")
            location = connection.getresponse().headers["Location"]
        return there.browser, dict(parse_qsl(urlsplit(location).query))

    def arrived(self, browser: str, answer: dict[str, str]) -> Arrival:
        return asyncio.run(self.oidc.arrive(CALLBACK, browser, answer))

    def landing(self, browser: str, answer: dict[str, str]) -> str | None:
        return asyncio.run(self.oidc.landing(browser, answer))

    def on_the_way(self) -> int:
        """How many sign-ins are kept, in time or not."""
        return len(self.store.journeys(0))


@contextmanager
def signing_in(directory: Path) -> Iterator[tuple[Desk, Provider]]:
    directory.mkdir(exist_ok=True)
    with running_provider() as provider:
        provider.client.callback = CALLBACK
        provider.person = Person("person-1", {"preferred_username": "zhou"})
        with closing(Desk(directory, provider)) as desk:
            yield desk, provider


@pytest.fixture(autouse=True)
def _without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # of the provider, which has no TLS here


@pytest.fixture
def at(tmp_path: Path) -> Iterator[tuple[Desk, Provider]]:
    with signing_in(tmp_path) as found:
        yield found


def test_a_browser_may_stay_at_the_provider_for_ten_minutes_and_no_longer(at: tuple[Desk, Provider]) -> None:
    desk, provider = at
    provider.lie = lambda told: told.update(exp=told["exp"] + 3_600)
    journey, late = desk.gone(), desk.gone()
    desk.later = timedelta(minutes=9)
    assert desk.landing(*late) == PAGE
    assert desk.arrived(*journey).account == "zhou"
    desk.later = timedelta(minutes=10)
    assert desk.landing(*late) is None
    with pytest.raises(ProviderAnswerRefused) as refused:
        desk.arrived(*late)
    assert refused.value.details == {"why": "state"}


def test_who_never_came_back_is_forgotten_when_the_next_one_leaves(at: tuple[Desk, Provider]) -> None:
    desk, _ = at
    desk.gone()
    desk.later = timedelta(minutes=9)
    desk.gone()
    assert desk.on_the_way() == 2
    desk.later = timedelta(minutes=10)
    browser, answer = desk.gone()
    assert desk.on_the_way() == 2
    assert len(desk.store.journeys(micros(desk.now()))) == 2
    assert desk.landing(browser, answer) == PAGE


def test_who_somebody_is_there_is_of_his_issuer(tmp_path: Path) -> None:
    identities = set()
    for name in ("one", "other"):
        with signing_in(tmp_path / name) as (desk, provider):
            found = {desk.arrived(*desk.gone()).identity for _ in range(2)}
            # It is kept in the log: whoever is known by it would otherwise be nobody.
            assert found == {sha256(f"{provider.address}\0person-1".encode()).hexdigest()}
            identities |= found
    assert len(identities) == 2


def test_a_provider_signs_with_a_key_that_only_it_has(at: tuple[Desk, Provider]) -> None:
    desk, provider = at
    provider.forge = lambda claims: jwt.encode(
        {"alg": "PS256", "kid": "first"}, claims, provider.key, algorithms=["PS256"]
    )
    assert desk.arrived(*desk.gone()).account == "zhou"
    # A key that it publishes is known to everybody: whoever shares it can say who he is.
    shared = OctKey.import_key({"kty": "oct", "kid": "shared", "k": "c2hhcmVkIHdpdGggZXZlcnlib2R5"})
    provider.published.append(shared.as_dict(private=True))
    provider.forge = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, shared)
    with pytest.raises(ProviderAnswerRefused) as refused:
        desk.arrived(*desk.gone())
    assert refused.value.details == {"why": "signature"}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_a_provider_that_sends_the_service_elsewhere_is_not_followed(
    at: tuple[Desk, Provider], path: str
) -> None:
    desk, provider = at
    journey = desk.gone()
    provider.moved = path
    with pytest.raises(ProviderAway):
        desk.arrived(*journey)
    provider.moved = ""
    assert desk.arrived(*desk.gone()).account == "zhou"
