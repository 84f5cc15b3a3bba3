"""The households that visits go to: as an operator puts them on record and looks through them."""

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, Desk, require_accessible, shoot

WORDS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "tab": "走访对象",
        "grid": "网格",
        "class": "住户类别",
        "visited": "上次走访",
        "high_risk": "高风险",
        "key": "重点",
        "number": "编号",
        "overdue": "已超期",
        "late": "走访已超期",
        "none": "没有符合筛选条件的内容。",
        "empty": "还没有登记走访对象。",
        "clear": "清除筛选",
        "show": "查看个人信息",
        "never": "尚未走访",
        "event": "已走访",
        "recorder": "（由 operator · 值班员",
    },
    "en": {
        "tab": "Households",
        "grid": "Grid",
        "class": "Class",
        "visited": "Last visit",
        "high_risk": "High-risk",
        "key": "Key",
        "number": "Number",
        "overdue": "overdue",
        "late": "Visit overdue",
        "none": "Nothing matches the filter.",
        "empty": "No households on record yet.",
        "clear": "Clear the filter",
        "show": "Show personal data",
        "never": "Not visited yet",
        "event": "Household visited",
        "recorder": "(recorded by operator",
    },
}


def on_record(desk: Desk, grid: str, household_class: str) -> str:
    who = {"name": "李某某乙户", "address": "白鹤村一组十二号"}
    one = {"grid": grid, "household_class": household_class, **who}
    return desk.town.do("operator", "/households", {"households": [one]}).item("household")


def visit(desk: Desk, household: str) -> None:
    """Let the worker of the first grid visit a household, and the operator verify that."""
    town = desk.town
    task = town.issue(town.grids[0], title="走访", category="visit", households=[household])
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    town.do("worker", f"/tasks/{task}/submit", {"note": "平安"})
    town.do("operator", f"/tasks/{task}/verify", {"passed": True, "note": ""})


@pytest.mark.parametrize(("lang", "dark"), [("zh-CN", False), ("en", True)])
def test_an_operator_looks_through_the_households_and_opens_one(
    desk: Desk, lang: str, *, dark: bool, tmp_path: Path
) -> None:
    words, town = WORDS[lang], desk.town
    page = desk.visit("/ui/console/plans", "operator", lang=lang, dark=dark, size=SMALL)
    page.get_by_role("link", name=words["tab"]).click()
    expect(page.get_by_text(words["empty"])).to_be_visible()
    shoot(page, f"console-households-none-{lang}", (SMALL, PHONE))
    visited, other = on_record(desk, town.grids[0], "high_risk"), on_record(desk, town.grids[1], "key")
    visit(desk, visited)
    rows = page.locator(".item-table tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text=words["key"])).to_contain_text(words["never"])
    require_accessible(page)
    shoot(page, f"console-households-{lang}", (SMALL, TABLET, PHONE))

    page.get_by_label(words["class"]).select_option("key")
    expect(rows).to_have_count(1)
    page.get_by_label(words["grid"], exact=True).select_option(town.grids[0])
    expect(page.get_by_text(words["none"])).to_be_visible()
    page.get_by_role("button", name=words["clear"]).click()
    expect(rows).to_have_count(2)
    assert "class=" not in page.url
    page.get_by_label(words["visited"]).select_option("7")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(words["key"])
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "list.csv")
    sheet: list[list[Any]] = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8-sig"))))
    assert [line[-1] for line in sheet[1:2]] == [other]
    assert "李某某乙户" not in str(sheet)

    page.get_by_label(words["visited"]).select_option("")
    rows.filter(has_text=words["high_risk"]).get_by_role("button").click()
    panel = page.locator(".item-panel")
    expect(panel.locator(".timeline")).to_contain_text(words["event"])
    expect(panel.locator(".timeline li").first).to_contain_text(words["recorder"])
    require_accessible(page)
    shoot(page, f"console-household-{lang}", (SMALL, TABLET, PHONE))
    panel.get_by_role("button", name=words["show"]).click()
    expect(panel).to_contain_text("李某某乙户")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"item={other}|item={visited}"))


