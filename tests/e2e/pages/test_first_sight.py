"""What is seen before there is anything, once everything is done, and with names as long as they get."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PHONE, SMALL, USUAL, Desk, Size, require_accessible, shoot
from tests.e2e.pages.test_bad_days import sign_in

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
LONG = "万顺社区滨江路片区第一网格" * 5
NARROW = Size(1280, 720)
SCRIPTS = re.compile(r"/ui/assets/shared-[\w-]+\.js$")
"""What all pages are drawn with, and so the largest part of each."""
FIRST_SCREENS = {
    "/m/": ("worker", PHONE, ["grids", "me", "tasks", "tasks"]),
    "/ui/console/tasks/open": ("operator", SMALL, ["me", "tasks"]),
    "/ui/board": ("supervisor", SMALL, ["me", "overview"]),
    "/ui/audit/log": ("auditor", SMALL, ["me"]),
}
"""Who opens them, and what is asked for before the scripts are there that show it."""


@pytest.fixture
def empty(browser: Browser, aside: ThreadPoolExecutor, tmp_path: Path) -> Iterator[Desk]:
    """A desk at a service with a new database: nothing but an administrator and an operator in it."""
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    root = aside.submit(first_administrator, database).result()
    with Running(database, tmp_path, clock="simulated", wait_limit="5") as running:
        town = Town(running.client.bearing(root))
        for role in ("administrator", "operator"):
            town.add(role, role)
        desk = Desk(browser, town)
        yield desk
        desk.close()
    desk.require_clean()


@pytest.mark.parametrize("lang", LANGS)
def test_an_operator_of_an_empty_town_sees_what_it_lacks(empty: Desk, lang: str) -> None:
    page = empty.visit("/ui/console", "operator", lang=lang)
    expect(page.locator(".done-state li")).to_have_count(3)
    require_accessible(page)
    shoot(page, f"console-new-{lang}", (SMALL,))
    for path in ("plans", "inbox", "tasks/open", "search?q=a"):
        page.goto(f"/ui/console/{path}")
        expect(page.locator(".empty-state")).to_be_visible()
        require_accessible(page)
    no_grids = {
        ZH: "本镇还没有划分网格，请管理员先划分。",
        EN: "This town has no grids yet: an administrator draws them first.",
    }[lang]
    page.keyboard.press("n")
    hint = page.get_by_role("dialog").locator(".field-hint")
    expect(hint).to_have_text(no_grids)
    page.goto("/ui/console/plans/households")
    page.get_by_role("button", name={ZH: "登记住户", EN: "Put on record"}[lang]).click()
    expect(hint).to_have_text(no_grids)


@pytest.mark.parametrize("lang", LANGS)
def test_when_all_is_done_the_queues_say_so_and_lead_to_what_was_done(desk: Desk, lang: str) -> None:
    for n in range(3):
        task = desk.town.issue(title=f"巡查 {n}")
        desk.town.do("worker", f"/tasks/{task}/accept", {"begin": True})
        desk.town.do("worker", f"/tasks/{task}/submit", {"note": "已清理"})
        desk.town.do("operator", f"/tasks/{task}/verify", {"passed": True, "note": ""})
    cancelled = desk.town.issue(title="重复下发")
    desk.town.do("operator", f"/tasks/{cancelled}/cancel", {"reason": "重复"})
    page = desk.visit("/ui/console/tasks", "operator", lang=lang, size=SMALL)
    done = page.locator(".done-year a")
    expect(done).to_have_count(2)
    # What was cancelled is in no figure: the desk and the board tell the same.
    for number in (done.first, done.last):
        expect(number).to_contain_text("3")
    require_accessible(page)
    shoot(page, f"console-done-{lang}", (SMALL,))
    done.last.click()
    expect(page.locator(".drawer tbody tr")).to_have_count(3)
    page.goto("/ui/console/tasks/closed?issued_from=2024-01-01")
    page.get_by_role("button", name={ZH: "清除", EN: "Clear"}[lang], exact=True).click()
    expect(page.locator(".filter-bar .badge")).to_have_count(0)
    page.goto("/ui/console/tasks/open?text=nowhere")
    page.get_by_role("button", name={ZH: "清除筛选", EN: "Clear the filter"}[lang]).click()
    expect(done).to_have_count(2)


def require_no_sideways(page: Page) -> None:
    """Fail if the page is wider than its window."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window, (wide, window)


