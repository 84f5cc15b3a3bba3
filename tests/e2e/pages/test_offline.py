"""The phone page without a network, before a service that ends, and with a clock that is wrong."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatch.service.http.pages import BUILT
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PASSWORD, PATIENCE, Desk, require_accessible, shoot
from tests.e2e.pages.test_phone import DRAFTS_STORED, PHONES, cases_of, go, phone, photo
from tests.pictures import png

LANGS: Final = ("zh-CN", "en")
ZH, EN = LANGS
LARGEST: Final = 130
"""Kilobytes that the page may load, compressed."""
NO_NETWORK: Final = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK", "ERR_CONNECTION_", "ERR_EMPTY")
SETTINGS: Final = {ZH: "设置", EN: "Settings"}
WORDS: Final[dict[str, dict[str, str]]] = {
    ZH: {
        "report": "上报",
        "environment": "环境卫生",
        "what": "简要说明",
        "offline": "没有网络，可以照常办理，恢复后自动发送。",
        "waiting": "待发送",
        "arrived": "已送达",
        "refused": "未被接受",
        "why refused": "填写有误，请检查。",
        "mend": "修改",
        "ready": "已就绪",
        "signed out": "请重新登录，登录后自动发送。",
        "password": "密码",
        "sign in": "登录",
        "fast": "手机时间快了",
        "insecure": "当前不是 HTTPS 连接",
        "phone's time": "手机时间",
        "update": "更新",
        "new version": "页面有新版本。",
    },
    EN: {
        "report": "Report",
        "environment": "Environment",
        "what": "In a few words",
        "offline": "No network. Carry on: everything is sent once it is back.",
        "waiting": "Waiting",
        "arrived": "Arrived",
        "refused": "Refused",
        "why refused": "Something is not filled in well; please check.",
        "mend": "Mend",
        "ready": "ready",
        "signed out": "Sign in again; then it is sent.",
        "password": "Password",
        "sign in": "Sign in",
        "fast": "This phone’s clock is",
        "insecure": "This is not an HTTPS connection",
        "phone's time": "Phone’s time",
        "update": "Update",
        "new version": "There is a new version of this page.",
    },
}

UNSEEN: Final = "\u200b\u200b"
"""A title that a phone takes and the service refuses: pasted, and with nothing in it that can be seen."""
CUT: Final = """() => {
  const real = globalThis.fetch
  let reports = 0
  globalThis.fetch = async (...request) => {
    const answer = await real(...request)
    if (request[0] === '/api/v1/cases' && request[1].method === 'POST' && ++reports === 2) {
      await globalThis.cutOff()
      throw new TypeError('cut off')
    }
    return answer
  }
}"""
"""Loses the answer to the second report, and has the service killed."""


@pytest.fixture
def alone(browser: Browser, aside: ThreadPoolExecutor, tmp_path: Path) -> Iterator[tuple[Desk, Running]]:
    """A desk at a service of this test's own, which it may stop."""
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    root = aside.submit(first_administrator, database).result()
    with Running(database, tmp_path, clock="simulated", wait_limit="5") as running:
        desk = Desk(browser, Town(running.client.bearing(root)).found())
        yield desk, running
        desk.close()
    desk.require_clean()


def kept(page: Page, lang: str) -> None:
    """Wait until the page is kept on the phone, and controlled by what keeps it."""
    page.get_by_role("link", name=SETTINGS[lang]).click()
    expect(page.get_by_text(WORDS[lang]["ready"], exact=True)).to_be_visible()
    page.evaluate(
        "navigator.serviceWorker.controller ? true : new Promise(done => navigator.serviceWorker"
        ".addEventListener('controllerchange', () => done(true)))"
    )


def report(page: Page, lang: str, title: str, *photos: bytes) -> None:
    """Report a case with photos; it is in the outbox then."""
    words = WORDS[lang]
    go(page, lang, "report")
    page.get_by_text(words["environment"], exact=True).click()
    page.get_by_label(words["what"]).fill(title)
    if photos:
        files = [photo(f"{n}.png", content) for n, content in enumerate(photos)]
        page.locator("input[type=file][multiple]").set_input_files(files)
        expect(page.locator(".photo-row img")).to_have_count(len(photos))
    page.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(page.locator(".outbox-entry strong", has_text=title).first).to_be_attached()


def entries(page: Page, state: str) -> Any:
    return page.locator(f".outbox-entry.is-{state}")