@pytest.mark.parametrize("lang", WORDS)
def test_a_household_is_named_by_grid_and_number_and_on_top_once_it_is_overdue(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    later = datetime.fromisoformat(town.read("administrator", "/clock")["now"]) + timedelta(days=15)
    first, second = on_record(desk, town.grids[0], "general"), on_record(desk, town.grids[0], "high_risk")
    task = town.issue(town.grids[0], title="走访", category="visit", households=[second])
    assert town.root.send("PUT", "/api/v1/clock", {"now": later.isoformat()}).status == 200
    page = desk.visit("/ui/console/plans/households", "operator", lang=lang, size=SMALL)
    rows = page.locator(".item-table tbody tr")
    expect(rows.first).to_contain_text("002")
    expect(rows.first.locator(".light.red")).to_contain_text(words["overdue"])
    shoot(page, f"console-households-overdue-{lang}", (SMALL, PHONE))
    page.get_by_label(words["visited"]).select_option(label=words["late"])
    expect(rows).to_have_count(1)
    page.get_by_label(words["visited"]).select_option("")
    page.get_by_label(words["number"], exact=True).fill("001")
    page.get_by_label(words["number"], exact=True).press("Enter")
    expect(rows).to_have_count(1)
    rows.get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"item={first}"))
    expect(page.locator(".item-panel h2")).to_contain_text("001")
    # A task says by the same numbers whom it goes to.
    page.goto(f"/ui/console/tasks/all?item={task}")
    page.locator(".item-panel .numbers").get_by_role("link", name="002").click()
    expect(page).to_have_url(re.compile(f"item={second}"))
    expect(page.locator(".item-panel h2")).to_contain_text("002")


def test_how_much_of_the_last_year_was_covered_is_above_the_list(desk: Desk) -> None:
    town = desk.town
    household = on_record(desk, town.grids[0], "high_risk")
    later = datetime.fromisoformat(town.read("administrator", "/clock")["now"]) + timedelta(days=15)
    assert town.root.send("PUT", "/api/v1/clock", {"now": later.isoformat()}).status == 200
    page = desk.visit("/ui/console/plans/households", "operator", size=SMALL)
    expect(page.locator(".queue-tools")).to_contain_text("近一年走访覆盖率 0.00% (0 / 1)")
    visit(desk, household)
    expect(page.locator(".queue-tools")).to_contain_text("100.00% (1 / 1)")


UNREADABLE: Final = "\N{BRAILLE PATTERN BLANK}"
"""A name in the eyes of the browser, and nothing in anybody else's."""
FORM: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "record": "登记住户",
        "name": "户名",
        "address": "住址",
        "save": "保存",
        "again": "保存后继续登记下一户",
        "done": "已登记 1 户，请继续。",
        "restored": "已恢复您上次未提交的内容。",
        "unreadable": "不能为空。",
        "change": "变更登记",
        "leave": "迁出",
        "reason": "原因",
        "left": "已迁出",
        "close": "关闭",
    },
    "en": {
        "record": "Put on record",
        "name": "Name",
        "address": "Address",
        "save": "Save",
        "again": "Put another on record after this one",
        "done": "Put on record: 1. Go on with the next.",
        "restored": "What you had typed and not sent is here again.",
        "unreadable": "Must hold something that can be read",
        "change": "Change",
        "leave": "Has left",
        "reason": "Reason",
        "left": "Left",
        "close": "Close",
    },
}


