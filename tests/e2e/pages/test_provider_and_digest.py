"""People sign in at a provider from the page, and auditors find the digest of the day before in an inbox."""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dispatch.eventlog.checkpoints.note import parse
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PHONE, SMALL, Desk, chromium, require_accessible, shoot
from tests.oidc_provider import CLIENT, SECRET, Person, Provider, running_provider

WORDS: Final = {
    "zh-CN": {
        "there": "用“统一认证”登录",
        "again": "登录已过期",
        "denied": "认证平台确认了您的身份",
        "inbox": "消息",
        "digest": "每日摘要",
    },
    "en": {
        "there": "Sign in with 统一认证",
        "again": "Your session has ended",
        "denied": "The provider knows you",
        "inbox": "Inbox",
        "digest": "Daily digest",
    },
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # of the provider, which has no TLS here
    with running_provider() as found:
        yield found
    del os.environ["AUTHLIB_INSECURE_TRANSPORT"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Town]:
    directory = tmp_path_factory.mktemp("provider")
    secret = directory / "client-secret"
    secret.write_text(f"{SECRET}\n")
    database = f"sqlite:///{directory / 'dispatch.db'}"
    root = first_administrator(database)
    settings = {
        "oidc_issuer": provider.address,
        "oidc_name": "统一认证",
        "oidc_client_id": CLIENT,
        "oidc_client_secret_file": str(secret),
        "daily_digest": "true",
    }
    with Running(database, directory, clock="simulated", **settings) as running:
        provider.client.callback = f"{running.address}/api/v1/session/oidc/callback"
        yield Town(running.client.bearing(root))


@pytest.fixture(scope="module")
def browser(service: Town) -> Iterator[Browser]:
    assert service.root.address
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def desk(browser: Browser, service: Town) -> Iterator[Desk]:
    opened = Desk(browser, Town(service.root).found())
    yield opened
    opened.close()
    opened.require_clean()


@pytest.mark.parametrize("lang", WORDS)
def test_the_page_offers_the_provider_and_who_comes_back_is_signed_in(
    desk: Desk, provider: Provider, lang: str
) -> None:
    words = WORDS[lang]
    desk.expect_wrong(r"/api/v1/me", "asked another host: " + re.escape(provider.address))
    provider.person = Person(f"stranger-{lang}", {"preferred_username": "stranger"})
    page = desk.visit("/ui/audit/proofs?position=1", lang=lang, dark=lang == "en", size=SMALL)
    there = page.get_by_role("link", name=words["there"])
    expect(there).to_be_visible()
    require_accessible(page)
    shoot(page, f"sign-in-provider-{lang}", (SMALL, PHONE))
    box = there.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    there.click()
    expect(page.get_by_role("alert").filter(has_text=words["denied"])).to_be_visible()
    provider.person = Person(
        f"auditor-{desk.town.code}", {"preferred_username": desk.town.accounts["auditor"].name}
    )
    there.click()
    page.wait_for_url("**/ui/audit/proofs?position=1*")
    expect(page.get_by_role("link", name=words["inbox"])).to_be_visible()
    expect(there).to_have_count(0)


@pytest.mark.parametrize("lang", WORDS)
def test_a_session_that_ended_is_renewed_at_the_provider_beside_the_page(
    desk: Desk, provider: Provider, lang: str
) -> None:
    words = WORDS[lang]
    desk.expect_wrong(r"401", "asked another host: " + re.escape(provider.address))
    account = desk.town.accounts["supervisor"].name
    provider.person = Person(f"supervisor-{desk.town.code}", {"preferred_username": account})
    page = desk.visit("/ui/board?figure=closure_rate", "supervisor", lang=lang, dark=lang == "en", size=SMALL)
    expect(page.locator(".board-sign")).to_be_visible()
    desk.end_sessions()
    dialog = page.get_by_role("dialog", name=words["again"])
    expect(dialog).to_be_visible()
    with page.expect_popup() as opening:
        dialog.get_by_role("link", name=words["there"]).click()
    other = opening.value
    desk.watch(other)
    other.wait_for_url("**/ui/**")
    expect(other.locator(".board-sign")).to_be_visible()
    other.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile("figure=closure_rate"))


def told(desk: Desk) -> Any:
    deadline = monotonic() + 60
    while not (
        found := [
            one for one in desk.town.read("auditor", "/inbox")["items"] if one["name"] == "digest.issued"
        ]
    ):
        assert monotonic() < deadline
        sleep(0.2)
    return found


@pytest.mark.parametrize("lang", WORDS)
def test_an_auditor_reads_the_digest_of_the_day_before(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    desk.town.issue()
    now = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    later = {"now": (now + timedelta(days=1)).isoformat()}
    assert desk.town.root.send("PUT", "/api/v1/clock", later).status == 200
    [notice, *_] = told(desk)
    page = desk.visit("/ui/audit/inbox", "auditor", lang=lang, dark=lang == "en", size=SMALL)
    expect(page.get_by_text(words["digest"]).first).to_be_visible()
    checkpoint = parse(notice["detail"])
    shown = page.locator("pre.raw").first
    expect(shown).to_contain_text(str(checkpoint.roots.size))
    expect(page.get_by_text(notice["title"].split(" · ")[2]).first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-inbox-{lang}", (SMALL,))
