"""The households that visits go to, as an operator looks through them at the console."""

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, Desk, require_accessible, shoot

WORDS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "tab": "走访对象",
        "grid": "网格",
        "class": "住户类别",
        "visited": "上次走访",
        "high_risk": "高风险",
        "key": "重点",
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
        "none": "Nothing is like what you filter by.",
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


def test_how_much_of_the_last_year_was_covered_is_above_the_list(desk: Desk) -> None:
    town = desk.town
    household = on_record(desk, town.grids[0], "high_risk")
    later = datetime.fromisoformat(town.read("administrator", "/clock")["now"]) + timedelta(days=15)
    assert town.root.send("PUT", "/api/v1/clock", {"now": later.isoformat()}).status == 200
    page = desk.visit("/ui/console/plans/households", "operator", size=SMALL)
    expect(page.locator(".queue-tools")).to_contain_text("近一年走访覆盖率 0.00% (0 / 1)")
    visit(desk, household)
    expect(page.locator(".queue-tools")).to_contain_text("100.00% (1 / 1)")
