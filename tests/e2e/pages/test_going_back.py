"""The browser's Back closes what was opened last, and leaves the page only where nothing is open on it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages.browsing import SMALL, Desk


@pytest.fixture
def household(desk: Desk) -> str:
    one = {"grid": desk.town.grids[0], "household_class": "key", "name": "冯远山", "address": "一组二号"}
    return desk.town.do("operator", "/households", {"households": [one]}).item("household")


def entries(page: Page) -> int:
    """Return how many entries the window's history has."""
    count: int = page.evaluate("history.length")
    return count


def require_closed_by_back(page: Page, panel: Locator, left: Locator) -> None:
    """Go back: what was open is closed, what it was opened from is there, and forward opens it again."""
    page.go_back()
    expect(panel).to_have_count(0)
    expect(left).to_be_visible()
    page.go_forward()
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_have_count(0)


def test_back_closes_an_item_of_the_board_and_then_the_list_that_it_was_opened_from(desk: Desk) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("/ui/board?window=since&since=2020-01-01", "supervisor", size=SMALL)
    page.locator(".panel-cases .counts .number-link").first.click()
    drawer, item = page.locator(".drawer"), page.locator("dialog[open]")
    drawer.get_by_role("button", name="井盖缺失").click()
    expect(item).to_be_visible()
    expect(page).to_have_url(re.compile("item=case"))
    require_closed_by_back(page, item, drawer)
    require_closed_by_back(page, drawer, page.locator(".board-grid"))
    before = entries(page)
    for _ in range(2):
        page.locator(".panel-cases .counts .number-link").first.click()
        expect(page).to_have_url(re.compile("list="))
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(page).not_to_have_url(re.compile("list="))
    assert entries(page) <= before


def test_what_the_board_is_narrowed_down_to_is_no_step_to_go_back(desk: Desk) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("/ui/board?window=since&since=2020-01-01", "supervisor", size=SMALL)
    number = page.locator(".panel-cases .counts .number-link").first
    expect(number).to_be_visible()
    before = entries(page)
    category = page.get_by_label("类别", exact=True)
    category.select_option("environment")
    expect(page).to_have_url(re.compile("category=environment"))
    category.select_option("")
    expect(page).not_to_have_url(re.compile("category="))
    assert entries(page) == before
    # A list that is opened before that stands in the address is closed to what was chosen.
    category.select_option("environment")
    number.evaluate("one => one.click()")
    expect(page).to_have_url(re.compile("list="))
    page.go_back()
    expect(page.locator(".drawer")).to_have_count(0)
    expect(page).to_have_url(re.compile("category=environment"))
    expect(category).to_have_value("environment")


@pytest.mark.parametrize("kind", ["case", "task"])
def test_back_closes_an_item_of_the_console(desk: Desk, kind: str) -> None:
    make = {"case": desk.town.report, "task": desk.town.issue}[kind]
    make(title="第一项")
    make(title="第二项")
    page = desk.visit(f"/ui/console/{kind}s/all", "operator", size=SMALL)
    panel = page.locator(".item-panel")
    row = page.locator(".item-title").filter(has_text="第一项")
    row.click()
    expect(page).to_have_url(re.compile("item="))
    require_closed_by_back(page, panel, row)
    # From one to another, and back to the first.
    row.click()
    expect(panel.get_by_role("heading", name="第一项")).to_be_visible()
    page.locator(".item-title").filter(has_text="第二项").click()
    expect(panel.get_by_role("heading", name="第二项")).to_be_visible()
    page.go_back()
    expect(panel.get_by_role("heading", name="第一项")).to_be_visible()
    page.go_back()
    expect(panel).to_have_count(0)
    # Closed by its button or walked through by keys, nothing is to be gone back through.
    before = entries(page)
    for _ in range(3):
        row.click()
        expect(page).to_have_url(re.compile("item="))
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(panel).to_be_visible()
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(page).not_to_have_url(re.compile("item="))
    assert entries(page) <= before


@pytest.mark.parametrize("narrowed", [False, True])
def test_what_was_opened_before_what_is_closed_is_no_step_to_go_back(desk: Desk, *, narrowed: bool) -> None:
    for title in ("第一项", "第二项", "第三项"):
        desk.town.report(title=title)
    page = desk.visit("/ui/console/tasks/all", "operator", size=SMALL)
    page.goto("/ui/console/cases/all")
    panel = page.locator(".item-panel")
    for title in ("第一项", "第二项", "第三项"):
        page.locator(".item-title").filter(has_text=title).click()
        expect(panel.get_by_role("heading", name=title)).to_be_visible()
    if narrowed:
        page.locator(".filter-text").fill("第")
        expect(page).to_have_url(re.compile("text="))
    panel.get_by_role("button", name="关闭").click()
    expect(panel).to_have_count(0)
    expect(page).not_to_have_url(re.compile("item="))
    expect(page).to_have_url(re.compile("/cases/all[?]text=" if narrowed else "/cases/all$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/tasks/all"))
    expect(panel).to_have_count(0)


def test_a_list_of_the_board_that_was_opened_before_another_is_no_step_to_go_back(desk: Desk) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("about:blank", "supervisor", size=SMALL)
    page.goto(f"{desk.address}/ui/board?window=since&since=2020-01-01&lang=zh-CN")
    drawer = page.locator(".drawer")
    numbers = page.locator(".panel-cases .counts .number-link")
    for at in (0, 1):
        numbers.nth(at).evaluate("one => one.click()")
        expect(page).to_have_url(re.compile("list=cases[.]" + ("reported", "open")[at]))
    item = page.locator("dialog[open]")
    drawer.get_by_role("button", name="井盖缺失").click()
    expect(item).to_be_visible()
    # Both closed, as fast as one can press.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page).not_to_have_url(re.compile("list="))
    page.go_back()
    expect(page).to_have_url(re.compile("^about:blank"))


def test_an_item_is_closed_to_the_list_as_it_was_narrowed_down_meanwhile(desk: Desk) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("/ui/console/cases/all", "operator", size=SMALL)
    page.locator(".item-title").click()
    expect(page).to_have_url(re.compile("item="))
    page.locator(".filter-text").fill("井盖")
    expect(page).to_have_url(re.compile("text="))
    page.locator(".item-panel").get_by_role("button", name="关闭").click()
    expect(page).not_to_have_url(re.compile("item="))
    expect(page).to_have_url(re.compile("text="))


def test_back_closes_a_household(desk: Desk, household: str) -> None:
    page = desk.visit("/ui/console/plans/households", "operator", size=SMALL)
    row = page.locator(".item-title")
    row.click()
    expect(page).to_have_url(re.compile(f"item={household}"))
    require_closed_by_back(page, page.locator(".item-panel"), row)


def test_back_closes_an_event_of_the_log(desk: Desk) -> None:
    desk.town.report()
    page = desk.visit("/ui/audit/log", "auditor", size=SMALL)
    panel, row = page.locator(".event-panel"), page.locator(".log-what button").first
    row.click()
    expect(page).to_have_url(re.compile("event="))
    require_closed_by_back(page, panel, row)
    # Walking from event to event is no step of its own; what is sought by its position is.
    row.click()
    expect(panel).to_be_visible()
    before = entries(page)
    first = page.url
    panel.get_by_role("button", name="前一条").click()
    expect(page).not_to_have_url(first)
    assert entries(page) == before
    page.go_back()
    expect(panel).to_have_count(0)
