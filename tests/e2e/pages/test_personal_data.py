"""Personal data at the console: masked until it is asked for, found by telephone, gone once it was erased."""

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.browsing import SMALL, Desk, require_accessible, shoot

REPORTER = {"name": "张某某甲", "telephone": "139 1234 5678", "address": "幸福路八十八号", "note": ""}
WORDS = {
    "zh-CN": {
        "tab": "个人信息",
        "show": "查看个人信息",
        "hide": "隐藏",
        "search": "按电话查找",
        "telephone": "电话",
        "go": "查找",
        "erased": "个人信息已于",
    },
    "en": {
        "tab": "Personal data",
        "show": "Show personal data",
        "hide": "Hide",
        "search": "Search by telephone",
        "telephone": "Telephone",
        "go": "Search",
        "erased": "The personal data was erased",
    },
}


@pytest.mark.parametrize("lang", WORDS)
def test_an_operator_has_it_shown_finds_it_by_telephone_and_no_more_once_it_was_erased(
    desk: Desk, lang: str
) -> None:
    words = WORDS[lang]
    case = desk.town.report(title="路灯不亮", reporter=REPORTER, description="门口那盏")
    page = desk.visit("/ui/console/cases/all", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["search"]).click()
    dialog = page.get_by_role("dialog", name=words["search"])
    dialog.get_by_label(words["telephone"]).fill("13912345678")
    dialog.get_by_role("button", name=words["go"], exact=True).click()
    expect(dialog.get_by_role("link", name="路灯不亮")).to_be_visible()
    require_accessible(page)
    dialog.get_by_role("link", name="路灯不亮").click()
    assert "13912345678" not in page.url
    page.get_by_role("tab", name=words["tab"]).click()
    panel = page.get_by_role("region", name=words["tab"])
    expect(panel.get_by_text(words["telephone"], exact=True)).to_be_visible()
    expect(panel.get_by_text(REPORTER["telephone"])).to_have_count(0)
    panel.get_by_role("button", name=words["show"]).click()
    for text in (REPORTER["name"], REPORTER["telephone"], "门口那盏"):
        expect(panel.get_by_text(text, exact=True)).to_be_visible()
    require_accessible(page)
    shoot(page, f"personal-{lang}")
    panel.get_by_role("button", name=words["hide"]).click()
    expect(panel.get_by_text(REPORTER["name"])).to_have_count(0)
    desk.town.do("supervisor", "/personal/erase", {"subjects": [f"case:{case}"], "ground": "request"})
    panel.get_by_role("button", name=words["show"]).click()
    expect(panel.get_by_text(words["erased"])).to_be_visible()
    expect(panel.get_by_text(REPORTER["name"])).to_have_count(0)
