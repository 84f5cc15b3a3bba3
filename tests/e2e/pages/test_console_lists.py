"""What the console's lists say on the screen, on paper and in a file, and an address that leads nowhere."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages.browsing import SMALL, Desk, Size, require_accessible, shoot

PAPER = Size(718, 1000)
"""A4 in CSS pixels, without its margins."""
LANGS = ("zh-CN", "en")
ZH, EN = LANGS
WORDS = {
    ZH: {
        "department": "部门",
        "channel": "渠道",
        "in person": "当面",
        "assignee": "责任人",
        "all cases": "事件 · 全部",
        "category": "类别",
        "no such case": "没有这一项",
        "identity number": "身份证号",
        "mistyped": "不是有效的居民身份证号码",
    },
    EN: {
        "department": "Department",
        "channel": "Channel",
        "in person": "In person",
        "assignee": "Assignee",
        "all cases": "Cases · All",
        "category": "Category",
        "no such case": "There is no such item",
        "identity number": "Identity no.",
        "mistyped": "No valid identity number",
    },
}


def dispatched(desk: Desk) -> str:
    """A case that was reported in person and is with a department."""
    more = {"source": "resident", "channel": "in_person", "title": "围墙倾斜"}
    case = desk.town.by("operator").post(
        "/api/v1/cases", {"grid": desk.town.grids[0], "category": "environment", **more}
    )
    found = case.item("case")
    desk.town.do("operator", f"/cases/{found}/accept")
    desk.town.do("operator", f"/cases/{found}/verify", {"genuine": True})
    desk.town.do("operator", f"/cases/{found}/register")
    desk.town.do("operator", f"/cases/{found}/dispatch", {"department": "emergency"})
    return found


def exported(page: Page, to: Path) -> dict[str, str]:
    """Return the first row of the list as it leaves the page, by the names of its columns."""
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV", exact=True).click()
    taken.value.save_as(to)
    names, row, *_ = csv.reader(io.StringIO(to.read_text(encoding="utf-8-sig")))
    return dict(zip(names, row, strict=True))


@pytest.mark.parametrize("lang", LANGS)
def test_a_case_with_a_department_is_with_it_in_the_list_too(desk: Desk, lang: str, tmp_path: Path) -> None:
    words = WORDS[lang]
    desk.expect_wrong("404.*/audit/checkpoint")
    dispatched(desk)
    desk.town.report(title="路面破损")
    page = desk.visit("/ui/console/cases/all", "operator", lang=lang, size=SMALL)
    rows = page.locator(".item-table tbody tr")
    expect(rows.filter(has_text="围墙倾斜")).to_contain_text("应急办")
    page.get_by_label(words["assignee"], exact=True).select_option(label="应急办")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("围墙倾斜")
    assert exported(page, tmp_path / "list.csv")[words["department"]] == "应急办"
    require_accessible(page)
    shoot(page, f"console-department-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_by_which_channel_a_case_came_is_told(desk: Desk, lang: str, tmp_path: Path) -> None:
    words = WORDS[lang]
    desk.expect_wrong("404.*/audit/checkpoint")
    case = dispatched(desk)
    page = desk.visit(f"/ui/console/cases/all?item={case}", "operator", lang=lang, size=SMALL)
    facts = page.locator(".item-panel .facts")
    expect(facts.locator(f"dt:text-is('{words['channel']}') + dd")).to_have_text(words["in person"])
    assert exported(page, tmp_path / "list.csv")[words["channel"]] == words["in person"]
    shoot(page, f"console-channel-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_a_list_printed_by_the_browsers_menu_has_its_heading_and_nothing_to_press(
    desk: Desk, lang: str
) -> None:
    words = WORDS[lang]
    for n in range(3):
        desk.town.report(title=f"垃圾堆放在路口旁边的围墙下面，占了半条路，行人只能绕道，车也过不去 {n}")
    page = desk.visit("/ui/console/cases/all", "operator", lang=lang, size=SMALL)
    rows = page.locator(".item-table tbody tr")
    expect(rows).to_have_count(3)
    head = page.locator(".printed-head")
    expect(head).to_be_hidden()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER.width, "height": PAPER.height})
    expect(head).to_contain_text(words["all cases"])
    expect(head).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"))
    expect(page.locator(".item-table input, .queue-foot button").locator("visible=true")).to_have_count(0)
    status = rows.first.locator("td:nth-child(3)")
    lines = status.evaluate(
        "one => { const range = document.createRange(); range.selectNodeContents(one);"
        " return new Set([...range.getClientRects()].map(({ top }) => top)).size }"
    )
    # No word is broken.
    assert lines <= len(status.inner_text().split())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"console-on-paper-{lang}", (PAPER,))


@pytest.mark.parametrize("lang", LANGS)
def test_an_address_that_leads_nowhere_says_so_or_leads_on(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    desk.expect_wrong("404.*/api/v1/cases/0{32}")
    desk.town.report(title="路面破损")
    page = desk.visit("/ui/console/cases/zzz", "operator", lang=lang, size=SMALL)
    expect(page).to_have_url(re.compile(r"/cases/open\b"))
    page.goto(f"/ui/console/cases/all?category=xyz&lang={lang}")
    chip = page.locator(".chip")
    expect(chip).to_contain_text("xyz")
    expect(page.get_by_label(words["category"], exact=True)).to_have_value("")
    require_accessible(page)
    shoot(page, f"console-unknown-filter-{lang}", (SMALL,))
    chip.get_by_role("button").click()
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    page.goto(f"/ui/console/cases/all?item={'0' * 32}&lang={lang}")
    panel = page.locator(".item-panel")
    expect(panel.get_by_role("alert")).to_contain_text(words["no such case"])
    expect(panel.get_by_role("button")).to_have_count(1)
    require_accessible(page)
    shoot(page, f"console-no-such-item-{lang}", (SMALL,))
    panel.get_by_role("button").click()
    expect(panel).to_have_count(0)


def test_each_page_of_a_desk_has_a_title_of_its_own(desk: Desk) -> None:
    titles = {
        "operator": {
            "/ui/console/cases/open": "事件 · 全部未结 · 调度台 · 网格调度",
            "/ui/console/tasks/overdue": "任务 · 超期 · 调度台 · 网格调度",
            "/ui/console/search?q=井盖": "搜索“井盖” · 调度台 · 网格调度",
            "/ui/console/plans": "周期计划 · 调度台 · 网格调度",
            "/ui/console/plans/households": "走访对象 · 调度台 · 网格调度",
        },
        "auditor": {"/ui/audit/proofs": "证明 · 审计 · 网格调度", "/ui/audit/log": "日志 · 审计 · 网格调度"},
        "administrator": {"/ui/admin/people": "人员 · 管理 · 网格调度"},
        "supervisor": {"/ui/board": "驾驶舱 · 网格调度"},
    }
    for who, pages in titles.items():
        page = desk.visit("about:blank", who)
        for path, title in pages.items():
            page.goto(f"{desk.address}{path}")
            expect(page).to_have_title(title)


@pytest.mark.parametrize("lang", LANGS)
def test_a_mistyped_identity_number_is_told_and_can_be_sent_all_the_same(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/cases/all", "operator", lang=lang, size=SMALL)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.keyboard.press("r")
    form = page.get_by_role("dialog")
    number = form.get_by_label(words["identity number"])
    for given, doubted in (("1234", True), ("11010519491231002X", False), ("E12345678", False)):
        number.fill(given)
        expect(form.get_by_text(words["mistyped"])).to_have_count(int(doubted))
    number.fill("1234")
    require_accessible(page)
    shoot(page, f"console-identity-number-{lang}", (SMALL,))
    form.locator("input").first.fill("路面破损")
    form.locator("select").first.select_option(desk.town.grids[0])
    form.locator("button[type=submit]").click()
    expect(page.locator(".item-table tbody tr")).to_have_count(1)


def test_what_was_done_takes_one_line_of_what_lies_below(desk: Desk) -> None:
    title = "幸福路与团结路交叉口东南角人行道上的井盖缺失，夜间无照明，附近小学学生上下学须经过此处，" * 3
    case = desk.town.report(title=title[:140])
    page = desk.visit(f"/ui/console/cases/to-accept?item={case}", "operator", size=SMALL)
    page.locator(".item-panel .panel-steps .chief").click()
    bar = page.locator(".undo-bar")
    expect(bar).to_be_visible()
    shoot(page, "console-done-long", (SMALL,))
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] < 64
    assert box["width"] < 600


def test_what_was_done_stays_while_it_is_pointed_at(desk: Desk) -> None:
    case = desk.town.report(title="井盖缺失")
    page = desk.visit("about:blank", "operator", size=SMALL)
    page.clock.install()
    page.goto(f"{desk.address}/ui/console/cases/to-accept?item={case}&lang=zh-CN")
    page.locator(".item-panel .panel-steps .chief").click()
    bar = page.locator(".undo-bar")
    expect(bar).to_be_visible()
    bar.hover()
    page.clock.fast_forward("01:00")
    expect(bar).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.fast_forward("01:00")
    expect(bar).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_plans_and_households_on_paper_have_a_heading_and_nothing_to_press(desk: Desk, lang: str) -> None:
    town = desk.town
    plan = {
        "scope": town.code,
        "title": "重点住户走访",
        "category": "visit",
        "schedule": {"times": ["08:00"]},
        "targets": {"classes": ["key"]},
        "assign_to": "chief",
    }
    town.do("operator", "/plans", plan)
    one = {"grid": town.grids[0], "household_class": "key", "name": "冯远山", "address": "一组二号"}
    town.do("operator", "/households", {"households": [one]})
    page = desk.visit("about:blank", "operator", lang=lang, size=SMALL)
    headings = {
        f"plans?lang={lang}": {ZH: "周期计划", EN: "Plans"},
        f"plans/households?class=key&lang={lang}": {ZH: "走访对象 · 重点", EN: "Households · Key"},
    }
    for path, heading in headings.items():
        page.goto(f"{desk.address}/ui/console/{path}")
        expect(page.locator(".item-table tbody tr")).to_have_count(1)
        head = page.locator(".printed-head")
        expect(head).to_be_hidden()
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER.width, "height": PAPER.height})
        expect(head).to_contain_text(heading[lang])
        expect(head).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"))
        unpressed = page.locator(".row-steps, .queue-foot button, .plain").locator("visible=true")
        expect(unpressed).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shoot(page, f"console-on-paper-{path.split('?')[0].replace('/', '-')}-{lang}", (PAPER,))
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": SMALL.width, "height": SMALL.height})


@pytest.mark.parametrize(
    "mistyped",
    [
        "sort=nothing",
        "severity=9",
        "source=nobody",
        "scope=abc",
        "category=No!",
        "assignee=No!",
        "campaign=1",
        "reported_from=soon",
        "exact=perhaps",
    ],
)
def test_what_an_address_cannot_ask_for_is_left_out(desk: Desk, mistyped: str) -> None:
    desk.town.report(title="路面破损")
    page = desk.visit(f"/ui/console/cases/all?{mistyped}", "operator", size=SMALL)
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    expect(page.locator(".chip, .failed-state")).to_have_count(0)


@pytest.mark.parametrize("mistyped", ["sort=nothing", "class=no", "scope=abc", "status=no", "without=no"])
def test_what_an_address_of_households_cannot_ask_for_is_left_out(desk: Desk, mistyped: str) -> None:
    one = {"grid": desk.town.grids[0], "household_class": "key", "name": "冯远山", "address": "一组二号"}
    desk.town.do("operator", "/households", {"households": [one]})
    page = desk.visit(f"/ui/console/plans/households?{mistyped}", "operator", size=SMALL)
    expect(page.locator(".item-table tbody tr")).to_have_count(1)


@pytest.mark.parametrize("lang", LANGS)
def test_the_log_and_the_policy_on_paper_are_headed_and_read_as_text(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/audit", "auditor", lang=lang, size=SMALL)
    expect(page.locator(".log-row").nth(2)).to_be_visible()
    head = page.locator(".printed-head")
    expect(head).to_be_hidden()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER.width, "height": PAPER.height})
    expect(head).to_contain_text({ZH: "日志", EN: "Log"}[lang])
    expect(head).to_contain_text({ZH: "只有打印时屏幕上的记录", EN: "only what was on the screen"}[lang])
    shoot(page, f"audit-log-on-paper-{lang}", (PAPER,))
    form = desk.visit("/ui/admin/policy", "administrator", lang=lang, size=SMALL)
    form.locator("textarea").first.fill("2027-02-17")
    form.emulate_media(media="print")
    form.set_viewport_size({"width": PAPER.width, "height": PAPER.height})
    boxes = "input[type='checkbox'], textarea, button"
    expect(form.locator(".policy-form").locator(boxes).locator("visible=true")).to_have_count(0)
    edged = "ones => ones.filter((one) => getComputedStyle(one).borderTopWidth !== '0px').length"
    assert form.locator(".policy-form").locator("input, select").evaluate_all(edged) == 0
    expect(form.locator(".printed-value").first).to_have_text("2027-02-17")
    shoot(form, f"admin-policy-on-paper-{lang}", (Size(PAPER.width, 2000),))


def test_messages_and_grids_on_paper_have_nothing_to_press(desk: Desk) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("/ui/console/inbox", "operator", size=SMALL)
    expect(page.get_by_text("井盖缺失")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".page-head h2")).to_be_visible()
    expect(page.locator("button, input").locator("visible=true")).to_have_count(0)
    admin = desk.visit("/ui/admin", "administrator", size=SMALL)
    expect(admin.get_by_role("button", name="撤销网格").first).to_be_visible()
    admin.emulate_media(media="print")
    expect(admin.locator(".admin-table").first).to_be_visible()
    expect(admin.locator("button, .plain, input").locator("visible=true")).to_have_count(0)
