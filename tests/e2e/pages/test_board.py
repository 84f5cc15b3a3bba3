"""The supervisors' board, in both languages: the town now and as it stood, the list behind each number."""

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.http.town import new_code
from tests.e2e.pages.browsing import (
    DESKS,
    PHONE,
    SCREENSHOTS,
    SMALL,
    TABLET,
    USUAL,
    Desk,
    Size,
    each_size,
    require_accessible,
    shoot,
    shoot_as_it_is,
)

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
HUGE = Size(3840, 2160)
VAST = Size(6656, 1792)
BOUNDARIES = re.compile(r"/api/v1/grids\b")
ALWAYS = "window=since&since=2020-01-01"
"""Other tests of this service move its clock on: a month or year may end meanwhile."""
SQUARE = [[107.0, 29.8], [107.02, 29.8], [107.02, 29.82], [107.0, 29.82], [107.0, 29.8]]
BROKEN = "all => all.filter(one => one.getClientRects()[0].height > 40).map(one => one.innerText)"
WHOLE_ROWS = """one => {
    const place = one.getBoundingClientRect(), head = one.querySelector("thead th").getBoundingClientRect()
    const seen = [...one.querySelectorAll("tbody tr")].map((row) => [row, row.getBoundingClientRect()])
        .filter(([, box]) => box.bottom > head.bottom + 1 && box.top < place.bottom - 1)
    const cut = seen.filter(([, box]) => box.top < head.bottom - 1 || box.bottom > place.bottom + 1)
    return cut.length > 0 ? [] : seen.map(([row]) => row.querySelector("th").innerText)
}"""
"""The names of the rows that are seen; nothing if one of them is cut."""
FILLED = """panel => {
    const all = document.querySelector(panel), place = all.querySelector(".panel-scroll")
    const { top, bottom } = place.getBoundingClientRect()
    const rows = [...place.querySelectorAll("li")].map((row) => row.getBoundingClientRect())
    const seen = rows.filter((row) => row.bottom > top + 1 && row.top < bottom - 1)
    const after = place.nextElementSibling.getBoundingClientRect().top
    const ends = all.lastElementChild.getBoundingClientRect().bottom <= all.getBoundingClientRect().bottom
    const room = seen.length === rows.length || after - seen.at(-1).bottom < seen[0].height + 12
    const whole = seen.every((row) => row.top >= top - 1 && row.bottom <= bottom + 1)
    return seen.length > 1 && whole && ends && room
}"""
"""Whether a panel shows whole rows only, more than one, and has no room for one more."""
WORDS = {
    ZH: {
        "past": "历史画面",
        "live": "回到实时",
        "slider": "回看任一天",
        "none": "暂无数据",
        "known": "按当时所知",
        "vacant": "空缺",
        "scope": "范围",
        "table": "表格",
        "emergency": "急时状态",
        "no grids": "尚未划分网格",
        "outside": "这不在您的管辖范围内",
        "own": "回到本人管辖范围",
        "all categories": "全部类别",
        "all sources": "全部来源",
        "administrator": "管理员不参与调度",
        "play": "播放",
        "export": "日志位置",
        "answer": "回应督办",
        "promised": "承诺时间",
        "reply": "回应内容",
        "refused": "承诺时间须在现在之后、一年以内",
        "restored": "已恢复您上次未提交的内容",
        "instruct": "批示",
        "instruction": "批示内容",
        "instructed": "已批示",
        "close": "关闭",
    },
    EN: {
        "past": "As it stood on",
        "live": "Back to live",
        "slider": "Look back at any day",
        "none": "no data",
        "known": "As known then",
        "vacant": "Vacant",
        "scope": "Scope",
        "table": "Table",
        "emergency": "Emergency mode",
        "no grids": "No grids have been drawn yet",
        "outside": "outside your area",
        "own": "Back to my own scope",
        "all categories": "All categories",
        "all sources": "All sources",
        "administrator": "An administrator dispatches nothing",
        "play": "Play",
        "export": "Log position",
        "answer": "Answer the escalation",
        "promised": "Promised for",
        "reply": "Answer",
        "refused": "A promise is for a time after now and within a year",
        "restored": "What you had typed and not sent is here again",
        "instruct": "Instruct",
        "instruction": "Instruction",
        "instructed": "The instruction is given",
        "close": "Close",
    },
}


def tile(page: Page, figure: str = "completion_rate") -> Locator:
    return page.locator(f'.tile[data-figure="{figure}"]')


def numbers(page: Page, figure: str = "completion_rate") -> Locator:
    return tile(page, figure).locator(".number-link")


def finish(desk: Desk, task: str) -> None:
    """Bring a task to its end."""
    for step, body in (("accept", {"begin": True}), ("submit", {"note": "已清理"})):
        desk.town.do("worker", f"/tasks/{task}/{step}", body)
    desk.town.do("operator", f"/tasks/{task}/verify", {"passed": True})


def pass_time(desk: Desk, **span: float) -> datetime:
    """Move the service's clock on, and return the time before."""
    now = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    later = {"now": (now + timedelta(**span)).isoformat()}
    assert desk.town.root.send("PUT", "/api/v1/clock", later).status == 200
    return now


