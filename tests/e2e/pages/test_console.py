"""An operator's day at the console, in both languages: what comes in, and what is done with it."""

import csv
import io
import json
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, Desk, require_accessible, shoot

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
WORDS = {
    ZH: {
        "task": "任务",
        "accept": "受理",
        "register": "立案",
        "dispatch": "派遣",
        "department": "部门",
        "assignee": "责任人",
        "pass": "核验通过",
        "return": "退回返工",
        "note": "说明",
        "cancel": "撤销任务",
        "reason": "原因",
        "issue": "下发任务",
        "title": "标题",
        "every": "全部网格",
        "undo": "撤销",
        "transfer": "转办",
        "grid": "网格",
        "timeline": "经过",
        "deadline": "期限说明",
        "suspend": "挂账",
        "until": "截止时间",
        "merge": "并案",
        "into": "并入哪一件",
        "search": "搜索任务和事件（/）",
        "inbox": "消息",
        "read": "全部标为已读",
        "enter": "平急转换",
        "grade": "等级",
        "go": "下一步",
        "sure": "确认转入急时",
        "emergency": "急时状态",
        "leave": "转为平时",
        "plans": "周期计划",
        "start": "新建计划",
        "save": "保存",
        "pause": "暂停计划",
        "resume": "恢复计划",
        "empty": "这里没有待办，做得好。",
        "close": "关闭",
        "keys": "快捷键",
        "all": "全选",
        "done": "已完成",
        "report": "登记事件",
        "next": "下一页",
        "restored": "已恢复您上次未提交的内容。",
        "stale": "任务当前状态不允许此操作。",
        "unmerge": "撤销并案",
        "sort": "办理期限",
        "closed": "已办结",
        "feed": "实时动态",
    },
    EN: {
        "task": "Task",
        "accept": "Accept",
        "register": "Register",
        "dispatch": "Dispatch",
        "department": "Department",
        "assignee": "Assignee",
        "pass": "Verify and close",
        "return": "Return for rework",
        "note": "Note",
        "cancel": "Cancel the task",
        "reason": "Reason",
        "issue": "Issue a task",
        "title": "Title",
        "every": "Every grid",
        "undo": "Undo",
        "transfer": "Transfer",
        "grid": "Grid",
        "timeline": "Timeline",
        "deadline": "Deadline",
        "suspend": "Suspend",
        "until": "Until",
        "merge": "Merge",
        "into": "Into which case",
        "search": "Search tasks and cases (/)",
        "inbox": "Inbox",
        "read": "Mark all as read",
        "enter": "Emergency mode",
        "grade": "Grade",
        "go": "Go on",
        "sure": "Enter emergency mode",
        "emergency": "Emergency mode",
        "leave": "Back to routine",
        "plans": "Plans",
        "start": "Start a plan",
        "save": "Save",
        "pause": "Pause",
        "resume": "Resume",
        "empty": "Nothing waits here. Well done.",
        "close": "Close",
        "keys": "Keys",
        "all": "Choose all",
        "done": "done",
        "report": "Record a case",
        "next": "Next page",
        "restored": "What you had typed and not sent is here again.",
        "stale": "The task’s present status does not allow that.",
        "unmerge": "Undo the merge",
        "sort": "Due",
        "closed": "Closed",
        "feed": "Live feed",
    },
}


def row(page: Page, title: str) -> Locator:
    return page.locator(".item-table tbody tr").filter(has_text=title)


def panel(page: Page) -> Locator:
    return page.locator(".item-panel")


