"""Bad days: the service away, the network away, rights that end, codes that are asked for."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PHONE, SMALL, USUAL, Desk, require_accessible, shoot

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
ALWAYS = "window=since&since=2020-01-01"
CUT = (
    "ERR_CONNECTION_(REFUSED|RESET)",
    "ERR_INCOMPLETE_CHUNKED",
    "ERR_EMPTY_RESPONSE",
    "ERR_CONTENT_LENGTH",
    "ERR_SOCKET_",
)
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK")
STILL = {ZH: "已停在", EN: "Standing still since"}
LIVE = {ZH: "实时", EN: "Live"}
BROKEN = {ZH: "正在重新连接", EN: "reconnecting"}
UNREACHED = {ZH: "连接不上服务", EN: "can’t be reached"}
NO_NETWORK = {ZH: "没有网络", EN: "No network"}
LIMITS = {"/ui/console": ("operator", 230), "/ui/board": ("supervisor", 260), "/ui/audit": ("auditor", 150)}
"""Kilobytes that a page may load, compressed."""

MOST_WORK = 0.6
"""Seconds of the processor; beyond them no page is there within a second, though nobody else need it."""


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


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_goes_on_by_itself_when_the_service_is_back(alone: tuple[Desk, Running], lang: str) -> None:
    desk, running = alone
    desk.expect_wrong(*CUT)
    page = desk.visit("/ui/console", "operator", lang=lang)
    desk.town.report(title="积水一")
    expect(page.get_by_text("积水一")).to_be_visible()
    running.kill()
    bar = page.locator(".connection-bar")
    expect(bar).to_contain_text({ZH: "正在重新连接", EN: "reconnecting"}[lang])
    expect(page.locator(".connection-sign.broken")).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-away-{lang}")
    running.start()
    running.await_ready()
    desk.town.report(title="积水二")
    expect(page.get_by_text("积水二")).to_be_visible()
    expect(page.get_by_text("积水一")).to_be_visible()
    expect(bar).to_have_count(0)


def issued(page: Page) -> Locator:
    """How many tasks the board counts, as its first panel says."""
    return page.locator(".panel-tasks .counts .number-link").first


def past_moment(desk: Desk) -> str:
    """Move the clock on by three days; return a moment just after it stood, as an address names it."""
    now = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    assert (
        desk.town.root.send("PUT", "/api/v1/clock", {"now": (now + timedelta(days=3)).isoformat()}).status
        == 200
    )
    return (now.replace(microsecond=0) + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("lang", LANGS)
def test_a_board_stands_still_while_the_service_is_away_and_goes_on_by_itself(
    alone: tuple[Desk, Running], lang: str
) -> None:
    desk, running = alone
    desk.expect_wrong(*CUT)
    desk.town.issue()
    then = past_moment(desk)
    desk.town.issue()
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    past = desk.visit(f"/ui/board?{ALWAYS}&at={then}", "supervisor", lang=lang)
    sign = page.locator(".board-sign h2")
    expect(issued(page)).to_have_text("2")
    expect(issued(past)).to_have_text("1")
    stood = past.locator(".board-sign h2").inner_text()
    running.kill()
    expect(sign).to_contain_text(STILL[lang])
    expect(page.locator(".connection-bar")).to_contain_text(BROKEN[lang])
    # A list and a moment that are asked for meanwhile can't be had, and come by themselves later.
    issued(page).click()
    expect(page.locator(".drawer").get_by_role("alert")).to_be_visible()
    past.keyboard.press(".")
    expect(past.locator(".board-failed")).to_be_visible()
    require_accessible(page)
    require_accessible(past)
    shoot(page, f"board-away-{lang}", (SMALL, USUAL))
    shoot(past, f"board-past-away-{lang}", (SMALL, USUAL))
    expect(past.locator(".board-sign h2")).to_have_text(stood)
    running.start()
    running.await_ready()
    desk.town.issue()
    expect(page.locator(".drawer tbody tr")).to_have_count(3)
    expect(issued(page)).to_have_text("3")
    expect(sign).to_contain_text(LIVE[lang])
    expect(past.locator(".connection-sign.live")).to_be_visible()
    expect(past.locator(".board-failed")).to_have_count(0)
    expect(past.locator(".board-sign h2")).not_to_have_text(stood)
    expect(past.locator(".board-sign")).to_have_class(re.compile("past"))
    expect(issued(past)).to_have_text("1")
    for one in (page, past):
        expect(one.locator(".connection-bar, .failed-state")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_board_without_a_network_says_of_when_it_is(desk: Desk, lang: str) -> None:
    desk.expect_wrong(*OFFLINE)
    desk.town.issue()
    then = past_moment(desk)
    desk.town.issue()
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    expect(issued(page)).to_have_text("2")
    page.context.set_offline(True)
    expect(page.locator(".board-sign h2")).to_contain_text(STILL[lang])
    bar = page.locator(".connection-bar")
    expect(bar).to_contain_text(NO_NETWORK[lang])
    # There is one time on it, the service's.
    said = re.search(r"\d\d:\d\d", page.locator(".board-sign h2").inner_text())
    assert said is not None
    expect(bar).to_contain_text(said[0])
    expect(page.locator("html")).not_to_have_class(re.compile("past"))
    desk.town.issue()
    require_accessible(page)
    shoot(page, f"board-offline-{lang}", (SMALL, USUAL))
    page.context.set_offline(False)
    expect(issued(page)).to_have_text("3")
    expect(page.locator(".board-sign h2")).to_contain_text(LIVE[lang])
    # In the past nothing stands still: it never moved. What can't be had is asked for again.
    past = desk.visit(f"/ui/board?{ALWAYS}&at={then}", "supervisor", lang=lang)
    expect(issued(past)).to_have_text("1")
    past.context.set_offline(True)
    past.get_by_label({ZH: "按当时所知", EN: "As known then"}[lang]).check()
    expect(past.locator(".board-failed")).to_contain_text(UNREACHED[lang])
    expect(past.locator(".board-sign")).to_have_class(re.compile("past"))
    desk.town.issue()
    past.context.set_offline(False)
    expect(past.locator(".board-failed")).to_have_count(0)
    expect(past.locator(".board-about").first).to_contain_text(
        {ZH: "只计当时", EN: "only what was recorded"}[lang]
    )
    expect(issued(past)).to_have_text("1")
    expect(past.locator("html")).to_have_class(re.compile("past"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_log_goes_on_by_itself_when_the_service_is_back(alone: tuple[Desk, Running], lang: str) -> None:
    desk, running = alone
    desk.expect_wrong(*CUT)
    desk.town.issue(title="河道巡查一")
    page = desk.visit("/ui/audit/log", "auditor", lang=lang)
    rows = page.locator(".log-list")
    expect(rows).to_contain_text("河道巡查一")
    narrowed = desk.visit("/ui/audit/log?name=task.issued", "auditor", lang=lang)
    expect(narrowed.locator(".log-list")).to_contain_text("河道巡查一")
    running.kill()
    expect(page.locator(".connection-bar")).to_contain_text(BROKEN[lang])
    # What is on the screen stays; what is opened meanwhile comes later.
    expect(rows).to_contain_text("河道巡查一")
    rows.get_by_role("button").first.click()
    expect(page.locator(".event-panel").get_by_role("alert")).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-away-{lang}", (SMALL, USUAL))
    running.start()
    running.await_ready()
    desk.town.issue(title="河道巡查二")
    expect(page.locator(".event-panel .facts").first).to_be_visible()
    for one in (page, narrowed):
        expect(one.locator(".log-list")).to_contain_text("河道巡查二")
        expect(one.locator(".log-list")).to_contain_text("河道巡查一")
        expect(one.locator(".connection-bar, .failed-state")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_network_nothing_typed_is_lost(desk: Desk, lang: str) -> None:
    desk.expect_wrong(*OFFLINE)
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog")
    form.get_by_label({ZH: "标题", EN: "Title"}[lang]).fill("夜间值守")
    form.get_by_label({ZH: "全部网格", EN: "Every grid"}[lang]).check()
    page.context.set_offline(True)
    form.locator("button[type=submit]").click()
    expect(form.get_by_role("alert").last).to_contain_text(UNREACHED[lang])
    shoot(page, f"console-offline-{lang}")
    page.context.set_offline(False)
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    expect(page.locator(".item-table tbody tr")).to_have_count(3)
    assert desk.town.read("operator", f"/tasks?after={desk.town.root.head()}")["total"] == 3


@pytest.mark.parametrize("lang", LANGS)
def test_what_lies_outside_the_own_scope_says_so(desk: Desk, lang: str) -> None:
    desk.town.add("narrow", "operator", scope=f"{desk.town.code}002")
    task = desk.town.issue(title="别处的任务")
    desk.expect_wrong("403")
    page = desk.visit(f"/ui/console/tasks/all?item={task}", "narrow", lang=lang)
    said = page.locator(".item-panel").get_by_role("alert")
    expect(said).to_contain_text({ZH: "不在您的管辖范围内", EN: "outside your area"}[lang])
    expect(page.get_by_text("别处的任务")).to_have_count(0)
    require_accessible(page)
    shoot(page, f"console-refused-{lang}")


@pytest.mark.parametrize("lang", LANGS)
def test_a_session_that_ends_in_mid_form_loses_nothing_and_sends_once(desk: Desk, lang: str) -> None:
    desk.expect_wrong("401")
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog").filter(has=page.locator("fieldset"))
    form.get_by_label({ZH: "标题", EN: "Title"}[lang]).fill("夜间值守")
    form.get_by_label({ZH: "全部网格", EN: "Every grid"}[lang]).check()
    desk.end_sessions()
    again = page.locator(".expired-dialog")
    expect(again).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-expired-{lang}")
    again.get_by_label({ZH: "密码", EN: "Password"}[lang], exact=True).fill(desk.password_of("operator"))
    again.locator("button[type=submit]").click()
    expect(again).to_have_count(0)
    expect(form.get_by_label({ZH: "标题", EN: "Title"}[lang])).to_have_value("夜间值守")
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    expect(page.locator(".item-table tbody tr")).to_have_count(3)


@pytest.mark.parametrize("lang", LANGS)
def test_rights_that_end_in_mid_form_are_said_and_what_was_typed_stays(desk: Desk, lang: str) -> None:
    desk.expect_wrong("401", "403")
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog").filter(has=page.locator("fieldset"))
    form.get_by_label({ZH: "标题", EN: "Title"}[lang]).fill("夜间值守")
    form.get_by_label({ZH: "全部网格", EN: "Every grid"}[lang]).check()
    account = desk.town.accounts["operator"].name
    assert desk.town.root.post(f"/api/v1/accounts/{account}/revoke", {"reason": "离职"}).status == 200
    again = page.locator(".expired-dialog")
    expect(again).to_be_visible()
    again.get_by_label({ZH: "密码", EN: "Password"}[lang], exact=True).fill(desk.password_of("operator"))
    again.locator("button[type=submit]").click()
    expect(again.get_by_role("alert")).not_to_be_empty()
    shoot(page, f"console-revoked-{lang}")
    assert desk.town.read("supervisor", f"/tasks?after={desk.town.root.head()}")["total"] == 0
    # Somebody else may sit here: what was typed is not for his eyes.
    desk.town.add("other", "operator")
    fill_in(page, lang, desk.town.accounts["other"].name, desk.password_of("other"))
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.keyboard.press("n")
    expect(form.get_by_label({ZH: "标题", EN: "Title"}[lang])).to_have_value("")


def fill_in(page: Page, lang: str, account: str, password: str) -> None:
    again = page.locator(".expired-dialog")
    again.get_by_label({ZH: "账号", EN: "Account"}[lang], exact=True).fill(account)
    again.get_by_label({ZH: "密码", EN: "Password"}[lang], exact=True).fill(password)
    again.locator("button[type=submit]").click()


def test_who_signs_out_is_out_in_every_tab_and_leaves_nothing_typed(desk: Desk) -> None:
    desk.expect_wrong(r"/api/v1/(me|session|stream)", "401", "ERR_ABORTED")
    page = desk.visit("/ui/console", "operator", lang="en")
    other = page.context.new_page()
    other.goto("/ui/console/tasks/open?lang=en")
    expect(other.locator(".connection-sign.live")).to_be_visible()
    other.keyboard.press("n")
    other.get_by_role("dialog").get_by_label("Title").fill("Night watch")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/ui/")
    expect(other.get_by_label("Password", exact=True)).to_be_visible()
    for tab in (page, other):
        kept = tab.evaluate("[...Object.keys(sessionStorage), ...Object.keys(localStorage)]")
        assert not [key for key in kept if key.startswith(("draft.", "dispatch.own.", "dispatch.who"))], kept


def spelled(minutes: int) -> str:
    """Return how the pages tell so many minutes: beside days only whole hours."""
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (rest if days == 0 else 0, "min"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n)


@pytest.mark.parametrize("ahead_days", [-3, 3])
def test_the_countdown_goes_by_the_clock_of_the_service(desk: Desk, ahead_days: int) -> None:
    desk.town.issue(title="河道巡查")
    now = datetime.fromisoformat(desk.town.read("operator", "/clock")["now"])
    right = desk.visit("/ui/console/tasks/open", "operator", lang=EN)
    wrong = desk.visit("about:blank", "operator")
    wrong.clock.set_fixed_time(now + timedelta(days=ahead_days))
    wrong.goto("/ui/console/tasks/open?lang=en")
    due = right.locator(".item-table .light")
    expect(due).to_contain_text(re.compile(r"\d .*left"))
    units = {"d": 1440, "h": 60, "min": 1}
    shown = due.inner_text()  # once: it goes on
    minutes = sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) (d|h|min)\b", shown))
    assert spelled(minutes) in shown
    # One after the other on a busy machine, and from one hour to the next; not days apart.
    near = "|".join(spelled(minutes + more) for more in range(60, -70, -1) if minutes + more > 0)
    expect(wrong.locator(".item-table .light")).to_have_text(re.compile(rf"^\D*({near}) left"))


def code_of(secret: str) -> str:
    """What a generator shows: it goes by the real clock, and so does the service with its codes."""
    return pyotp.TOTP(secret).at(datetime.now(UTC))


@pytest.mark.parametrize("lang", LANGS)
def test_a_second_factor_is_set_up_and_asked_for(desk: Desk, lang: str) -> None:
    password = desk.password_of("supervisor")
    page = desk.visit("/ui/board", "supervisor", lang=lang)
    page.get_by_role("button", name={ZH: "我的账号", EN: "My account"}[lang]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name={ZH: "设置双重验证", EN: "Set up a second factor"}[lang]).click()
    dialog.get_by_label({ZH: "密码", EN: "Password"}[lang]).fill(password)
    dialog.locator("button[type=submit]").click()
    secret = dialog.locator(".factor-secret").inner_text().replace(" ", "")
    require_accessible(page)
    shoot(page, f"second-factor-{lang}", (PHONE,))
    dialog.get_by_label({ZH: "验证器显示的验证码", EN: "Code that the authenticator shows"}[lang]).fill(
        code_of(secret)
    )
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".factor-codes li").first).to_be_visible()
    recovery = dialog.locator(".factor-codes li").first.inner_text()
    dialog.get_by_role("button", name={ZH: "我已保存", EN: "I have kept them"}[lang]).click()
    expect(dialog.get_by_text({ZH: "双重验证已启用", EN: "A second factor is set"}[lang])).to_be_visible()
    desk.expect_wrong("401")
    again = desk.visit("/ui/board", lang=lang)
    sign_in(again, lang, desk.town.accounts["supervisor"].name, password)
    expect(again.get_by_role("alert")).to_contain_text({ZH: "密码正确", EN: "The password is right"}[lang])
    again.locator("input[name=code]").fill(recovery)
    again.get_by_role("button", name={ZH: "登录", EN: "Sign in"}[lang], exact=True).click()
    expect(again.get_by_role("heading", level=1)).to_have_text({ZH: "驾驶舱", EN: "Live board"}[lang])


def sign_in(page: Page, lang: str, account: str, password: str) -> None:
    page.get_by_label({ZH: "账号", EN: "Account"}[lang], exact=True).fill(account)
    page.get_by_label({ZH: "密码", EN: "Password"}[lang], exact=True).fill(password)
    page.get_by_role("button", name={ZH: "登录", EN: "Sign in"}[lang], exact=True).click()


def whole_board(page: Page) -> None:
    """Wait for the charts, which come after the figures."""
    for panel in ("map", "trend"):
        expect(page.locator(f".panel-{panel} canvas")).to_be_visible()


def whole_log(page: Page) -> None:
    """Go through the pages of the log explorer, each of which loads its own part."""
    for name in ("replay", "proofs", "published"):
        page.locator(f'.shell-nav a[href*="/{name}"]').click()
        expect(page).to_have_url(re.compile(f"/{name}"))
        expect(page.locator("main h2").first).to_be_visible()


def whole_console(page: Page) -> None:
    """Open an item, which all is about."""
    page.locator(".item-table tbody tr").first.click()
    expect(page.locator(".item-panel .timeline li").first).to_be_visible()


WHOLE = {"/ui/console/tasks/open": whole_console, "/ui/board": whole_board, "/ui/audit": whole_log}
"""What brings everything that a page loads, later parts too."""


@pytest.mark.parametrize("path", WHOLE)
def test_a_page_is_small_enough_for_a_bad_line(desk: Desk, path: str) -> None:
    who, most = LIMITS[path.removesuffix("/tasks/open")]
    square = [[107.0, 29.8], [107.02, 29.8], [107.02, 29.82], [107.0, 29.82], [107.0, 29.8]]
    boundary = {"boundary": {"type": "Polygon", "coordinates": [square]}}
    grid = f"/api/v1/towns/{desk.town.code}/grids/{desk.town.grids[0]}"
    assert desk.town.root.send("PATCH", grid, boundary).status == 200
    desk.town.issue()
    page = desk.visit(path, who)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    WHOLE[path](page)
    entries = page.evaluate(
        "performance.getEntries().filter(one => one.encodedBodySize && !one.name.includes('/api/'))"
        ".map(one => [one.name, one.encodedBodySize, one.decodedBodySize])"
    )
    size = sum(encoded for _, encoded, _ in entries)
    print(f"{path}: {size / 1000:.0f} kB in {len(entries)} files, of {most}")  # noqa: T201 - the figure
    assert any(encoded < decoded for name, encoded, decoded in entries if re.search(r"\.js$", name)), entries
    assert size <= most * 1000
    large = page.evaluate(
        "performance.getEntries().filter(one => one.name.includes('/api/') && one.decodedBodySize > 4000)"
        ".map(one => [one.name, one.encodedBodySize, one.decodedBodySize])"
    )
    assert all(encoded < decoded / 2 for _, encoded, decoded in large), large


@pytest.mark.parametrize("path", LIMITS)
def test_a_page_has_little_to_do_before_it_shows_what_matters(desk: Desk, path: str) -> None:
    """The processor's time that it takes until the page is live: how busy others are is not in it.

    When the largest part is painted by the clock (LCP) is measured by `scripts/bench pages`.
    """
    for n in range(20):
        desk.town.issue(title=f"巡查 {n}")
    taken = []
    for _ in range(3):
        page = desk.visit("about:blank", LIMITS[path][0])
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path)
        expect(page.locator(".connection-sign.live")).to_be_visible()
        expect(page.locator(".loading-state")).to_have_count(0)
        taken.append(work_of(session))
        page.context.close()
    print(f"{path}: {sorted(round(one * 1000) for one in taken)} ms of work")  # noqa: T201 - the figure
    assert 0 < min(taken) <= MOST_WORK


def work_of(session: CDPSession) -> float:
    """Return the seconds that the main thread of the page's process has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