def shown_as(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("lang", LANGS)
def test_a_supervisor_sees_each_change_as_it_happens(desk: Desk, lang: str) -> None:
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(tile(page)).to_contain_text(WORDS[lang]["none"])
    task, _ = desk.town.issue(), desk.town.issue()
    expect(numbers(page).nth(1)).to_have_text("2")
    expect(tile(page)).to_contain_text("0.00%")
    finish(desk, task)
    expect(tile(page)).to_contain_text("50.00%")
    expect(page.locator(".board-sign")).not_to_have_class(re.compile("past"))
    require_accessible(page)
    shoot(page, f"board-live-{lang}", (*DESKS, VAST))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name={ZH: "快捷键", EN: "Keys"}[lang])
    expect(keys).to_contain_text({ZH: "前一周、后一周", EN: "a week back, a week on"}[lang])
    require_accessible(page)
    shoot(page, f"board-keys-{lang}", (SMALL,))
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_number_opens_the_list_behind_it_which_is_as_long(desk: Desk, lang: str) -> None:
    for number in range(7):
        desk.town.issue(title=f"巡查 {number}")
    done = desk.town.issue(title="办完的")
    finish(desk, done)
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    for place, length in ((0, 1), (1, 8)):
        expect(numbers(page).nth(place)).to_have_text(str(length))
        numbers(page).nth(place).click()
        drawer = page.locator(".drawer")
        expect(drawer.locator("tbody tr")).to_have_count(length)
        expect(drawer.locator(".drawer-total")).to_contain_text(str(length))
        # Ids of one time begin alike: their ends tell them apart.
        row = drawer.locator("tbody tr").filter(has_text="办完的")
        expect(row.locator("td").last).to_have_text(f"…{done[-6:]}")
        expect(page).to_have_url(re.compile("list=completion_rate"))
        if place == 1:
            require_accessible(page)
            shoot(page, f"board-list-{lang}", (SMALL, USUAL))
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(numbers(page).nth(place)).to_be_focused()
    other = desk.visit(f"/ui/board?{ALWAYS}&list=tasks.open~numerator", "supervisor", lang=lang)
    expect(other.locator(".drawer tbody tr")).to_have_count(7)


@pytest.mark.parametrize("lang", LANGS)
def test_figures_of_one_category_and_one_source_are_on_the_board_and_on_all_that_leaves_it(
    desk: Desk, lang: str
) -> None:
    """As a town tells its year: so many cases of the grids, so many suggestions, so many disputes."""
    town = desk.town
    for n in range(3):
        town.report(title=f"网格的 {n}")
    for n in range(2):
        town.do(
            "operator",
            "/cases",
            {"grid": town.grids[1], "category": "suggestion", "title": f"代表建议 {n}", "source": "resident"},
        )
    agreed = town.report(title="界址之争", category="dispute")
    town.do("operator", f"/cases/{agreed}/accept")
    for who, step, body in (
        ("operator", "register", None),
        ("operator", "classify", {"kind": "land", "major": True}),
        ("operator", "assign", {"mediator": "wang"}),
        ("worker", "mediate", {"level": "courtyard"}),
        ("worker", "agree", {"jointly_with": ["town"]}),
    ):
        town.do(who, f"/disputes/{agreed}/{step}", body)
    town.issue(title="巡查")
    page = desk.visit(f"/ui/board?{ALWAYS}&figure=acceptance_rate", "supervisor", lang=lang)
    reported = page.locator(".panel-cases .counts .number-link").first
    expect(reported).to_have_text("6")
    category, source = page.locator("select.narrow").all()
    levels = page.locator(".panel-disputes .counts")
    expect(levels).to_contain_text(
        re.compile({ZH: "重大联调 *1.*院落化解 *1", EN: "Major, jointly *1.*Courtyard *1"}[lang])
    )
    source.select_option("grid_worker")
    expect(reported).to_have_text("4")
    expect(numbers(page, "acceptance_rate")).to_have_text(["1", "4"])
    expect(page).to_have_url(re.compile("source=grid_worker"))
    told = {ZH: "事件来源：网格员", EN: "Cases from: Grid worker"}[lang]
    expect(page.locator(".board-where")).to_contain_text(told)
    # Tasks have no source: all are there, and it is said.
    expect(numbers(page).nth(1)).to_have_text("1")
    expect(page.locator(".panel-tasks .counts")).to_contain_text(
        {ZH: "任务不分来源", EN: "tasks have no source"}[lang]
    )
    require_accessible(page)
    shoot(page, f"board-narrowed-{lang}", (SMALL, USUAL))
    reported.click()
    drawer = page.locator(".drawer")
    expect(drawer.locator("tbody tr")).to_have_count(4)
    expect(drawer.locator("h2")).to_contain_text(told)
    page.keyboard.press("Escape")
    page.locator(".panel-trend").get_by_role("button", name=WORDS[lang]["table"]).click()
    expect(page.locator(".panel-trend tbody tr").last.locator("a")).to_have_text(["1", "4"])
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert {ZH: "网格员", EN: "Grid-worker"}[lang] in download.value.suggested_filename
    source.select_option("")
    category.select_option("suggestion")
    expect(reported).to_have_text("2")
    expect(numbers(page).nth(1)).to_have_text("0")
    category.select_option("dispute")
    level = levels.locator(".number-link").last
    expect(level).to_have_text("1")
    level.click()
    expect(drawer.locator("tbody tr")).to_have_count(1)
    expect(drawer.locator("tbody")).to_contain_text("界址之争")
    page.keyboard.press("Escape")
    # What is published from here is what is shown.
    page.get_by_role("link", name={ZH: "公布", EN: "Publish"}[lang]).click()
    page.wait_for_url(re.compile("/ui/audit/published.*category=dispute"))
    expect(page.get_by_role("dialog")).to_contain_text({ZH: "类别：矛盾纠纷", EN: "Category: Dispute"}[lang])


def test_long_names_leave_room_for_the_rest_of_a_list(desk: Desk) -> None:
    town, name = desk.town, "万顺镇石堰村滨河路与老街交汇处至幸福桥沿线及周边农家院落第一网格" * 2
    path, body = f"/api/v1/towns/{town.code}/grids/{town.grids[0]}", {"village": None, "boundary": None}
    assert town.by("administrator").send("PATCH", path, {"name": name[:60], **body}).status == 200
    town.issue(title="入户核查" * 50)
    page = desk.visit(f"/ui/board?{ALWAYS}&list=tasks.open~numerator", "supervisor", size=SMALL)
    drawer = page.locator(".drawer")
    expect(drawer.locator("tbody tr")).to_have_count(1)
    expect(drawer.locator("tbody")).to_contain_text(name[:60])
    shoot(page, "board-list-long", (PHONE, TABLET, SMALL))
    place, table = (drawer.locator(one).bounding_box() for one in (".panel-scroll", "table"))
    assert place is not None
    assert table is not None
    assert table["width"] <= place["width"] + 1
    assert drawer.locator("tbody tr").evaluate("row => row.offsetHeight") < 100