def take(page: Page, step: str, **fields: str) -> None:
    """Take a step of the item that is open, and wait until the page knows what came of it."""
    button = panel(page).get_by_role("button", name=step, exact=True)
    if button.get_attribute("aria-haspopup") is None:
        # It asks for nothing: one press takes it, and what was done is said.
        button.click()
        expect(page.locator(".undo-bar")).to_contain_text(step)
        return
    button.click()
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        field = dialog.get_by_label(label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    dialog.get_by_role("button", name=step, exact=True).click()
    expect(dialog).to_be_hidden()


def submitted(desk: Desk, title: str) -> str:
    """A task that wang has handled and submitted."""
    task = desk.town.issue(title=title)
    for step, body in (("accept", {"begin": True}), ("submit", {"note": "已清理"})):
        desk.town.do("worker", f"/tasks/{task}/{step}", body)
    return task


@pytest.mark.parametrize("lang", LANGS)
def test_a_case_is_taken_from_its_report_to_the_department(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console", "operator", lang=lang)
    expect(page.get_by_text(words["empty"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-empty-{lang}")
    case = desk.town.report(title="路灯不亮")
    row(page, "路灯不亮").get_by_role("button").click()
    expect(panel(page).get_by_role("heading", name="路灯不亮")).to_be_visible()
    take(page, words["accept"])
    take(page, words["register"])
    expect(panel(page).locator(".timeline li").first).to_contain_text(words["register"][:2])
    take(page, words["dispatch"], **{words["department"]: "emergency"})
    found = desk.town.read("operator", f"/cases/{case}?after={desk.town.root.head()}")
    assert (found["status"], found["department"]) == ("dispatched", "emergency")
    expect(panel(page).locator(".timeline li").first).to_contain_text("→ 应急办")
    shoot(page, f"console-timeline-{lang}", (SMALL,))
    panel(page).get_by_role("tab", name=words["deadline"]).click()
    expect(panel(page).locator(".deadline table").first).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-case-{lang}")


@pytest.mark.parametrize("lang", LANGS)
def test_a_task_goes_to_every_grid_at_once_and_can_be_taken_back(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks", "operator", lang=lang)
    expect(page.get_by_text(words["empty"])).to_be_visible()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name=words["issue"])
    dialog.get_by_label(words["title"]).fill("汛期巡查")
    dialog.get_by_label(words["every"]).check()
    require_accessible(page)
    shoot(page, f"console-issue-{lang}")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "汛期巡查")).to_have_count(3)
    page.locator(".undo-bar").get_by_role("button", name=words["undo"], exact=True).click()
    expect(page.get_by_text(words["empty"])).to_be_visible()
    tasks = desk.town.read("operator", f"/tasks?after={desk.town.root.head()}")
    assert [task["status"] for task in tasks["items"]] == ["cancelled"] * 3


@pytest.mark.parametrize("lang", LANGS)
def test_work_is_verified_one_by_one_and_many_at_once(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    returned, *rest = [submitted(desk, f"巡查 {n}") for n in range(4)]
    page = desk.visit(f"/ui/console/tasks/to-verify?item={returned}", "operator", lang=lang)
    take(page, words["return"], **{words["note"]: "照片不清"})
    expect(row(page, "巡查 0")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_label(words["all"]).check()
    page.get_by_role("toolbar").get_by_role("button", name=words["pass"]).click()
    # Meanwhile somebody else was faster with one of them.
    desk.expect_wrong("409")
    desk.town.do("operator", f"/tasks/{rest[0]}/cancel", {"reason": "重复"})
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words["pass"], exact=True).click()
    results = dialog.locator(".results tbody tr")
    expect(results).to_have_count(3)
    expect(results.locator(".good")).to_have_count(2)
    expect(results.locator(".bad")).to_have_count(1)
    require_accessible(page)
    shoot(page, f"console-bulk-{lang}")
    dialog.get_by_role("button", name=words["close"], exact=True).last.click()
    expect(page.get_by_text(words["empty"])).to_be_visible()
    after = desk.town.root.head()
    found = [
        desk.town.read("operator", f"/tasks/{task}?after={after}")["status"] for task in (returned, *rest)
    ]
    assert found == ["returned", "cancelled", "closed", "closed"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_duplicate_is_merged_and_the_merge_undone(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    first, second = desk.town.report(title="垃圾堆放 东"), desk.town.report(title="垃圾堆放 西")
    page = desk.visit(f"/ui/console/cases/to-accept?item={second}", "operator", lang=lang)
    take(page, words["merge"], **{words["into"]: first, words["reason"]: "同一处"})
    # Gone with the merge; the other case alone says nothing, it stands among those nearby before.
    expect(panel(page).get_by_role("button", name=words["merge"], exact=True)).to_have_count(0)
    expect(panel(page).get_by_role("link", name="垃圾堆放 东")).to_be_visible()
    page.locator(".undo-bar").get_by_role("button", name=words["undo"], exact=True).click()
    expect(panel(page).get_by_role("button", name=words["merge"], exact=True)).to_be_visible()
    assert (
        desk.town.read("operator", f"/cases/{second}?after={desk.town.root.head()}")["status"] == "reported"
    )


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_refused_is_said_and_what_was_typed_stays(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    task = submitted(desk, "巡查")
    page = desk.visit(f"/ui/console/tasks/to-verify?item={task}", "operator", lang=lang, size=SMALL)
    panel(page).get_by_role("button", name=words["return"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["note"]).fill("门牌没有拍到")
    dialog.get_by_role("button", name=words["close"]).click()
    page.reload()
    panel(page).get_by_role("button", name=words["return"], exact=True).click()
    expect(dialog.get_by_text(words["restored"])).to_be_visible()
    expect(dialog.get_by_label(words["note"])).to_have_value("门牌没有拍到")
    desk.expect_wrong("409")
    desk.town.do("operator", f"/tasks/{task}/verify", {"passed": False, "note": "别人先退回了"})
    dialog.get_by_role("button", name=words["return"], exact=True).click()
    expect(dialog.get_by_role("alert").last).to_have_text(words["stale"])
    expect(dialog.get_by_label(words["note"])).to_have_value("门牌没有拍到")
    require_accessible(page)


@pytest.mark.parametrize("lang", LANGS)
def test_lists_are_searched_sorted_and_narrowed_down_in_the_address(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    for n, grid in enumerate(desk.town.grids):
        desk.town.issue(grid, title=f"巡查 {n}")
    desk.town.report(title="巡查时发现积水")
    # What only cases have may have been left in the address by one of their lists.
    page = desk.visit("/ui/console/tasks/open?text=%E5%B7%A1&severity=1", "operator", lang=lang)
    expect(row(page, "巡查")).to_have_count(3)
    page.get_by_role("search").get_by_label(words["grid"], exact=True).select_option(desk.town.grids[1])
    expect(row(page, "巡查")).to_have_count(1)
    assert f"scope={desk.town.grids[1]}" in page.url
    page.get_by_role("button", name=words["sort"]).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    page.keyboard.press("/")
    page.get_by_label(words["search"]).fill("巡查")
    page.keyboard.press("Enter")
    expect(row(page, "巡查")).to_have_count(4)
    shoot(page, f"console-search-{lang}", (SMALL,))
    row(page, "积水").click()
    expect(panel(page).get_by_role("heading", name="巡查时发现积水")).to_be_visible()
    # What belongs to no grid, as a number of the board has it.
    own = {"grid": desk.town.code, "category": "safety", "title": "不知道在哪个网格"}
    desk.town.do("operator", "/cases", own)
    page.goto(f"/ui/console/cases/open?scope={desk.town.code}&exact=true")
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    require_accessible(page)
    shoot(page, f"console-in-no-grid-{lang}", (SMALL,))
    page.locator(".chip").get_by_role("button").click()
    expect(page.locator(".item-table tbody tr")).to_have_count(2)
    assert "exact" not in page.url
    place = page.get_by_role("search").get_by_label(words["grid"], exact=True)
    place.select_option(f"={desk.town.code}")
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    place.select_option("")
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".item-table tbody tr")).to_have_count(2)


@pytest.mark.parametrize("lang", LANGS)
def test_the_mode_is_switched_and_seen_everywhere(desk: Desk, lang: str) -> None:
    words, before = WORDS[lang], desk.town.root.head()
    page = desk.visit("/ui/console", "operator", lang=lang)
    page.get_by_role("button", name=words["enter"], exact=True).click()
    dialog = page.get_by_role("dialog")
    several = lang == "en"
    if several:
        dialog.get_by_role("combobox").first.select_option("grids")
        for grid in range(2):
            dialog.locator(".grid-choice input").nth(grid).check()
    dialog.get_by_label(words["grade"]).select_option("II")
    dialog.get_by_label(words["reason"]).fill("暴雨橙色预警")
    dialog.get_by_role("button", name=words["go"]).click()
    expect(dialog.get_by_role("alert").first).to_contain_text("暴雨橙色预警")
    require_accessible(page)
    dialog.get_by_role("button", name=words["sure"]).click()
    expect(page.locator(".mode-bar")).to_contain_text("暴雨橙色预警")
    expect(page.locator(".mode-bar")).to_contain_text(words["emergency"])
    expect(page.locator("html.emergency")).to_be_attached()
    require_accessible(page)
    shoot(page, f"console-emergency-{lang}")
    if several:
        expect(page.locator(".mode-bar")).to_have_count(1)
        written = map(json.loads, desk.town.written_by("operator", before))
        commands = [one["command_id"] for one in written if one["name"] == "mode.emergency_entered"]
        assert len(commands) == 2
        assert len(set(commands)) == 1
    page.locator(".mode-bar").get_by_role("button", name=words["leave"]).click()
    page.get_by_role("dialog").get_by_label(words["reason"]).fill("预警解除")
    page.get_by_role("dialog").get_by_role("button", name=words["leave"], exact=True).click()
    expect(page.locator(".mode-bar")).to_have_count(0)
    assert desk.town.read("operator", f"/mode?after={desk.town.root.head()}")["modes"][0]["mode"] == "routine"


@pytest.mark.parametrize("lang", LANGS)
def test_the_inbox_tells_what_is_new_and_remembers_what_was_read(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/inbox", "operator", lang=lang, dark=True)
    task = desk.town.issue(title="河道巡查")
    desk.town.do("worker", f"/tasks/{task}/decline", {"reason": "不在本网格"})
    notice = page.locator(".notices li").filter(has_text="河道巡查").first
    expect(notice).to_be_visible()
    expect(page.locator(".nav-count")).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-inbox-{lang}", (SMALL,))
    page.get_by_role("button", name=words["read"]).click()
    expect(page.locator(".nav-count")).to_have_count(0)
    expect(page.locator(".notices li.unread")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_is_started_paused_and_resumed(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/plans", "operator", lang=lang)
    page.get_by_role("button", name=words["start"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"]).fill("沿河夜巡")
    dialog.locator("#plan-category").select_option("patrol")
    require_accessible(page)
    shoot(page, f"console-plan-{lang}")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(row(page, "沿河夜巡")).to_have_count(1)
    row(page, "沿河夜巡").get_by_role("button", name=words["pause"], exact=True).click()
    page.get_by_role("dialog").get_by_label(words["reason"]).fill("涨水")
    page.get_by_role("dialog").get_by_role("button", name=words["pause"], exact=True).click()
    row(page, "沿河夜巡").get_by_role("button", name=words["resume"], exact=True).click()
    expect(row(page, "沿河夜巡").get_by_role("button", name=words["pause"], exact=True)).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_a_list_leaves_the_page_whole_and_says_where_it_comes_from(
    desk: Desk, lang: str, tmp_path: Path
) -> None:
    words = WORDS[lang]
    desk.expect_wrong("404.*/audit/checkpoint")  # this log has none yet
    for n in range(3):
        desk.town.issue(title=f'=巡查 "{n}"')
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang)
    expect(row(page, "巡查")).to_have_count(3)
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV", exact=True).click()
    taken.value.save_as(tmp_path / "list.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text(encoding="utf-8-sig"))))
    assert sorted(line[0] for line in lines[1:4]) == [f'\'=巡查 "{n}"' for n in range(3)]
    about = {line[0]: line[1] for line in lines[4:] if len(line) == 2}
    position = about["日志位置" if lang == ZH else "Log position"]
    assert int(position) <= desk.town.root.head()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Excel", exact=True).click()
    taken.value.save_as(tmp_path / "list.xlsx")
    with ZipFile(tmp_path / "list.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("=巡查") == 3
    page.evaluate("void (window.print = () => { document.documentElement.dataset.printed = 'yes' })")
    page.get_by_role("button", name={ZH: "打印", EN: "Print"}[lang], exact=True).click()
    expect(page.locator("html[data-printed]")).to_be_attached()
    expect(page.locator(".printed-list")).to_contain_text(words["title"])
    expect(page.locator(".printed-list dl")).to_contain_text(f"{int(position):,}")
    expect(page.locator(".printed-list tbody tr")).to_have_count(3)


@pytest.mark.parametrize("lang", LANGS)
def test_a_session_that_ends_in_mid_form_loses_nothing(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang)
    password = desk.password_of("operator")
    expect(page.get_by_text(words["empty"])).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name=words["issue"])
    form.get_by_label(words["title"]).fill("值守到天亮")
    form.get_by_label(words["every"]).check()
    desk.expect_wrong("401")
    desk.end_sessions()
    form.locator("button[type=submit]").dispatch_event("click")  # may be covered already
    again = page.get_by_role("dialog", name={ZH: "登录已过期", EN: "Your session has ended"}[lang])
    again.get_by_label({ZH: "密码", EN: "Password"}[lang], exact=True).fill(password)
    again.get_by_role("button", name={ZH: "登录", EN: "Sign in"}[lang], exact=True).click()
    expect(row(page, "值守到天亮")).to_have_count(3)
    assert len(desk.town.read("operator", f"/tasks?after={desk.town.root.head()}")["items"]) == 3


@pytest.mark.parametrize("lang", LANGS)
def test_long_names_and_thousands_of_items_have_their_place(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    name = "万顺镇石堰村滨河路与老街交汇处至幸福桥沿线及周边农家院落第一网格" * 2
    path = f"/api/v1/towns/{town.code}/grids/{town.grids[0]}"
    body = {"name": name[:60], "village": None, "boundary": None}
    assert town.by("administrator").send("PATCH", path, body).status == 200
    more = [f"{town.code}{village:03}{grid:03}" for village in range(3, 13) for grid in range(1, 51)]
    drawn = {
        "grids": [{"code": code, "name": f"网格{code[-6:]}", "village": f"村{code[9:12]}"} for code in more]
    }
    town.do("administrator", f"/towns/{town.code}/grids", drawn)
    for n in range(10):
        town.issue(*more, title=f"全域巡查第{n}轮")
    town.issue(title="入户核查" * 50)
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang, size=SMALL)
    expect(page.locator(".queue-foot")).to_contain_text("5,001")
    expect(page.locator(".queue-tabs .chosen .queue-count")).to_have_text("5,001")
    page.get_by_role("button", name=words["next"]).click()
    expect(page.locator(".queue-foot")).to_contain_text("51")
    page.get_by_label({ZH: "按标题筛选", EN: "In the title"}[lang]).fill("入户")
    expect(page.locator(".item-table tbody tr")).to_have_count(1)
    expect(page.locator(".item-table .of-grid").last).to_have_text(name[:60])
    row(page, "入户").click()
    expect(panel(page).get_by_role("heading", level=2)).to_contain_text("入户核查入户核查")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    require_accessible(page)
    shoot(page, f"console-long-{lang}")


def test_no_word_of_a_list_is_broken_on_a_phone(desk: Desk) -> None:
    desk.town.do("worker", f"/tasks/{desk.town.issue()}/decline", {"reason": "不在本网格"})
    page = desk.visit("/ui/console/tasks/open", "operator", lang=EN, size=PHONE)
    cell = page.get_by_role("cell", name="Declined", exact=True)
    expect(cell).to_be_visible()
    lines = "cell => (range => (range.selectNodeContents(cell), range.getClientRects().length))(new Range())"
    assert cell.evaluate(lines) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_the_keyboard_is_enough(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    for n in range(3):
        desk.town.report(title=f"积水 {n}")
    page = desk.visit("/ui/console/cases/to-accept", "operator", lang=lang)
    expect(row(page, "积水")).to_have_count(3)
    titles = page.locator(".item-table .item-title").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".item-table tr.open")).to_contain_text(titles[1])
    page.keyboard.press("k")
    expect(panel(page).get_by_role("heading", name=titles[0])).to_be_visible()
    panel(page).get_by_role("button", name=words["accept"], exact=True).focus()
    page.keyboard.press("Enter")
    expect(row(page, "积水")).to_have_count(2)
    # What is done by hand is done by a key, too: to accept one is all that its panel offers first.
    page.keyboard.press("j")
    expect(panel(page).get_by_role("button", name=words["accept"], exact=True)).to_be_visible()
    page.keyboard.press("e")
    expect(row(page, "积水")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=words["keys"])).to_be_visible()
    require_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.wait_for_url("**/inbox*")


def test_a_list_of_more_than_500_rows_and_the_plans_leave_whole(desk: Desk, tmp_path: Path) -> None:
    desk.expect_wrong("404.*/audit/checkpoint")  # this log has none yet
    for n in range(170):
        desk.town.issue(*desk.town.grids, title=f"巡查 {n}")
    schedule = {"times": ["08:00"], "weekdays": [1]}
    for n in range(3):
        plan = {"scope": desk.town.code, "title": f"夜巡 {n}", "category": "patrol", "schedule": schedule}
        desk.town.do("operator", "/plans", plan)
    page = desk.visit("/ui/console/tasks/all", "operator", lang=EN)
    expect(page.locator(".queue-foot")).to_contain_text("510")

    def taken(title: str) -> list[list[str]]:
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV", exact=True).click()
        download.value.save_as(tmp_path / "list.csv")
        lines = csv.reader(io.StringIO((tmp_path / "list.csv").read_text(encoding="utf-8-sig")))
        return [line for line in lines if line and line[0].startswith(title)]

    rows = taken("巡查")
    assert len(rows) == len({tuple(row) for row in rows}) == 510
    page.get_by_role("link", name="Plans").click()
    expect(row(page, "夜巡")).to_have_count(3)
    assert sorted(line[0] for line in taken("夜巡")) == ["夜巡 0", "夜巡 1", "夜巡 2"]
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.locator(".printed-list tbody tr")).to_have_count(3)
    page.emulate_media(media="print")
    page.evaluate("document.documentElement.classList.add('printing-list')")
    expect(page.locator(".printed-list")).to_be_visible()
    expect(page.locator("#face")).to_be_hidden()


@pytest.mark.parametrize("lang", LANGS)
def test_a_phone_shows_the_desks_head_in_little_room_and_the_rest_on_request(desk: Desk, lang: str) -> None:
    desk.town.issue()
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang, size=PHONE)
    expect(page.locator(".item-table tbody tr").first).to_be_visible()
    head, more = page.locator(".shell-head"), page.get_by_role("button", name={ZH: "更多", EN: "More"}[lang])
    low = head.bounding_box()
    assert low is not None
    assert low["height"] <= PHONE.height / 6, low
    expect(page.locator(".shell-who")).to_be_hidden()
    require_accessible(page)
    shoot(page, f"console-head-{lang}", (PHONE, TABLET, SMALL))
    more.click()
    expect(page.locator(".shell-who")).to_be_visible()
    expect(page.get_by_role("searchbox").first).to_be_visible()
    require_accessible(page)
    shoot(page, f"console-head-whole-{lang}", (PHONE,))
    more.click()
    expect(page.locator(".shell-who")).to_be_hidden()


def test_a_limit_of_one_day_is_one_working_day(desk: Desk) -> None:
    task = desk.town.issue(limit={"kind": "working_days", "amount": 1})
    desk.town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    page = desk.visit(f"/ui/console/tasks/all?item={task}", "operator", lang=EN)
    page.get_by_role("tab", name="Deadline").click()
    expect(page.locator(".deadline p").first).to_contain_text(re.compile(r"on, 1 working day \("))