@pytest.mark.parametrize("lang", LANGS)
def test_the_header_is_one_line_on_the_small_screens_of_a_desk(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/console", "operator", lang=lang, size=SMALL)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    for size in (NARROW, SMALL, Size(1440, 900), USUAL):
        page.set_viewport_size({"width": size.width, "height": size.height})
        height = page.locator(".shell-head").evaluate("head => head.offsetHeight")
        assert height <= 56, (size, height)
        require_no_sideways(page)


@pytest.mark.parametrize("lang", LANGS)
def test_a_grid_name_of_60_characters_breaks_nothing(desk: Desk, lang: str) -> None:
    long = LONG[:60]
    desk.town.draw((f"{desk.town.code}003001", long))
    case = desk.town.by("operator").post(
        "/api/v1/cases",
        {
            "grid": f"{desk.town.code}003001",
            "category": "environment",
            "title": "长" * 200,
            "source": "patrol",
        },
    )
    page = desk.visit(f"/ui/console/cases/open?item={case.item('case')}", "operator", lang=lang, size=SMALL)
    expect(page.locator(".item-panel").get_by_text(long).first).to_be_visible()
    require_no_sideways(page)
    require_accessible(page)
    shoot(page, f"console-long-{lang}", (SMALL, Size(820, 1180)))
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_text(long)).to_be_visible()
    require_no_sideways(page)
    shoot(page, f"console-long-issue-{lang}", (SMALL,))


@pytest.mark.parametrize("path", FIRST_SCREENS)
@pytest.mark.parametrize(("lang", "dark"), [(ZH, False), (EN, True)])
def test_before_its_scripts_are_there_a_page_has_its_look_and_asks_for_what_it_shows_first(
    desk: Desk, path: str, lang: str, *, dark: bool
) -> None:
    who, size, first = FIRST_SCREENS[path]
    desk.town.issue(title="巡查")
    page = desk.visit("about:blank", who, dark=dark, size=size)
    held: list[Route] = []
    asked: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)

    def note(request: Request) -> None:
        # Lists of one are there for their length alone.
        if found := re.search(r"/api/v1/(me|overview|grids|tasks)(\?(?!.*limit=1$)|$)", request.url):
            asked.append(found[1])

    page.on("request", note)
    page.route(SCRIPTS, hold)
    page.goto(f"{path}?lang={lang}", wait_until="commit")
    sign = {ZH: "正在载入…", EN: "Loading…"}[lang]
    expect(page.get_by_role("status")).to_have_text(sign, use_inner_text=True)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.locator("html")).to_have_class("dark" if dark else "")
    require_accessible(page)
    shoot(page, f"first-{path.strip('/').replace('/', '-')}-{lang}", (size,))
    while len(asked) < len(first):
        page.wait_for_event("request")
    assert sorted(asked) == first
    for one in held:
        one.continue_()
    expect(
        page.get_by_text("巡查") if path == "/m/" else page.locator(".connection-sign.live")
    ).to_be_visible()
    # Nor is any of it asked for again by what then shows it.
    assert sorted(name for name in asked if name in first) == first


def test_whom_the_phone_knows_is_asked_for_nothing_twice(desk: Desk) -> None:
    desk.town.issue(title="巡查")
    page = desk.visit("/m/", "worker", size=PHONE)
    expect(page.get_by_text("巡查")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request(re.compile("/inbox")):
        page.reload()
    expect(page.get_by_text("巡查")).to_be_visible()
    found = sorted(match[1] for url in asked if (match := re.search(r"/api/v1/(me|grids|tasks)(\?|$)", url)))
    assert found == FIRST_SCREENS["/m/"][2]


def test_who_signs_in_on_the_phones_page_is_shown_his_tasks(desk: Desk) -> None:
    desk.expect_wrong(r"401.*/api/v1/me\b")
    desk.town.issue(title="巡查")
    password = desk.password_of("worker")
    page = desk.visit("/m/", size=PHONE)
    sign_in(page, ZH, desk.town.accounts["worker"].name, password)
    expect(page.get_by_text("巡查")).to_be_visible()
    expect(page.get_by_text(desk.town.grids[0])).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