@pytest.mark.parametrize("lang", LANGS)
def test_the_past_is_shown_as_it_stood_and_looks_like_nothing_else(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    finish(desk, desk.town.issue())
    open_task = desk.town.issue()
    then = pass_time(desk, days=3).replace(microsecond=0) + timedelta(seconds=1)
    finish(desk, open_task)
    asked = f"/figures?from=2020-01-01&as_of={shown_as(then)}"
    expected = desk.town.read("supervisor", asked)["figures"]["completion_rate"]
    assert (expected["numerator"], expected["denominator"]) == (1, 2)
    page = desk.visit(f"/ui/board?{ALWAYS}&at={shown_as(then)}", "supervisor", lang=lang)
    expect(numbers(page)).to_have_text(["1", "2"])
    expect(page.locator(".board-sign h2")).to_contain_text(words["past"])
    expect(page.locator("html")).to_have_class(re.compile("past"))
    expect(page).to_have_title(re.compile("^【"))
    numbers(page).nth(1).click()
    expect(page.locator(".drawer tbody tr")).to_have_count(2)
    require_accessible(page)
    shoot(page, f"board-past-{lang}", (SMALL, USUAL))
    page.keyboard.press("Escape")
    finish(desk, desk.town.issue())
    expect(numbers(page)).to_have_text(["1", "2"])
    page.get_by_role("button", name=words["live"]).first.click()
    expect(numbers(page)).to_have_text(["3", "3"])
    expect(page.locator("html")).not_to_have_class(re.compile("past"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_slider_goes_through_the_days(desk: Desk, lang: str) -> None:
    desk.town.issue()
    # The slider stops at six in the evening: eight days back is after the issue, whenever this runs.
    pass_time(desk, days=9)
    desk.town.issue()
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(numbers(page)).to_have_text(["0", "2"])
    slider = page.get_by_label(WORDS[lang]["slider"])
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile("at="))
    expect(numbers(page)).to_have_text(["0", "1"])
    slider.press("PageDown")
    expect(numbers(page)).to_have_text(["0", "1"])
    page.get_by_label(WORDS[lang]["known"]).check()
    expect(page).to_have_url(re.compile("known=then"))
    expect(numbers(page)).to_have_text(["0", "1"])
    page.get_by_role("button", name=WORDS[lang]["play"], exact=True).click()
    expect(numbers(page)).to_have_text(["0", "2"])
    expect(page.locator("html")).not_to_have_class(re.compile("past"))


@pytest.mark.parametrize("lang", LANGS)
def test_map_staffing_and_a_grid_alone(desk: Desk, lang: str) -> None:
    words, grid = WORDS[lang], desk.town.grids[0]
    boundary = {"type": "Polygon", "coordinates": [SQUARE]}
    path = f"/api/v1/towns/{desk.town.code}/grids/{grid}"
    assert desk.town.root.send("PATCH", path, {"boundary": boundary}).status == 200
    desk.town.issue()
    desk.town.issue(desk.town.grids[2])
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    chart = page.locator(".panel-map .chart")
    expect(chart).to_have_attribute("aria-label", re.compile("0.00%"))
    expect(page.locator(".panel-staff .vacant").first).to_have_text(words["vacant"])
    expect(chart.locator("canvas")).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.46)
    expect(page).to_have_url(re.compile(f"scope={grid}"))
    expect(numbers(page).nth(1)).to_have_text("1")
    expect(page.locator(".panel-staff tbody tr")).to_have_count(1)
    page.get_by_label(words["scope"], exact=True).select_option("")
    expect(numbers(page).nth(1)).to_have_text("2")
    page.locator(".panel-map").get_by_role("button", name=words["table"]).click()
    page.locator(".panel-trend").get_by_role("button", name=words["table"]).click()
    expect(page.locator(".panel-map tbody tr")).to_have_count(3)
    page.locator(".panel-trend tbody tr").last.locator("a").last.click()
    expect(page.locator(".drawer tbody tr")).to_have_count(2)
    require_accessible(page)


@pytest.mark.parametrize("lang", LANGS)
def test_escalations_and_an_emergency_are_on_the_board(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    for _ in range(14):
        desk.town.issue(title="迟了的巡查")
    pass_time(desk, days=12)
    town = {"scope": desk.town.code, "grade": "II", "reason": "暴雨橙色预警"}
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(page.locator(".escalated li").first).to_contain_text("迟了的巡查")
    number = page.locator(".panel-escalations .counts .number-link")
    expect(number).to_have_text("14")
    # Only the gravest are named: how many there are is said, as many as in the list.
    rest = page.locator(".escalated-more")
    expect(rest).to_contain_text({ZH: "全部 14 项", EN: "all 14"}[lang])
    wall = desk.visit(f"/ui/board?kiosk=1&{ALWAYS}", "supervisor", lang=lang, size=SMALL)
    expect(wall.locator(".escalated-more")).to_contain_text({ZH: "全部 14 项", EN: "all 14"}[lang])
    # As many whole rows as there is room for, on any wall, with what is named about them still to be read.
    for size in (SMALL, HUGE, USUAL):
        wall.set_viewport_size({"width": size.width, "height": size.height})
        wall.wait_for_function(FILLED, arg=".panel-escalations")
    expect(wall.locator(".loading-state")).to_have_count(0)
    shoot(wall, f"board-kiosk-escalated-{lang}", (SMALL, USUAL, HUGE))
    rest.get_by_role("link").click()
    expect(page.locator(".drawer tbody tr")).to_have_count(14)
    page.keyboard.press("Escape")
    desk.town.do("operator", "/mode/enter", town)
    expect(page.locator(".board-emergency")).to_contain_text(words["emergency"])
    expect(page.locator("html")).to_have_class(re.compile("emergency"))
    require_accessible(page)
    shoot(page, f"board-emergency-{lang}", (SMALL, USUAL))
    desk.town.do("operator", "/mode/leave", {"scope": desk.town.code, "reason": "预警解除"})
    expect(page.locator(".board-emergency")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_supervisor_answers_an_escalation_and_gives_an_instruction(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    task = town.issue(title="迟了的巡查")
    pass_time(desk, days=12)
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang, dark=lang == EN)
    page.locator(".escalated").get_by_role("button", name="迟了的巡查").click()
    item = page.get_by_role("dialog", name="迟了的巡查")
    answer = item.get_by_role("button", name=words["answer"])
    answer.click()
    form = page.get_by_role("dialog", name=words["answer"])
    when = form.get_by_label(words["promised"])
    expect(when).to_have_value(re.compile(r"^\d{4}-\d\d-\d\dT18:00$"))
    # What is refused is said at its field, and what was typed stays when the form is closed.
    usual = when.input_value()
    when.fill("2020-01-01T08:00")
    form.get_by_label(words["reply"]).fill("已安排人手，明日办结")
    desk.expect_wrong("422")
    form.get_by_role("button", name=words["answer"]).click()
    expect(when).to_have_attribute("aria-invalid", "true")
    expect(form.locator(".field-wrong")).to_contain_text(words["refused"])
    require_accessible(page)
    shoot(page, f"board-answer-{lang}", (SMALL,))
    page.keyboard.press("Escape")
    answer.click()
    expect(form.get_by_role("status")).to_contain_text(words["restored"])
    when.fill(usual)
    form.get_by_role("button", name=words["answer"]).click()
    expect(form).to_have_count(0)
    expect(item.locator("dl").first).to_contain_text(usual.replace("T", " "))
    expect(answer).to_have_count(0)
    promised = datetime.fromisoformat(f"{usual}:00+08:00")
    assert datetime.fromisoformat(town.read("supervisor", f"/tasks/{task}")["promised_at"]) == promised
    item.get_by_role("button", name=words["instruct"]).click()
    form = page.get_by_role("dialog", name=words["instruct"])
    form.get_by_label(words["instruction"]).fill("请今日内办结")
    form.get_by_role("button", name=words["instruct"]).click()
    expect(item.get_by_role("status")).to_contain_text(words["instructed"])
    (told,) = [
        one
        for one in town.read("supervisor", f"/tasks/{task}/timeline")["entries"]
        if one["name"] == "task.instructed"
    ]
    assert told["changed"]["note"] == "请今日内办结"
    newest = item.locator(".timeline li")
    expect(newest.first).to_contain_text("请今日内办结")
    expect(newest.nth(1)).to_contain_text(usual.replace("T", " "))
    expect(newest.nth(1)).to_contain_text("已安排人手，明日办结")
    require_accessible(page)
    shoot(page, f"board-item-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_an_item_tells_what_happened_to_it_as_far_as_it_had_by_then(desk: Desk, lang: str) -> None:
    town, grid = desk.town, "第001001网格"
    case = town.report(title="路灯不亮")
    for step, body in (("accept", None), ("register", None), ("dispatch", {"assignee": "wang"})):
        town.do("operator", f"/cases/{case}/{step}", body)
    pass_time(desk, hours=1)
    then = pass_time(desk, hours=1)
    body = {"department": "emergency", "reason": "须专业处置"}
    town.do("operator", f"/cases/{case}/transfer", body)
    page = desk.visit(f"/ui/board?{ALWAYS}&item=case:{case}", "supervisor", lang=lang, dark=lang == ZH)
    told = page.locator(".timeline li")
    expect(told).to_have_count(5)
    expect(told.first).to_contain_text(re.compile(f"王芳.*{grid}.* → 应急办"))
    expect(told.first).to_contain_text("须专业处置")
    require_accessible(page)
    shoot(page, f"board-timeline-{lang}", (SMALL,))
    past = desk.visit(f"/ui/board?{ALWAYS}&at={shown_as(then)}&item=case:{case}", "auditor", lang=lang)
    told = past.locator(".timeline li")
    expect(told).to_have_count(4)
    expect(told.first).to_contain_text(re.compile(f"→ 王芳.*{grid}"))


@pytest.mark.parametrize("who", ["supervisor", "operator"])
def test_whoever_leads_is_offered_what_makes_sense_and_only_now(desk: Desk, who: str) -> None:
    words, town = WORDS[ZH], desk.town
    case = town.report(title="垃圾堆放")
    pass_time(desk, minutes=30)
    then = pass_time(desk, hours=1)
    page = desk.visit(f"/ui/board?{ALWAYS}&item=case:{case}", who)
    item = page.get_by_role("dialog", name="垃圾堆放")
    expect(item.locator("dl").first).to_contain_text("待受理")
    leads = 1 if who == "supervisor" else 0
    expect(item.get_by_role("button", name=words["instruct"])).to_have_count(leads)
    expect(item.get_by_role("button", name=words["answer"])).to_have_count(0)
    past = desk.visit(f"/ui/board?{ALWAYS}&at={shown_as(then)}&item=case:{case}", who)
    item = past.get_by_role("dialog", name="垃圾堆放")
    expect(item.locator("dl").first).to_contain_text("待受理")
    expect(item.get_by_role("button", name=words["instruct"])).to_have_count(0)


@pytest.mark.parametrize("size", [SMALL, USUAL, VAST], ids=str)
def test_on_a_wall_nothing_is_to_be_chosen_and_all_is_on_the_screen(desk: Desk, size: Size) -> None:
    desk.town.issue()
    page = desk.visit(f"/ui/board?kiosk=1&{ALWAYS}", "supervisor", size=size)
    expect(numbers(page).nth(1)).to_have_text("1")
    expect(page.locator(".shell-head, .time-bar, .board a, .panel-tools:visible")).to_have_count(0)
    sticks_out = page.evaluate(
        """() => [...document.querySelectorAll('.panel, .tile')].filter((one) => {
            const box = one.getBoundingClientRect(), around = one.parentElement.getBoundingClientRect()
            return box.right > innerWidth + 1 || box.bottom > innerHeight + 1
                || box.bottom > around.bottom + 1 || one.scrollWidth > one.clientWidth + 1
        }).map((one) => one.className + ' ' + one.textContent.slice(0, 40))"""
    )
    assert sticks_out == []
    require_accessible(page)
    shoot(page, "board-kiosk", (size,))
    page.keyboard.press("Escape")
    expect(page.locator(".shell-head")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [SMALL, USUAL, VAST], ids=str)
def test_no_size_makes_it_scroll_sideways_or_cuts_a_number(desk: Desk, lang: str, size: Size) -> None:
    desk.town.issue()
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang, size=size, dark=True)
    expect(numbers(page).nth(1)).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= size.width
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.tile-rate, .tile-pair, .tile-name, .counts')]
            .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
    )
    assert cut == []
    require_accessible(page)
    shoot(page, f"board-dark-{lang}", (size,))


@pytest.mark.parametrize("lang", LANGS)
def test_what_leaves_the_board_says_where_it_comes_from(desk: Desk, lang: str, tmp_path: Path) -> None:
    desk.expect_wrong("404")  # no checkpoint was made yet
    finish(desk, desk.town.issue())
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(numbers(page).nth(0)).to_have_text("1")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "board.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "board.csv").read_text(encoding="utf-8-sig"))))
    completion = rows[1]
    assert completion[3:6] == ["1", "1", "100"]
    position = desk.town.read("supervisor", "/figures")["position"]
    assert re.search(rf"-\d{{8}}-\d{{4}}-{position}\.csv$", download.value.suggested_filename)
    about = {row[0]: row[1] for row in rows if len(row) == 2}
    assert about[WORDS[lang]["export"]] == str(position)
    assert len(about) == 4
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    download.value.save_as(tmp_path / "board.xlsx")
    assert "xl/worksheets/sheet1.xml" in ZipFile(tmp_path / "board.xlsx").namelist()
    page.emulate_media(media="print")
    expect(page.locator(".board-sign")).to_be_visible()
    expect(page.locator(".board-bar")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index] # it has a size
    assert page.pdf(format="A4")[:4] == b"%PDF"


def require_issued(desk: Desk, told: str) -> None:
    """Fail unless a text names a checkpoint, by its size and hash, that the service has issued."""
    found = re.search(r"(\d+) ([A-Za-z0-9+/]{43}=)", told)
    assert found is not None, told
    size, digest = found.groups()
    (kept,) = desk.town.read("supervisor", f"/audit/checkpoints?after={int(size) - 1}&limit=1")
    assert kept["note"].splitlines()[1:3] == [size, digest]


@pytest.mark.parametrize("lang", LANGS)
def test_however_it_is_printed_the_paper_says_under_which_checkpoint(proving: Desk, lang: str) -> None:
    desk = proving
    finish(desk, desk.town.issue())
    desk.expect_wrong("404.*/audit/checkpoint")  # as long as there is none
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    page.evaluate(
        """async () => {
            const issued = async () => (await fetch("/api/v1/audit/checkpoint")).ok
            while (!(await issued())) await new Promise((go) => setTimeout(go, 500))
        }"""
    )
    page.reload()
    expect(numbers(page).nth(0)).to_have_text("1")
    sign = page.locator(".board-checkpoint")
    sign.evaluate(
        "sign => { window.printed = new Promise((done) => { window.print = () => done(sign.textContent) }) }"
    )
    # By the browser's menu, which says nothing before it prints.
    page.emulate_media(media="print")
    expect(sign).to_be_visible()
    expect(sign).to_contain_text("=")
    require_issued(desk, sign.inner_text())
    # By the key, for the board and for the list behind a number, of which all is printed.
    page.keyboard.press("Control+p")
    require_issued(desk, page.evaluate("() => window.printed"))
    page.emulate_media(media="screen")
    numbers(page).nth(1).click()
    expect(page.locator(".drawer tbody tr")).to_have_count(1)
    page.keyboard.press("Control+p")
    expect(page.locator(".printed-list tbody tr")).to_have_count(1)
    require_issued(desk, page.locator(".printed-list").text_content() or "")
    page.emulate_media(media="print")
    expect(sign).to_be_visible()
    expect(page.locator(".drawer tbody tr")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_on_paper_each_page_has_its_foot_and_charts_have_their_width_and_colours(
    desk: Desk, lang: str
) -> None:
    grid = desk.town.grids[0]
    path = f"/api/v1/towns/{desk.town.code}/grids/{grid}"
    boundary = {"type": "Polygon", "coordinates": [SQUARE]}
    assert desk.town.root.send("PATCH", path, {"boundary": boundary}).status == 200
    finish(desk, desk.town.issue())
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    expect(page.locator("canvas")).to_have_count(2)
    foot = page.locator(".board-foot")
    expect(foot).to_be_hidden()
    page.emulate_media(media="print")
    # The foot of a table is printed on every page.
    expect(foot).to_have_css("display", "table-footer-group")
    expect(foot).to_have_css("break-inside", "avoid")
    position = desk.town.read("supervisor", "/figures")["position"]
    expect(foot).to_contain_text(f"{WORDS[lang]['export']} {position:,}", ignore_case=True)
    expect(foot).to_contain_text("万顺镇")
    widths = page.locator(".panel-map, .panel-trend").evaluate_all(
        "all => all.map(one => one.querySelector('canvas').getBoundingClientRect().width / one.clientWidth)"
    )
    assert min(widths) > 0.9
    expect(page.locator(".scale span")).to_have_css("print-color-adjust", "exact")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.pdf(path=SCREENSHOTS / f"board-{lang}.pdf", format="A4", landscape=True)


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_there_or_not_allowed_is_said(desk: Desk, lang: str) -> None:
    words: dict[str, Any] = WORDS[lang]
    outside = f"{desk.town.code[:-1]}{(int(desk.town.code[-1]) + 1) % 10}"
    desk.expect_wrong("403")
    page = desk.visit(f"/ui/board?scope={outside}", "supervisor", lang=lang)
    expect(page.get_by_role("alert")).to_contain_text(words["outside"])
    page.get_by_role("button", name=words["own"]).click()
    expect(tile(page)).to_contain_text(words["none"])
    page = desk.visit("/ui/board?category=rumours", "supervisor", lang=lang)
    expect(page.get_by_role("alert")).to_contain_text("rumours")
    shoot(page, f"board-unknown-{lang}", (SMALL,))
    page.get_by_role("alert").get_by_role("button", name=words["all categories"]).click()
    expect(page.get_by_role("alert")).to_have_count(0)
    desk.expect_wrong("422")
    page = desk.visit("/ui/board?source=rumour", "supervisor", lang=lang)
    expect(page.get_by_role("alert")).to_contain_text("rumour")
    page.get_by_role("alert").get_by_role("button", name=words["all sources"]).click()
    expect(tile(page)).to_contain_text(words["none"])
    # A town without grids has its name all the same.
    bare = new_code()
    desk.town.root.send("PUT", f"/api/v1/towns/{bare}", {"name": "空镇"})
    desk.town.add("hermit", "supervisor", scope=bare)
    empty = desk.visit("/ui/board", "hermit", lang=lang)
    expect(empty.locator(".panel-map")).to_contain_text(words["no grids"])
    expect(empty.locator(".panel-trend .empty-state")).to_be_visible()
    expect(empty.locator("#board-scope")).to_contain_text("空镇")
    require_accessible(empty)
    shoot(empty, f"board-empty-{lang}", (USUAL,))
    closed = desk.visit("/ui/board", "administrator", lang=lang)
    expect(closed.locator(".board-closed")).to_contain_text(words["administrator"])
    expect(closed.locator(".panel-staff tbody tr")).to_have_count(3)
    require_accessible(closed)


@pytest.mark.parametrize("lang", LANGS)
def test_a_moment_that_cannot_be_looked_back_at_is_named_and_what_is_shown_instead(
    desk: Desk, lang: str
) -> None:
    for moment in ("2099-01-01T00:00", "2023-02-30T10:00", "garbage"):
        page = desk.visit(f"/ui/board?{ALWAYS}&at={moment}", "supervisor", lang=lang)
        expect(tile(page)).to_contain_text(WORDS[lang]["none"])
        expect(page.get_by_role("alert")).to_contain_text(moment)
        expect(page.locator("html")).not_to_have_class(re.compile("past"))
        expect(page.locator(".panel-trend .failed-state")).to_have_count(0)
    require_accessible(page)
    shoot(page, f"board-not-shown-{lang}", (SMALL,))
    # Before the log begins there is nothing: its first moment is shown, and one can't go further back.
    page = desk.visit(f"/ui/board?{ALWAYS}&at=2010-06-01T00:00", "supervisor", lang=lang)
    expect(page.get_by_role("alert")).to_contain_text("2010-06-01T00:00")
    expect(page.locator("html")).to_have_class(re.compile("past"))
    expect(page.locator(".panel-trend .empty-state")).to_be_visible()
    expect(page.locator(".steps").first.get_by_role("button").first).to_be_disabled()
    page.get_by_role("button", name=WORDS[lang]["live"]).first.click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_the_board_and_its_lists_name_the_town_and_what_belongs_to_no_grid(
    desk: Desk, lang: str, tmp_path: Path
) -> None:
    town, name, outside = desk.town, "万顺镇", {ZH: "（不属网格）", EN: " (in no grid)"}[lang]
    town.report(title="网格内的")
    town.do(
        "operator",
        "/cases",
        {"grid": town.code, "category": "environment", "title": "不属网格的", "source": "hotline"},
    )
    page = desk.visit(f"/ui/board?{ALWAYS}&figure=acceptance_rate", "supervisor", lang=lang, size=SMALL)
    expect(page.locator(".board-where")).to_contain_text(f"{name} · ")
    expect(numbers(page, "acceptance_rate").nth(1)).to_have_text("2")
    row = page.locator(".panel-map tbody tr").first
    expect(row.locator("th")).to_have_text(f"{name}{outside}")
    expect(row.locator("td")).to_have_text([re.compile("%"), "0", "1"])
    # Under the town's code stands all of the town: the list is of what belongs to no grid of it.
    drawer, close = page.locator(".drawer"), {ZH: "关闭", EN: "Close"}[lang]
    row.locator("a").last.click()
    expect(drawer.locator("h2")).to_contain_text(f"{name}{outside}")
    expect(drawer.locator("tbody tr")).to_have_count(1)
    expect(drawer.locator("tbody")).to_contain_text("不属网格的")
    drawer.get_by_role("button", name=close).click()
    # The staffing's open items add up to the town's with it; a map can't show it, and says so.
    last = page.locator(".panel-staff tbody tr").last
    expect(last.locator("th")).to_have_text(f"{name}{outside}")
    expect(last.locator("a")).to_have_text("1")
    with_permits = {ZH: "在办（含双公示）", EN: "Open, with permits"}[lang]
    expect(page.locator(".panel-staff thead th").last).to_have_text(with_permits)
    last.locator("a").click()
    expect(drawer.locator("tbody tr")).to_have_count(1)
    drawer.get_by_role("button", name=close).click()
    drawn = {"boundary": {"type": "Polygon", "coordinates": [SQUARE]}}
    grid = f"/api/v1/towns/{town.code}/grids/{town.grids[0]}"
    assert town.root.send("PATCH", grid, drawn).status == 200
    beside = page.locator(".map-beside")
    expect(beside).to_contain_text(f"{name}{outside} 0 / 1")
    beside.locator("a").last.click()
    expect(drawer.locator("tbody tr")).to_have_count(1)
    shoot(page, f"board-in-no-grid-list-{lang}", (SMALL,))
    drawer.get_by_role("button", name=close).click()
    shoot(page, f"board-in-no-grid-{lang}", (SMALL,))
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert name in download.value.suggested_filename
    download.value.save_as(tmp_path / "board.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "board.csv").read_text(encoding="utf-8-sig"))))
    assert len({tuple(row[:3]) for row in rows if len(row) == 8}) == sum(len(row) == 8 for row in rows)
    assert {name, f"{name}{outside}"} <= {row[0] for row in rows if row}
    page.locator(".panel-cases .counts .number-link").first.click()
    kind = {ZH: "事件", EN: "Cases"}[lang]
    expect(drawer.locator("h2")).to_contain_text(f"{kind} · ")
    expect(drawer.locator("h2")).to_contain_text(f" · {name} · ")
    expect(drawer.locator("h2")).to_contain_text("2020-01-01")
    expect(drawer.locator("tbody")).to_contain_text(f"{name}{outside}")
    with page.expect_download() as download:
        drawer.get_by_role("button", name="CSV").click()
    assert all(one in download.value.suggested_filename for one in (kind, name, "2020-01-01"))


def test_numbers_stand_on_one_line_and_all_grids_are_seen_where_the_page_is_scrolled(desk: Desk) -> None:
    town, name = desk.town, "万顺镇石堰村滨河路与老街交汇处至幸福桥沿线及周边农家院落第一网格" * 2
    path, body = f"/api/v1/towns/{town.code}/grids/{town.grids[0]}", {"village": None, "boundary": None}
    assert town.by("administrator").send("PATCH", path, {"name": name[:60], **body}).status == 200
    drawn = [
        {"code": f"{town.code}005{n:03}", "name": f"第{n}网格", "village": "石堰村", "boundary": None}
        for n in range(1, 22)
    ]
    assert town.root.post(f"/api/v1/towns/{town.code}/grids", {"grids": drawn}).status in {200, 201}
    for n in range(60):
        town.issue(*town.grids[:2], title=f"巡查 {n}")
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", size=SMALL)
    expect(numbers(page).nth(1)).to_have_text("120")
    # A long name ends after two lines, with all of it at hand; where nothing points, it has the room.
    long = page.locator(f".panel-staff th[title='{name[:60]}'] .clamped")
    assert long.evaluate("one => one.clientHeight < 2.1 * parseFloat(getComputedStyle(one).lineHeight)")
    for size in each_size(page, (PHONE, TABLET)):
        assert long.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        long.scroll_into_view_if_needed()
        shoot_as_it_is(page, "board-many-grids", size)
    assert page.locator(".number-link").evaluate_all(BROKEN) == []
    staff = page.locator(".panel-staff .panel-scroll")
    assert staff.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    shoot(page, "board-many-grids", (SMALL,))
    # On a wall nobody scrolls: whole rows, how many there are, and page by page all of them.
    page = desk.visit(f"/ui/board?{ALWAYS}&kiosk=1", "supervisor", size=SMALL)
    for panel in ("staff", "map"):
        place = page.locator(f".panel-{panel} .panel-page")
        expect(place).to_contain_text("第 1–")
        expect(place).to_contain_text("共 24 项")
    seen: list[str] = []
    while not seen or len(seen) < 24:
        names = page.locator(".panel-staff .panel-scroll").evaluate(WHOLE_ROWS)
        assert names
        assert not set(names) & set(seen)
        seen += names
        if len(seen) == len(names):
            shoot(page, "board-kiosk-many-grids", (SMALL,))
        page.keyboard.press(".")
    assert len(seen) == 24
    expect(page.locator(".panel-staff .panel-page")).to_contain_text("第 1–")
    assert page.locator(".number-link").evaluate_all(BROKEN) == []


@pytest.mark.parametrize("lang", LANGS)
def test_an_escalated_case_that_nobody_accepted_is_due_to_be_accepted(desk: Desk, lang: str) -> None:
    case = desk.town.report(title="没人受理的")
    pass_time(desk, days=12)
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    about = page.locator(".escalated li", has_text="没人受理的").locator(".escalated-about")
    expect(about).to_contain_text({ZH: "受理期限", EN: "to be accepted by"}[lang])
    due = datetime.fromisoformat(desk.town.read("supervisor", f"/cases/{case}")["acceptance_due"])
    expect(about).to_contain_text(f"{due + timedelta(hours=8):%m-%d %H:%M}")


def test_the_wall_view_is_left_by_the_pointer(desk: Desk) -> None:
    page = desk.visit(f"/ui/board?kiosk=1&{ALWAYS}", "supervisor")
    expect(tile(page)).to_be_visible()
    leave = page.get_by_role("button", name="退出大屏")
    expect(leave).not_to_be_in_viewport()
    page.mouse.move(300, 300)
    expect(leave).to_be_in_viewport()
    leave.click()
    expect(page.locator(".shell-head")).to_be_visible()


def test_the_map_waits_for_the_boundaries_before_it_says_that_there_are_none(desk: Desk) -> None:
    page = desk.visit("/ui/audit/published", "supervisor")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(BOUNDARIES, hold)
    page.goto("/ui/board?kiosk=1")
    expect(tile(page)).to_be_visible()
    expect(page.locator(".panel-map .loading-state")).to_be_visible()
    expect(page.locator(".panel-map table")).to_have_count(0)
    page.route(BOUNDARIES, lambda route: route.continue_())
    for route in held:
        route.continue_()
    expect(page.locator(".panel-map table")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_the_board_counts_what_the_supervisor_is_told_and_leads_there(desk: Desk, lang: str) -> None:
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang)
    link = page.locator(".shell-nav a")
    expect(link).to_contain_text({ZH: "消息", EN: "Inbox"}[lang])
    desk.town.do(
        "operator", "/mode/enter", {"scope": desk.town.code, "grade": "II", "reason": "暴雨橙色预警"}
    )
    desk.town.do("operator", "/mode/leave", {"scope": desk.town.code, "reason": "预警解除"})
    unread = link.locator(".nav-count")
    expect(unread).to_be_visible()
    require_accessible(page)
    shoot(page, f"board-inbox-{lang}", (SMALL, USUAL))
    link.click()
    page.wait_for_url("**/ui/audit/inbox*")
    page.get_by_role("button", name={ZH: "全部标为已读", EN: "Mark all as read"}[lang]).click()
    expect(page.get_by_role("button", name={ZH: "全部标为已读", EN: "Mark all as read"}[lang])).to_have_count(
        0
    )
    page.go_back()
    expect(link).to_be_visible()
    expect(unread).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [PHONE, TABLET])
def test_nothing_is_cut_off_where_the_screen_is_narrow(desk: Desk, lang: str, size: Size) -> None:
    finish(desk, desk.town.issue())
    page = desk.visit(f"/ui/board?{ALWAYS}", "supervisor", lang=lang, size=size)
    expect(tile(page)).to_contain_text("100.00%")
    cut = page.locator(".tile, .level, .counts li, .board-bar").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"board-narrow-{lang}", (size,))


def test_the_list_of_all_that_is_open_goes_from_the_tasks_on_to_the_cases(desk: Desk, tmp_path: Path) -> None:
    """As many as there are, page by page and in what leaves the page."""
    town = desk.town
    for n in range(34):
        town.issue(*town.grids, title=f"巡查 {n}")
    for n in range(3):
        town.report(title=f"垃圾堆放 {n}")
    page = desk.visit(f"/ui/board?{ALWAYS}&list=open", "supervisor", size=SMALL)
    drawer = page.locator(".drawer")
    expect(drawer.locator(".drawer-total")).to_contain_text("105")
    expect(drawer.locator("tbody tr")).to_have_count(100)
    drawer.get_by_role("button", name="下一页").click()
    expect(drawer.locator("tbody tr")).to_have_count(5)
    expect(drawer.locator(".drawer-foot")).to_contain_text("第 101–105 项，共 105 项")
    expect(drawer.get_by_role("button", name="下一页")).to_be_disabled()
    with page.expect_download() as taken:
        drawer.get_by_role("button", name="CSV").click()
    taken.value.save_as(tmp_path / "list.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text(encoding="utf-8-sig"))))
    assert sum(line[:1] != [] and line[0].startswith(("巡查", "垃圾堆放")) for line in lines) == 105


def test_a_department_that_handles_a_case_is_named(desk: Desk) -> None:
    town = desk.town
    case = town.report(title="路灯不亮")
    for step, body in (("accept", None), ("register", None), ("dispatch", {"department": "emergency"})):
        town.do("operator", f"/cases/{case}/{step}", body)
    page = desk.visit(f"/ui/board?{ALWAYS}&list=open", "supervisor", size=SMALL)
    expect(page.locator(".drawer tbody tr")).to_contain_text("应急办")
    page.locator(".drawer-open").click()
    expect(page.get_by_role("dialog").last).to_contain_text("应急办")


@pytest.mark.parametrize("lang", LANGS)
def test_the_numbers_of_a_group_begin_beside_its_name(desk: Desk, lang: str) -> None:
    desk.town.report(title="井盖缺失")
    page = desk.visit("/ui/board", "supervisor", lang=lang, size=SMALL)
    for group in ("tasks", "cases", "disputes", "service"):
        head = page.locator(f".panel-{group} .panel-head")
        name, first = head.get_by_role("heading").bounding_box(), head.locator("li").first.bounding_box()
        assert name is not None
        assert first is not None
        assert first["y"] < name["y"] + name["height"]
    shoot(page, f"board-numbers-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_the_list_of_what_was_reported_says_what_it_leaves_out(desk: Desk, lang: str) -> None:
    town = desk.town
    kept, twice, void = (town.report(title=title) for title in ("路面破损", "路面破了", "误报"))
    town.do("operator", f"/cases/{twice}/accept")
    town.do("operator", f"/cases/{kept}/accept")
    town.do("operator", f"/cases/{twice}/merge", {"into": kept, "reason": "同一处"})
    town.do("operator", f"/cases/{void}/void", {"reason": "误报"})
    query = "window=since&since=2020-01-01&list=cases.reported"
    page = desk.visit(f"/ui/board?{query}", "supervisor", lang=lang, size=SMALL)
    drawer = page.locator(".drawer")
    expect(drawer.locator("tbody tr")).to_have_count(1)
    name = {ZH: "上报（不含并案、作废）", EN: "Reported, not merged or voided"}[lang]
    expect(drawer.get_by_role("heading")).to_contain_text(name)
    left_out = {ZH: "未含：并案 1 件、作废 1 件", EN: "left out: 1 merged, 1 voided"}[lang]
    expect(drawer.locator(".drawer-about")).to_contain_text(left_out)
    require_accessible(page)
    shoot(page, f"board-list-reported-{lang}", DESKS)
    page.goto(f"{desk.address}/ui/board?{query}~numerator~{town.grids[1]}")
    expect(drawer.locator(".drawer-about")).to_contain_text(left_out.replace("1", "0"))