def later(desk: Desk, **time: float) -> None:
    """Let time pass for the service."""
    now = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    assert (
        desk.town.root.send("PUT", "/api/v1/clock", {"now": (now + timedelta(**time)).isoformat()}).status
        == 200
    )


def reported(desk: Desk, case: str) -> Any:
    """How a case's report stands in the log."""
    found = desk.town.read("auditor", f"/cases/{case}/timeline")
    return next(one for one in found["entries"] if one["name"] == "case.reported")


@pytest.mark.parametrize("lang", LANGS)
def test_three_reports_made_in_airplane_mode_arrive_once_each(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    desk.expect_wrong(*NO_NETWORK)
    page = phone(desk, lang)
    kept(page, lang)
    context = page.context
    context.set_offline(True)
    expect(page.get_by_text(words["offline"])).to_be_visible()
    before = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    titles = [f"路面积水{n}" for n in (1, 2, 3)]
    for n, title in enumerate(titles, 1):
        report(page, lang, title, *(png(900, 600, shade=40 * n + at) for at in range(n)))
    expect(entries(page, "waiting")).to_have_count(3)
    require_accessible(page)
    shoot(page, f"phone-offline-outbox-{lang}", PHONES)
    page.close()
    page = opened_again(desk, context)
    page.goto(f"/m/outbox?lang={lang}")
    expect(entries(page, "waiting")).to_have_count(3)
    expect(page.get_by_text(words["offline"])).to_be_visible()
    assert cases_of(desk) == []
    later(desk, minutes=20)
    context.set_offline(False)
    expect(entries(page, "sent")).to_have_count(3)
    expect(page.get_by_text(words["offline"])).to_have_count(0)
    shoot(page, f"phone-arrived-{lang}", PHONES)
    page.reload()
    expect(entries(page, "sent")).to_have_count(3)
    cases = {case["title"]: case["id"] for case in cases_of(desk)}
    assert sorted(cases) == titles
    for n, title in enumerate(titles, 1):
        entry = reported(desk, cases[title])
        device, server = (datetime.fromisoformat(entry[name]) for name in ("device_at", "recorded_at"))
        assert device == datetime.fromisoformat(entry["at"])
        # The service's clock stands still but for our moving it, the phone's goes on.
        assert abs(device - before) < timedelta(minutes=10)
        assert server - before >= timedelta(minutes=20)
        photos = desk.town.read("operator", f"/cases/{cases[title]}/photos")["photos"]
        assert len(photos) == n
        assert [one["digest"] for one in photos] == entry["changed"]["evidence"]


def opened_again(desk: Desk, context: BrowserContext) -> Page:
    page = context.new_page()
    desk.watch(page)
    return page


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_refused_stays_with_its_reason_and_blocks_nobody(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    desk.expect_wrong(*NO_NETWORK, "422", "409")
    page = phone(desk, lang)
    kept(page, lang)
    page.context.set_offline(True)
    report(page, lang, UNSEEN, png(300, 200))
    report(page, lang, "路灯不亮")
    page.context.set_offline(False)
    expect(entries(page, "sent")).to_have_count(1)
    bad = entries(page, "refused")
    expect(bad).to_contain_text(words["why refused"])
    require_accessible(page)
    shoot(page, f"phone-refused-{lang}", PHONES)
    page.reload()
    expect(bad).to_contain_text(words["why refused"])
    expect(page.get_by_role("navigation").locator(".alarmed")).to_contain_text("1")
    assert [case["title"] for case in cases_of(desk)] == ["路灯不亮"]
    bad.get_by_role("link", name=words["mend"]).click()
    expect(page.locator(".photo-row img")).to_have_count(1)
    page.get_by_label(words["what"]).fill("邻里争执")
    page.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(entries(page, "sent")).to_have_count(2)
    expect(bad).to_have_count(0)
    found = next(case for case in cases_of(desk) if case["title"] == "邻里争执")
    assert len(desk.town.read("operator", f"/cases/{found['id']}/photos")["photos"]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_a_service_that_ends_in_mid_sync_gets_everything_once_when_it_is_back(
    alone: tuple[Desk, Running], lang: str
) -> None:
    desk, running = alone
    desk.expect_wrong(*NO_NETWORK, "ERR_INCOMPLETE_CHUNKED", "ERR_CONTENT_LENGTH_MISMATCH", "50[0-9]")
    page = phone(desk, lang)
    kept(page, lang)
    page.context.set_offline(True)
    titles = [f"夜间巡查{n}" for n in (1, 2, 3)]
    for n, title in enumerate(titles):
        report(page, lang, title, png(400, 300, shade=60 + n))
    # The second report is recorded, its answer never comes back, and then the service is gone.
    page.expose_function("cutOff", running.kill)
    page.evaluate(CUT)
    page.context.set_offline(False)
    expect(entries(page, "sent")).to_have_count(1)
    expect(page.locator(".phone-bar")).to_contain_text({ZH: "连接不上服务", EN: "can’t be reached"}[lang])
    shoot(page, f"phone-service-away-{lang}", PHONES)
    running.start()
    running.await_ready()
    # The longer the service was away, the later the phone tries again: after 75 s at the latest.
    expect(entries(page, "sent")).to_have_count(3, timeout=75_000 + PATIENCE)
    cases = cases_of(desk)
    assert sorted(case["title"] for case in cases) == titles
    for case in cases:
        assert len(desk.town.read("operator", f"/cases/{case['id']}/photos")["photos"]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_a_session_that_ends_in_mid_form_loses_nothing(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    desk.expect_wrong("401")
    page = phone(desk, lang, path="/m/report")
    page.get_by_text(words["environment"], exact=True).click()
    page.get_by_label(words["what"]).fill("垃圾堆放在桥头")
    page.locator("input[type=file][multiple]").set_input_files([photo("a.png", png(500, 400))])
    expect(page.locator(".photo-row img")).to_have_count(1)
    desk.end_sessions()
    report = page.locator("form").get_by_role("button", name=words["report"], exact=True)
    report.dispatch_event("click")  # may be covered already
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-expired-{lang}", PHONES)
    dialog.get_by_label(words["password"], exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name=words["sign in"], exact=True).click()
    expect(dialog).to_be_hidden()
    go(page, lang, "outbox")
    expect(entries(page, "sent")).to_have_count(1)
    (case,) = cases_of(desk)
    assert case["title"] == "垃圾堆放在桥头"
    assert len(desk.town.read("operator", f"/cases/{case['id']}/photos")["photos"]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_two_tabs_send_once(desk: Desk, lang: str) -> None:
    desk.expect_wrong(*NO_NETWORK)
    page = phone(desk, lang)
    kept(page, lang)
    other = opened_again(desk, page.context)
    other.goto(f"/m/outbox?lang={lang}")
    page.context.set_offline(True)
    for title in ("一号", "二号"):
        report(page, lang, title, png(200, 200))
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.context.set_offline(False)
    for tab in (page, other):
        tab.bring_to_front()
        expect(entries(tab, "sent")).to_have_count(2)
    assert sorted(case["title"] for case in cases_of(desk)) == ["一号", "二号"]
    assert len([one for one in asked if one.startswith("POST") and one.endswith("/cases")]) == 2


def test_what_is_typed_in_two_tabs_or_mended_is_kept_for_each(desk: Desk) -> None:
    words = WORDS[ZH]
    desk.expect_wrong("422")
    page = phone(desk, ZH, path="/m/report")
    other = opened_again(desk, page.context)
    tabs = {page: "桥头垃圾", other: "路灯不亮"}
    for tab in tabs:
        tab.goto("/m/report")
        expect(tab.get_by_label(words["what"])).to_have_value("")
    for tab, title in tabs.items():
        tab.get_by_label(words["what"]).fill(title)
        tab.evaluate(DRAFTS_STORED)
    for tab, title in tabs.items():
        tab.reload()
        expect(tab.get_by_label(words["what"])).to_have_value(title)
    # What a closed tab leaves comes up in the next form that is opened, and what was sent does not.
    other.close()
    report(page, ZH, UNSEEN)
    bad = entries(page, "refused")
    expect(bad).to_have_count(1)
    go(page, ZH, "report")
    expect(page.get_by_label(words["what"])).to_have_value("路灯不亮")
    go(page, ZH, "outbox")
    bad.get_by_role("link", name=words["mend"]).click()
    page.get_by_label(words["what"]).fill("桥头垃圾成堆")
    page.evaluate(DRAFTS_STORED)
    page.reload()
    expect(page.get_by_role("heading", name=words["mend"])).to_be_visible()
    expect(page.get_by_label(words["what"])).to_have_value("桥头垃圾成堆")


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "without"])
def test_a_report_that_is_mended_in_two_tabs_is_sent_once(desk: Desk, *, locks: bool) -> None:
    words = WORDS[ZH]
    desk.expect_wrong("422")
    page = phone(desk, ZH, path="/m/report")
    if not locks:
        page.context.add_init_script("delete Navigator.prototype.locks; delete window.BroadcastChannel")
        page.reload()
    report(page, ZH, UNSEEN)
    entries(page, "refused").get_by_role("link", name=words["mend"]).click()
    other = opened_again(desk, page.context)
    other.goto(page.url)
    for tab, title in ((page, "桥头垃圾"), (other, "桥头垃圾成堆")):
        tab.get_by_label(words["what"]).fill(title)
        tab.evaluate(DRAFTS_STORED)
    page.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(entries(page, "sent")).to_have_count(1)
    other.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("没有再次发送")
    # Opened once more, the form offers no new report under what was typed in it.
    other.reload()
    expect(other.get_by_role("alert")).to_contain_text("没有再次发送")
    expect(other.locator("form")).to_have_count(0)
    assert [case["title"] for case in cases_of(desk)] == ["桥头垃圾"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_clock_is_said_and_put_right(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang)
    expect(page.locator(".phone-bar")).to_be_empty()
    page.clock.install(time=datetime.now().astimezone() + timedelta(hours=3, minutes=10))
    page.reload()
    expect(page.locator(".phone-bar")).to_contain_text(words["fast"])
    expect(page.locator(".phone-bar")).to_contain_text("3")
    report(page, lang, "树枝倒伏")
    expect(entries(page, "sent")).to_have_count(1)
    (case,) = cases_of(desk)
    entry = reported(desk, case["id"])
    device, server = (datetime.fromisoformat(entry[name]) for name in ("device_at", "recorded_at"))
    assert abs(device - server) < timedelta(minutes=5)
    page.get_by_role("link", name=SETTINGS[lang]).click()
    expect(page.get_by_text(words["phone's time"], exact=True)).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-wrong-clock-{lang}", PHONES)


def test_a_task_that_was_never_opened_can_be_read_and_one_that_is_not_here_yet_says_so(desk: Desk) -> None:
    desk.expect_wrong(*NO_NETWORK)
    page = phone(desk, ZH)
    kept(page, ZH)
    go(page, ZH, "tasks")
    with page.expect_response(re.compile("/timeline")) as fetched:
        desk.town.issue(title="查看滑坡点", instructions="带上裂缝尺，逐点拍照。")
    fetched.value.finished()
    page.route("**/timeline?*", lambda route: route.abort())
    desk.town.issue(title="查看河堤", instructions="看有没有渗水。")
    expect(page.get_by_role("link", name="查看河堤")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="查看滑坡点").click()
    expect(page.locator(".task-page-asked")).to_have_text("带上裂缝尺，逐点拍照。")
    go(page, ZH, "tasks")
    page.get_by_role("link", name="查看河堤").click()
    expect(page.get_by_text("要求和经过还没有存到这部手机上，有网络时会自动取来。")).to_be_visible()
    expect(page.get_by_text("载入失败")).to_have_count(0)
    shoot(page, "phone-task-not-here-yet", PHONES)


def test_signing_out_without_a_network_says_so_and_forgets_nothing(desk: Desk) -> None:
    desk.expect_wrong(*NO_NETWORK)
    desk.town.issue(title="查看滑坡点")
    page = phone(desk, ZH)
    expect(page.get_by_role("link", name="查看滑坡点")).to_be_visible()
    kept(page, ZH)
    page.context.set_offline(True)
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("alert")).to_contain_text("尚未退出登录。")
    shoot(page, "phone-still-signed-in", PHONES)
    go(page, ZH, "tasks")
    expect(page.get_by_role("link", name="查看滑坡点")).to_be_visible()


def test_the_bar_goes_as_soon_as_anything_gets_through_again(desk: Desk) -> None:
    desk.expect_wrong(*NO_NETWORK)
    page = phone(desk, ZH)
    # Not by `wait_for_function`, which evaluates text again and again where the policy forbids it.
    page.evaluate(
        """async () => {
            const pause = () => new Promise((go) => setTimeout(go, 50))
            while (localStorage.getItem('dispatch.who') === null) await pause()
        }"""
    )
    page.route("**/api/v1/me", lambda route: route.abort())
    page.reload()
    expect(page.locator(".phone-bar")).to_contain_text("连接不上服务，正在重试。")
    page.unroute("**/api/v1/me")
    desk.town.issue(title="查看滑坡点")
    expect(page.locator(".phone-bar")).to_be_empty()


@pytest.mark.parametrize(
    "jump", [timedelta(days=-2), timedelta(days=-1_900), timedelta(days=2)], ids=["back", "reset", "forward"]
)
def test_a_clock_that_goes_wrong_without_a_network_falsifies_no_time(desk: Desk, jump: timedelta) -> None:
    desk.expect_wrong(*NO_NETWORK)
    page = phone(desk, ZH)
    kept(page, ZH)
    page.context.set_offline(True)
    page.clock.set_fixed_time(datetime.now().astimezone() + jump)
    report(page, ZH, "树枝倒伏")
    page.context.set_offline(False)
    expect(entries(page, "sent")).to_have_count(1)
    expect(entries(page, "sent")).to_contain_text("手机时间不准，已校正")
    entry = reported(desk, cases_of(desk)[0]["id"])
    device, server = (datetime.fromisoformat(entry[name]) for name in ("device_at", "recorded_at"))
    assert abs(device - server) < timedelta(minutes=5)
    shoot(page, "phone-clock-put-right", PHONES)


@pytest.mark.parametrize("lang", LANGS)
def test_without_https_it_says_why_there_is_no_working_offline(desk: Desk, lang: str) -> None:
    page = phone(desk, lang)
    page.add_init_script(
        "Object.defineProperty(globalThis, 'isSecureContext', {value: false});"
        "delete Navigator.prototype.serviceWorker"
    )
    page.reload()
    expect(page.locator(".phone-bar")).to_contain_text(WORDS[lang]["insecure"])
    require_accessible(page)
    shoot(page, f"phone-insecure-{lang}", PHONES)


@pytest.fixture
def renewed(browser: Browser, aside: ThreadPoolExecutor, tmp_path: Path) -> Iterator[tuple[Desk, Running]]:
    """A desk at a service of this test's own, whose built pages lie in `tmp_path / "webroot"`."""
    shutil.copytree(BUILT, tmp_path / "webroot")
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    root = aside.submit(first_administrator, database).result()
    with Running(database, tmp_path, clock="simulated", webroot=str(tmp_path / "webroot")) as running:
        desk = Desk(browser, Town(running.client.bearing(root)).found())
        yield desk, running
        desk.close()
    desk.require_clean()


@pytest.mark.parametrize("lang", LANGS)
def test_a_new_version_is_offered_and_taken_when_it_suits(
    renewed: tuple[Desk, Running], tmp_path: Path, lang: str
) -> None:
    desk, running = renewed
    words = WORDS[lang]
    desk.expect_wrong(*NO_NETWORK, "ERR_INCOMPLETE_CHUNKED")
    page = phone(desk, lang, path="/m/report")
    kept(page, lang)
    go(page, lang, "report")
    page.get_by_label(words["what"]).fill("写了一半")
    running.stop()
    worker = tmp_path / "webroot" / "m" / "sw.js"
    newer, replaced = re.subn(r'"[0-9a-f]{16}"', '"0123456789abcdef"', worker.read_text())
    assert replaced == 1
    worker.write_text(newer)
    for compressed in worker.parent.glob("sw.js.*"):
        compressed.unlink()
    running.start()
    running.await_ready()
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => true)")
    expect(page.get_by_text(words["new version"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-new-version-{lang}", PHONES)
    with page.expect_event("load"):
        page.get_by_role("button", name=words["update"]).click()
    expect(page.get_by_label(words["what"])).to_have_value("写了一半")
    expect(page.get_by_text(words["new version"])).to_have_count(0)
    assert page.evaluate("caches.keys()") == ["phone-0123456789abcdef"]


def test_the_page_can_be_installed(desk: Desk) -> None:
    manifest = desk.town.root.get("/m/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    assert manifest.json["start_url"] == manifest.json["scope"] == "/m/"
    for icon in manifest.json["icons"]:
        assert desk.town.root.get(icon["src"]).status == 200, icon
    page = phone(desk, ZH)
    kept(page, ZH)
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A test's browser keeps nothing, as in a private window.
    assert {one["errorId"] for one in errors} <= {"in-incognito"}
    assert session.send("Page.getAppManifest")["errors"] == []


def test_the_page_is_small_enough_for_a_bad_line(desk: Desk) -> None:
    page = phone(desk, ZH)
    kept(page, ZH)  # with all that comes after the first screen
    entries = page.evaluate(
        "performance.getEntries().filter(one => one.encodedBodySize && !one.name.includes('/api/'))"
        ".map(one => [one.name, one.encodedBodySize])"
    )
    size = sum(encoded for _, encoded in entries)
    print(f"/m/: {size / 1000:.0f} kB in {len(entries)} files, of {LARGEST}")  # noqa: T201 - the figure
    assert len(entries) > 2
    assert size <= LARGEST * 1000