@pytest.mark.parametrize(("lang", "dark"), [("zh-CN", True), ("en", False)])
def test_an_operator_puts_households_on_record_one_after_another(
    desk: Desk, lang: str, *, dark: bool
) -> None:
    words, grid = {**WORDS[lang], **FORM[lang]}, desk.town.grids[0]
    page = desk.visit("/ui/console/plans/households", "operator", lang=lang, dark=dark, size=SMALL)
    rows, dialog = page.locator(".item-table tbody tr"), page.get_by_role("dialog")
    name, address = (dialog.get_by_label(words[one], exact=True) for one in ("name", "address"))
    save = dialog.get_by_role("button", name=words["save"])
    # What was typed is there again, also after the page was loaded anew.
    page.get_by_role("button", name=words["record"]).click()
    expect(dialog.get_by_label(words["grid"], exact=True)).to_be_focused()
    dialog.get_by_label(words["grid"], exact=True).select_option(grid)
    dialog.get_by_label(words["class"]).select_option("high_risk")
    name.fill(UNREADABLE)
    address.fill("白鹤村一组12号")
    dialog.get_by_role("button", name=words["close"]).click()
    page.reload()
    page.get_by_role("button", name=words["record"]).click()
    expect(dialog).to_contain_text(words["restored"])
    # A name that nobody can read is refused, at its field; all else stays.
    desk.expect_wrong(r"422.*/api/v1/households")
    save.click()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(dialog).to_contain_text(words["unreadable"])
    expect(dialog).not_to_contain_text("(name)")
    require_accessible(page)
    shoot(page, f"dialog-household-refused-{lang}", (SMALL, TABLET, PHONE))
    expect(address).to_have_value("白鹤村一组12号")
    name.fill("李某某丙户")
    dialog.get_by_label(words["again"]).check()
    save.click()
    # The next begins in the same grid, with nothing of who lives in the one before.
    expect(dialog).to_contain_text(words["done"])
    expect(dialog.get_by_label(words["grid"], exact=True)).to_have_value(grid)
    expect(name).to_have_value("")
    expect(name).to_be_focused()
    name.fill("王某某丁户")
    address.fill("白鹤村一组13号")
    dialog.get_by_label(words["again"]).uncheck()
    save.click()
    # What it is called is said for a while, so that it can be found again.
    expect(page.locator(".undo-bar")).to_contain_text("002")
    expect(dialog).to_have_count(0)
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(words["high_risk"])
    expect(page.locator("body")).not_to_contain_text("某某")
    assert "某某" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_chosen_grid_stays_chosen_while_the_grids_are_still_being_fetched(desk: Desk) -> None:
    words, grid = {**WORDS["en"], **FORM["en"]}, desk.town.grids[0]
    page = desk.visit("/ui/console/plans/households", "operator", lang="en", size=SMALL)
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name=words["record"]).click()
    dialog.get_by_label(words["grid"], exact=True).select_option(grid)
    dialog.get_by_label(words["name"], exact=True).fill("李某某戊户")
    dialog.get_by_label(words["address"], exact=True).fill("白鹤村一组14号")
    dialog.get_by_role("button", name=words["close"]).click()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/grids?*", hold)
    page.reload()
    page.get_by_role("button", name=words["record"]).click()
    expect(dialog).to_contain_text(words["restored"])
    expect(dialog.get_by_label(words["grid"], exact=True)).to_have_value(grid)
    dialog.get_by_role("button", name=words["save"]).click()
    expect(dialog).to_have_count(0)
    row = page.locator(".item-table tbody tr")
    expect(row).to_have_count(1)
    for route in held:
        route.continue_()
    expect(row).to_contain_text(grid)


@pytest.mark.parametrize(("lang", "dark"), [("zh-CN", False), ("en", True)])
def test_an_operator_changes_a_household_and_lets_it_go(desk: Desk, lang: str, *, dark: bool) -> None:
    words, town = {**WORDS[lang], **FORM[lang]}, desk.town
    household = on_record(desk, town.grids[0], "high_risk")
    path = f"/ui/console/plans/households?item={household}"
    page = desk.visit(path, "operator", lang=lang, dark=dark, size=SMALL)
    panel, dialog = page.locator(".item-panel"), page.get_by_role("dialog")
    panel.get_by_role("button", name=words["change"]).click()
    require_accessible(page)
    shoot(page, f"dialog-household-change-{lang}", (SMALL, PHONE))
    dialog.get_by_label(words["grid"], exact=True).select_option(town.grids[1])
    dialog.get_by_label(words["class"]).select_option("key")
    dialog.get_by_label(words["address"], exact=True).fill("黄桷村二组7号")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(dialog).to_have_count(0)
    facts = panel.locator(".facts").first
    expect(facts).to_contain_text(words["key"])
    expect(facts).to_contain_text(town.grids[1])
    # A name that was left empty stays as it was.
    panel.get_by_role("button", name=words["show"]).click()
    expect(panel).to_contain_text("李某某乙户")
    expect(panel).to_contain_text("黄桷村二组7号")

    panel.get_by_role("button", name=words["leave"]).click()
    dialog.get_by_label(words["reason"]).fill("随子女迁往主城")
    require_accessible(page)
    shoot(page, f"dialog-household-leave-{lang}", (SMALL, PHONE))
    dialog.get_by_role("button", name=words["leave"]).click()
    expect(facts).to_contain_text(words["left"])
    expect(panel.get_by_role("button", name=words["change"])).to_have_count(0)
    expect(page.get_by_text(words["empty"])).to_be_visible()
