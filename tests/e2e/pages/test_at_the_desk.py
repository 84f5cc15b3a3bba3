"""What a desk offers and tells in the middle of the work, so that nobody presses in vain or records twice."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.http.town import COUNTY, Town, new_code
from tests.e2e.pages.browsing import SMALL, Desk, Size, require_accessible, shoot

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
WORDS: Final[dict[str, dict[str, str]]] = {
    ZH: {
        "report": "登记事件",
        "title": "标题",
        "lacking": "请填写此项。",
        "look": "查看",
        "undo": "撤销",
        "issue": "下发任务",
        "grids": "请至少选择一个网格。",
        "one town": "同一个镇",
        "every": "全部网格",
        "genuine": "核实属实",
        "register": "立案",
        "dispatch": "派遣",
        "handle": "开始处置",
        "decline": "退单",
        "grid": "网格",
        "department": "部门",
        "deadline": "期限说明",
        "over": "已受理，不再触发",
        "planned": "未到",
        "untimed": "尚未计时",
        "pick all": "全选",
        "close": "关闭",
        "check": "派人核查",
        "checker": "核查人",
        "mode": "平急转换",
        "grade": "等级",
        "reason": "原因",
        "pauses": "暂停范围内的周期计划",
        "recalculates": "未结事项也按应急时限重新计算期限",
        "name one": "请至少选择一个类别。",
        "visit": "走访",
        "starts": "开始日期",
        "ends": "结束日期",
        "lasts": "2190-01-01 至 2190-06-30",
        "go": "下一步",
        "two items": "未结的 2 项",
        "plans pause": "周期计划暂停",
        "feed": "实时动态",
        "reported": "上报",
        "late": "受理超期 1",
        "environment": "环境卫生",
        "start": "新建计划",
        "save": "保存",
        "january": "1 月",
        "july": "7 月",
        "month days": "每月几号",
        "format": "如 1 15 -1，以空格分开。",
        "to accept": "受理：已超期",
        "grant": "同意延期",
        "why": "申请理由：山路塌方",
        "transfer": "转办",
        "expired": "登录已过期",
        "permit": "登记许可",
        "number": "许可文号",
        "permitted": "许可事项",
        "holder": "持有人",
        "no grid": "镇级（不属网格）",
        "on record": "此前已登记过",
        "discard": "清空重填",
        "password": "密码",
    },
    EN: {
        "report": "Record a case",
        "title": "Title",
        "lacking": "Fill in this field.",
        "look": "Look at it",
        "undo": "Undo",
        "issue": "Issue a task",
        "grids": "Choose at least one grid.",
        "one town": "grids of one town",
        "every": "Every grid",
        "genuine": "Report is true",
        "register": "Register",
        "dispatch": "Dispatch",
        "handle": "Begin to handle",
        "decline": "Decline",
        "grid": "Grid",
        "department": "Department",
        "deadline": "Deadline",
        "over": "accepted: not needed any more",
        "planned": "to come",
        "untimed": "No clock yet",
        "pick all": "Choose all",
        "close": "Close",
        "check": "Send a checker",
        "checker": "Checker",
        "mode": "Emergency mode",
        "grade": "Grade",
        "reason": "Reason",
        "pauses": "Pause the recurring plans there",
        "recalculates": "Give open items emergency deadlines too",
        "name one": "Choose at least one category.",
        "visit": "Visit",
        "starts": "First day",
        "ends": "Last day",
        "lasts": "2190-01-01 to 2190-06-30",
        "go": "Go on",
        "two items": "emergency deadlines: 2 items",
        "plans pause": "Recurring plans pause",
        "feed": "Live feed",
        "reported": "Reported",
        "late": "Late to accept 1",
        "environment": "Environment",
        "start": "Start a plan",
        "save": "Save",
        "january": "Jan",
        "july": "Jul",
        "month days": "Month days",
        "format": "Such as 1 15 -1, with spaces between.",
        "to accept": r"Accept: \d.* overdue",
        "grant": "Grant the extension",
        "why": "Asked because: 山路塌方",
        "transfer": "Transfer",
        "expired": "Your session has ended",
        "permit": "Record a permit",
        "number": "Permit number",
        "permitted": "What is permitted",
        "holder": "Holder",
        "no grid": "The town itself (no grid)",
        "on record": "was on record before",
        "discard": "Throw it away",
        "password": "Password",
    },
}


def step(page: Page, name: str) -> Locator:
    return page.locator(".panel-steps").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("lang", LANGS)
def test_a_recorded_case_is_said_to_be_and_can_be_looked_at_or_taken_back(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks", "operator", lang=lang, size=SMALL)
    # The language that the address asked for, it asked for once.
    assert "lang=" not in page.url
    page.get_by_role("button", name=words["report"], exact=True).click()
    dialog = page.get_by_role("dialog")
    title = dialog.get_by_label(words["title"], exact=True)
    # What was typed is there again, and thrown away at once if it isn't wanted.
    title.fill("来电：")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=words["report"], exact=True).click()
    expect(title).to_have_value("来电：")
    require_accessible(page)
    shoot(page, f"dialog-restored-{lang}", (SMALL,))
    dialog.get_by_role("button", name=words["discard"]).click()
    expect(title).to_have_value("")
    expect(title).to_be_focused()
    dialog.locator("button[type=submit]").click()
    # In the page's language, whatever the browser's is; and forgotten as soon as something is typed.
    assert title.evaluate("field => field.validationMessage") == words["lacking"]
    title.fill("来电：水管爆裂")
    assert title.evaluate("field => field.validationMessage") == ""
    # No grid is chosen for him: what belongs to none is said to.
    grid = dialog.get_by_label(words["grid"], exact=True)
    dialog.locator("button[type=submit]").click()
    expect(grid).to_be_focused()
    grid.select_option(label=words["no grid"])
    dialog.locator("button[type=submit]").click()
    bar = page.locator(".undo-bar")
    expect(bar).to_contain_text("来电：水管爆裂")
    require_accessible(page)
    shoot(page, f"console-recorded-{lang}", (SMALL,))
    bar.get_by_role("link", name=words["look"]).click()
    expect(page.locator(".item-panel").get_by_role("heading", name="来电：水管爆裂")).to_be_visible()
    # Why it is taken back goes into the log as he leaves it.
    bar.get_by_role("textbox").fill("")
    expect(bar.get_by_role("button", name=words["undo"], exact=True)).to_be_disabled()
    bar.get_by_role("textbox").fill("来电重复")
    bar.get_by_role("button", name=words["undo"], exact=True).click()
    expect(bar).to_have_count(0)
    [case] = desk.town.read("operator", f"/cases?after={desk.town.root.head()}")["items"]
    assert case["status"] == "voided"
    entries = desk.town.read("operator", f"/cases/{case['id']}/timeline")["entries"]
    assert entries[-1]["changed"]["reason"] == "来电重复"


@pytest.mark.parametrize("lang", LANGS)
def test_a_permit_is_put_on_record_after_a_second_look_and_can_be_taken_back(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    policy = town.read("administrator", f"/policies/{town.code}")["policy"]
    own = {name: policy[name] for name in ("task_limits", "case_limits")}
    own["report_limit"] = {"kind": "working_days", "amount": 10}
    assert town.root.send("PUT", f"/api/v1/policies/{town.code}", own).status == 200
    page = desk.visit("/ui/console/cases/permits", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["permit"], exact=True).click()
    dialog, bar = page.get_by_role("dialog"), page.locator(".undo-bar")
    send = dialog.locator("button[type=submit]")
    # By the policy of the town, which has its own.
    expect(dialog).to_contain_text({ZH: "10 个工作日内", EN: "within 10 working days"}[lang])
    for field, text in (
        ("number", "万顺许准字〔2024〕1号"),
        ("permitted", "临时占道许可"),
        ("holder", "张三"),
    ):
        dialog.get_by_label(words[field]).fill(text)
    send.click()
    # Looked over before it is sent: a number is recorded once.
    for told in ("万顺许准字〔2024〕1号", "张三", words["no grid"]):
        expect(dialog.locator("dd", has_text=told)).to_be_visible()
    require_accessible(page)
    shoot(page, f"dialog-permit-sure-{lang}", (SMALL,))
    send.click()
    expect(bar).to_contain_text("2024〕1号")
    [permit] = town.read("operator", f"/cases?permits=true&after={town.root.head()}")["items"]
    assert (permit["status"], permit["grid"], permit["title"]) == ("due", town.code, "临时占道许可")
    bar.get_by_role("link", name=words["look"]).click()
    expect(page.locator(".item-panel .panel-head")).to_contain_text("临时占道许可")
    shoot(page, f"console-permit-{lang}", (SMALL,))
    # The same once more has no effect, and is said to have none.
    page.get_by_role("button", name=words["permit"], exact=True).click()
    for field, text in (("number", "万顺许准字〔2024〕1号"), ("permitted", "临时占道许可")):
        dialog.get_by_label(words[field]).fill(text)
    shoot(page, f"dialog-permit-{lang}", (SMALL,))
    send.click()
    send.click()
    expect(dialog.get_by_text(words["on record"])).to_be_visible()
    dialog.locator(".dialog-foot button").first.click()
    bar.get_by_role("button", name=words["undo"], exact=True).click()
    expect(bar).to_have_count(0)
    assert town.read("operator", f"/cases/{permit['id']}?after={town.root.head()}")["status"] == "voided"


@pytest.mark.parametrize("lang", LANGS)
def test_that_no_grid_was_chosen_is_said_until_one_is(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["issue"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"], exact=True).fill("汛期巡查")
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_text(words["grids"])).to_be_visible()
    dialog.get_by_label(words["every"]).check()
    expect(dialog.get_by_text(words["grids"])).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_only_steps_that_can_be_taken_are_offered(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    body = {"grid": town.grids[0], "category": "environment", "title": "来电", "source": "resident"}
    case = town.by("operator").post("/api/v1/cases", body).item("case")
    town.do("operator", f"/cases/{case}/accept")
    page = desk.visit(f"/ui/console/cases/all?item={case}", "operator", lang=lang, size=SMALL)
    # Nobody of the staff has seen it: it is verified first, and that is the step to take.
    expect(step(page, words["genuine"])).to_have_class(re.compile("chief"))
    expect(step(page, words["register"])).to_have_count(0)
    town.do("operator", f"/cases/{case}/verify", {"genuine": True, "note": ""})
    expect(step(page, words["register"])).to_have_class(re.compile("chief"))
    town.do("operator", f"/cases/{case}/register")
    town.do("operator", f"/cases/{case}/dispatch", {"grid": town.grids[0], "assignee": "wang"})
    expect(page.locator(".panel-head")).to_contain_text({ZH: "已派遣", EN: "Dispatched"}[lang])
    # It is the worker's now: the desk doesn't begin or decline it for him.
    for name in ("handle", "decline"):
        expect(step(page, words[name])).to_have_count(0)
    town.do("operator", f"/cases/{case}/transfer", {"department": "emergency", "reason": "属部门职责"})
    for name in ("handle", "decline"):
        expect(step(page, words[name])).to_be_visible()
    town.do("operator", f"/cases/{case}/transfer", {"assignee": "wang", "reason": "小问题"})
    town.do("worker", f"/cases/{case}/handle")
    town.do("worker", f"/cases/{case}/finish", {"note": "已清理"})
    # Only who may check it is named: of its grid, and not who has handled it.
    step(page, words["check"]).click()
    checker = page.get_by_role("dialog").get_by_label(words["checker"])
    assert [one.get_attribute("value") for one in checker.locator("option").all()] == ["", "li"]
    require_accessible(page)
    shoot(page, f"console-checker-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_what_asks_for_nothing_is_done_at_one_press_and_said(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    case = town.report(title="路灯不亮")
    town.do("operator", f"/cases/{case}/accept")
    page = desk.visit(f"/ui/console/cases/all?item={case}", "operator", lang=lang, size=SMALL)
    register, bar = step(page, words["register"]), page.locator(".undo-bar")
    # The second of two clicks is none: what stands there then is another step.
    register.dblclick()
    expect(bar).to_contain_text("路灯不亮")
    expect(bar.get_by_role("button", name=words["undo"], exact=True)).to_have_count(0)
    expect(step(page, words["dispatch"])).to_have_class(re.compile("chief"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    require_accessible(page)
    shoot(page, f"console-one-press-{lang}", (SMALL,))
    # A refusal is said where it was pressed: somebody else was quicker.
    town.do("operator", f"/cases/{case}/dispatch", {"department": "emergency"})
    expect(step(page, words["handle"])).to_be_visible()
    desk.expect_wrong(r"409.*/handle")

    def quicker(route: Route) -> None:
        town.do("operator", f"/cases/{case}/void", {"reason": "误报"})
        route.continue_()

    page.route("**/handle", quicker)
    step(page, words["handle"]).click()
    expect(page.locator(".item-panel").get_by_role("alert")).not_to_be_empty()


@pytest.mark.parametrize("lang", LANGS)
def test_the_ladder_of_an_accepted_case_is_told_to_be_over(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    case = town.report(title="井盖缺失")
    page = desk.visit(f"/ui/console/cases/all?item={case}", "operator", lang=lang, size=SMALL)
    page.get_by_role("tab", name=words["deadline"]).click()
    deadline = page.locator(".deadline")
    expect(deadline).to_contain_text(words["planned"])
    town.do("operator", f"/cases/{case}/accept")
    expect(deadline).to_contain_text(words["over"])
    expect(deadline).not_to_contain_text(words["planned"])
    expect(page.locator(".panel-head")).to_contain_text(words["untimed"])
    expect(page.locator(".item-table tbody tr").first).to_contain_text(words["untimed"])


@pytest.mark.parametrize("lang", LANGS)
def test_many_cases_are_dispatched_at_once(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    cases = [town.report(title=f"积水 {n}") for n in range(3)]
    for case in cases:
        town.do("operator", f"/cases/{case}/accept")
        town.do("operator", f"/cases/{case}/register")
    page = desk.visit("/ui/console/cases/to-dispatch", "operator", lang=lang, size=SMALL)
    page.get_by_label(words["pick all"]).check()
    page.get_by_role("toolbar").get_by_role("button", name=words["dispatch"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["department"]).select_option("emergency")
    require_accessible(page)
    shoot(page, f"console-dispatch-many-{lang}", (SMALL,))
    dialog.get_by_role("button", name=words["dispatch"], exact=True).click()
    expect(dialog.locator(".results .good")).to_have_count(3)
    after = town.root.head()
    found = [town.read("operator", f"/cases/{case}?after={after}") for case in cases]
    assert {(case["status"], case["department"]) for case in found} == {("dispatched", "emergency")}


@pytest.mark.parametrize("lang", LANGS)
def test_a_countys_desk_says_of_which_town_a_plan_and_a_permit_are(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    # Of two towns one is to be chosen; the only one would be chosen already.
    Town(town.root).found_place()
    town.add("county", "operator", scope=COUNTY)
    page = desk.visit("/ui/console/plans", "county", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["start"]).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input").first.fill(f"逐镇巡查 {town.code}")
    scope = dialog.locator("select").nth(1)
    expect(scope).to_have_value("")
    expect(scope.locator(f"option[value='{town.code}']")).to_have_text("万顺镇")
    expect(scope.locator(f"option[value='{town.grids[0]}']")).to_have_text("万顺镇 · 第001001网格")
    scope.select_option(town.code)
    require_accessible(page)
    shoot(page, f"console-plan-of-a-county-{lang}", (SMALL,))
    dialog.get_by_role("button", name=words["save"], exact=True).click()
    row = page.locator(".item-table tbody tr").filter(has_text=town.code)
    expect(row.get_by_role("cell", name="万顺镇", exact=True)).to_be_visible()
    page.goto(f"{desk.address}/ui/console/cases/permits?lang={lang}")
    page.get_by_role("button", name=words["permit"]).click()
    dialog.get_by_label(words["number"]).fill(f"许准字 {town.code}")
    dialog.get_by_label(words["permitted"]).fill("食品经营许可")
    dialog.locator("select").select_option(town.code)
    dialog.get_by_role("button", name=words["go"]).click()
    dialog.get_by_role("button", name=words["permit"], exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".undo-bar")).to_contain_text(town.code)
    # An emergency of all that the county has is called that, and no town's.
    page.keyboard.press("m")
    whole = {"zh-CN": "全部辖区", "en": "The whole area"}[lang]
    place = dialog.locator("select").first
    expect(place.locator(f"option[value='{COUNTY}']")).to_have_text(whole)
    expect(place.locator(f"option[value='{town.code}']")).to_have_text("万顺镇")


@pytest.mark.parametrize("lang", LANGS)
def test_a_countys_desk_chooses_towns_without_grids_and_tells_grids_by_their_towns(
    desk: Desk, lang: str
) -> None:
    words, town = WORDS[lang], desk.town
    other = Town(town.root)
    other.found_place()
    bare = new_code()
    assert town.root.send("PUT", f"/api/v1/towns/{bare}", {"name": "空镇"}).status == 200
    town.add("county", "operator", scope=COUNTY)
    page = desk.visit("/ui/console/plans", "county", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["start"]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("select").nth(1).locator(f"option[value='{bare}']")).to_have_text("空镇")
    page.goto(f"{desk.address}/ui/console/cases/all?lang={lang}")
    place = page.locator(".filter-bar select").first
    expect(place.locator(f"option[value='{town.grids[0]}']")).to_have_text("万顺镇 · 第001001网格")
    expect(place.locator(f"option[value='{bare}']")).to_have_text("空镇")
    expect(place.locator(f"option[value='={bare}']")).to_contain_text("空镇")
    place.select_option(town.code)
    expect(page).to_have_url(re.compile(f"scope={town.code}"))
    expect(place).to_have_value(town.code)
    shoot(page, f"console-filter-of-a-county-{lang}", (SMALL,))
    # A campaign goes to one town: that is said before anything is sent.
    page.get_by_role("button", name=words["issue"], exact=True).first.click()
    dialog.get_by_label(words["title"], exact=True).fill("跨镇巡查")
    for grid in (town.grids[0], other.grids[0]):
        dialog.locator(f"input[value='{grid}']").check()
    expect(dialog.get_by_role("alert").filter(has_text=words["one town"])).to_be_visible()
    shoot(page, f"console-issue-of-a-county-{lang}", (SMALL,))
    require_accessible(page)
    dialog.locator("button[type='submit']").click()
    expect(dialog).to_be_visible()
    dialog.locator(f"input[value='{other.grids[0]}']").uncheck()
    expect(dialog.get_by_role("alert").filter(has_text=words["one town"])).to_have_count(0)
    dialog.locator(f".grid-town[data-town='{town.code}'] input").check()
    dialog.locator("button[type='submit']").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".undo-bar")).to_contain_text("3")


@pytest.mark.parametrize("lang", LANGS)
def test_what_an_emergency_does_is_said_before_it_is_entered(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    town.issue(title="日常巡查")
    town.report(title="井盖缺失")
    page = desk.visit("/ui/console", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["mode"], exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("select").first).to_be_focused()
    dialog.get_by_label(words["grade"]).select_option("II")
    dialog.get_by_label(words["reason"]).fill("暴雨橙色预警")
    # Two of the three grids, each of which is an emergency of its own.
    dialog.locator("select").first.select_option("grids")
    dialog.get_by_role("checkbox", name=words["recalculates"]).check()
    dialog.get_by_role("checkbox", name=words["pauses"]).check()
    dialog.get_by_role("group", name=words["pauses"]).get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name=words["go"]).click()
    expect(dialog.get_by_text(words["grids"])).to_be_visible()
    names = [f"第{code[-6:]}网格" for code in town.grids[:2]]
    for name in names:
        dialog.get_by_label(name).check()
    dialog.get_by_role("button", name=words["go"]).click()
    expect(dialog.get_by_text(words["name one"])).to_be_visible()
    dialog.get_by_label(words["visit"], exact=True).check()
    require_accessible(page)
    shoot(page, f"dialog-emergency-named-{lang}", (SMALL,))
    dialog.get_by_role("button", name=words["go"]).click()
    expect(dialog.get_by_role("alert").first).to_contain_text(words["two items"])
    expect(dialog.get_by_role("alert").first).to_contain_text(words["plans pause"])
    require_accessible(page)
    shoot(page, f"dialog-emergency-sure-{lang}", (SMALL,))
    dialog.locator("button[type=submit]").click()
    bar = page.locator(".mode-bar")
    for name in names:
        expect(bar).to_contain_text(name)
    shoot(page, f"console-emergency-grids-{lang}", (SMALL,))
    modes = town.read("operator", f"/mode?after={town.root.head()}")["modes"]
    entered = [one for one in modes if one["mode"] == "emergency"]
    assert [(one["scope"], one["pauses"]) for one in entered] == [
        (code, ["visit"]) for code in town.grids[:2]
    ]
    page.locator(".undo-bar").get_by_role("button", name=words["undo"], exact=True).click()
    expect(bar).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_the_live_feed_tells_what_happened_to_what(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console", "operator", lang=lang, size=SMALL)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.get_by_role("button", name=words["feed"]).click()
    desk.town.report(title="水管爆裂")
    first = page.locator(".feed li").filter(has_text=words["reported"]).first
    expect(first).to_contain_text("水管爆裂")
    flood = {"scope": desk.town.grids[0], "grade": "IV", "reason": "汛期暴雨"}
    desk.town.do("operator", "/mode/enter", flood | {"pauses": [], "recalculates": []})
    expect(page.locator(".feed li").first).to_contain_text("汛期暴雨")
    desk.town.do("operator", "/mode/leave", {"scope": desk.town.grids[0], "reason": "预警解除"})
    expect(page.locator(".feed li").first).to_contain_text("预警解除")
    schedule = {"times": ["08:00"], "weekdays": [1]}
    plan = {"scope": desk.town.code, "title": "夜间巡逻", "category": "patrol", "schedule": schedule}
    key = desk.town.do("operator", "/plans", plan).item("plan")
    desk.town.do("operator", f"/plans/{key}/pause", {"reason": "道路封闭"})
    expect(page.locator(".feed li").first).to_contain_text("夜间巡逻 · 道路封闭")
    require_accessible(page)
    shoot(page, f"console-feed-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_who_signs_in_again_begins_at_the_password(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["report"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"], exact=True).fill("来电：水管爆裂")
    dialog.get_by_label(words["grid"], exact=True).select_option(desk.town.grids[0])
    desk.expect_wrong("401")
    desk.end_sessions()
    dialog.get_by_role("button", name=words["report"], exact=True).dispatch_event(
        "click"
    )  # may be covered already
    again = page.get_by_role("dialog", name=words["expired"])
    expect(again.get_by_label(words["password"], exact=True)).to_be_focused()
    shoot(page, f"console-expired-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_what_nobody_accepted_in_time_is_on_top_and_has_its_queue(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    for title in ("先立案一", "先立案二"):
        case = town.report(title=title)
        town.do("operator", f"/cases/{case}/accept")
        town.do("operator", f"/cases/{case}/register")
    town.report(title="无人受理")
    later = datetime.fromisoformat(town.read("administrator", "/clock")["now"]) + timedelta(days=3)
    assert town.root.send("PUT", "/api/v1/clock", {"now": later.isoformat()}).status == 200
    page = desk.visit("/ui/console/cases/open", "operator", lang=lang, size=SMALL)
    rows = page.locator(".item-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("无人受理")
    expect(rows.first).to_contain_text(re.compile(words["to accept"]))
    page.get_by_role("link", name=words["late"]).click()
    expect(rows).to_have_count(1)
    require_accessible(page)
    shoot(page, f"console-late-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_why_more_time_is_asked_for_is_read_before_it_is_granted(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    task = town.issue(title="清理山路")
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    town.do("worker", f"/tasks/{task}/request-extension", {"reason": "山路塌方"})
    page = desk.visit(f"/ui/console/tasks/extensions?item={task}", "operator", lang=lang, size=SMALL)
    # One thing is to be decided: it alone is blue.
    expect(step(page, words["grant"])).to_have_class(re.compile("chief"))
    expect(step(page, words["transfer"])).not_to_have_class(re.compile("chief"))
    step(page, words["grant"]).click()
    expect(page.get_by_role("dialog")).to_contain_text(words["why"])
    require_accessible(page)
    shoot(page, f"dialog-grant-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_is_seen_beside_the_button_however_long_the_form_is(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks", "operator", lang=lang, size=Size(1024, 600))
    page.get_by_role("button", name=words["issue"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"], exact=True).fill("汛期巡查")
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_text(words["grids"])).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("lang", LANGS)
def test_what_leaves_the_page_says_what_it_was_narrowed_down_to(
    desk: Desk, lang: str, tmp_path: Path
) -> None:
    words, town = WORDS[lang], desk.town
    town.report(title="公式栏破损")
    town.report(title="路灯不亮")
    page = desk.visit(
        "/ui/console/cases/all?text=公式&category=environment", "operator", lang=lang, size=SMALL
    )
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "list.csv")
    told = (tmp_path / "list.csv").read_text("utf-8-sig")
    assert f"“公式” · {words['environment']}" in told


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_for_every_half_year_is_made_in_the_page(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/plans", "operator", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["start"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"], exact=True).fill("半年走访")
    days = dialog.get_by_label(words["month days"])
    days.fill("十号")
    dialog.get_by_role("button", name=words["save"]).click()
    assert days.evaluate("field => field.validationMessage") == words["format"]
    days.fill("10")
    for month in ("january", "july"):
        dialog.get_by_label(words[month], exact=True).check()
    dialog.locator("select").filter(has=page.locator("option[value=working_days]")).select_option(
        "working_days"
    )
    dialog.locator("input[type=number]").fill("5")
    dialog.get_by_label(words["starts"]).fill("2190-01-01")
    dialog.get_by_label(words["ends"]).fill("2190-06-30")
    require_accessible(page)
    shoot(page, f"dialog-plan-months-{lang}", (SMALL,))
    dialog.get_by_role("button", name=words["save"]).click()
    expect(dialog).to_have_count(0)
    [plan] = desk.town.read("operator", f"/plans?after={desk.town.root.head()}")["items"]
    assert (plan["terms"]["schedule"]["months"], plan["terms"]["schedule"]["days"]) == ([1, 7], [10])
    assert plan["terms"]["limit"] == {"kind": "working_days", "amount": 5}
    assert (plan["terms"]["starts"], plan["terms"]["ends"]) == (
        "2189-12-31T16:00:00Z",
        "2190-06-30T15:59:59Z",
    )
    expect(page.locator(".item-table")).to_contain_text(words["lasts"])
    shoot(page, f"console-plans-{lang}", (SMALL,))
