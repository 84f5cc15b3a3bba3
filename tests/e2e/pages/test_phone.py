"""A grid worker's day on the phone page, in both languages."""

import re
from typing import Any, Final

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.pages.browsing import PHONE, SMALL, Desk, Size, require_accessible, shoot
from tests.pictures import exif, jpeg, png

DRAFTS_STORED = """async () => {
  for (const { name } of await indexedDB.databases())
    await new Promise((done, failed) => {
      const asked = indexedDB.open(name)
      asked.onerror = failed
      asked.onsuccess = () => {
        // Transactions that write one store come one after the other.
        const after = asked.result.transaction('drafts', 'readwrite')
        after.objectStore('drafts').count()
        after.onerror = failed
        after.oncomplete = () => (asked.result.close(), done(true))
      }
    })
}"""
"""Waits until every draft so far is stored."""
WORDS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "tasks": "任务",
        "report": "上报",
        "inbox": "消息",
        "outbox": "发件箱",
        "settings": "设置",
        "to accept": "签收剩余",
        "accept by": "签收期限",
        "begin": "签收并办理",
        "submit": "反馈办结",
        "what was done": "办理情况",
        "decline": "退单",
        "why decline": "退单原因",
        "extension": "申请延期",
        "why extension": "延期原因",
        "to verify": "待核验",
        "declined": "已退单",
        "extension asked": "已申请延期，等待中心答复。",
        "mediate": "选层级调解",
        "level": "在哪一级调解",
        "mediation failed": "调解未成",
        "why failed": "未成原因",
        "agreed": "达成协议",
        "terms": "协议内容",
        "performed": "协议已履行",
        "how performed": "履行情况",
        "settled": "回访稳定",
        "not settled": "回访反复",
        "how it stands": "查看进展",
        "accepted": "已受理",
        "more": "更多类别",
        "health": "卫生健康",
        "facilities": "公共设施",
        "check passed": "核查通过",
        "check failed": "核查不通过",
        "not right": "哪里没有整改到位",
        "environment": "环境卫生",
        "safety": "安全隐患",
        "self-handled": "已当场处置",
        "how": "如何处置",
        "arrived": "已送达",
        "needs category": "请选择类别。",
        "remove first": "移除第 1 张照片",
        "no photo": "这些文件手机读不出来：{name}。请用“拍照”，或存为 JPEG 再选。",
        "next": "下一张",
        "no tasks": "没有要办的任务",
        "no messages": "没有消息",
        "nothing to send": "没有要发送的内容",
        "read all": "全部标为已读",
        "new": "新",
        "older": "更早的消息",
        "my account": "我的账号",
        "emergency": "急时状态 · Ⅱ级（橙）",
        "change password": "修改密码",
    },
    "en": {
        "tasks": "Tasks",
        "report": "Report",
        "inbox": "Inbox",
        "outbox": "Outbox",
        "settings": "Settings",
        "to accept": "to accept: ",
        "accept by": "accept by",
        "begin": "Accept and begin",
        "submit": "Submit as done",
        "what was done": "What was done",
        "decline": "Decline",
        "why decline": "Why it is not yours",
        "extension": "Ask for an extension",
        "why extension": "Why you need more time",
        "to verify": "To verify",
        "declined": "Declined",
        "extension asked": "You asked for an extension; the centre will answer.",
        "mediate": "Mediate at a level",
        "level": "At which level",
        "mediation failed": "Mediation failed",
        "why failed": "Why it failed",
        "agreed": "Agreement reached",
        "terms": "What was agreed",
        "performed": "Agreement performed",
        "how performed": "How it was performed",
        "settled": "Still settled",
        "not settled": "Not settled",
        "how it stands": "See how it stands",
        "accepted": "Accepted",
        "more": "More categories",
        "health": "Health",
        "facilities": "Facilities",
        "check passed": "Check passed",
        "check failed": "Check failed",
        "not right": "What is still not right",
        "environment": "Environment",
        "safety": "Safety",
        "self-handled": "Put right on the spot",
        "how": "How it was put right",
        "arrived": "Arrived",
        "needs category": "Choose a category.",
        "remove first": "Remove photo 1",
        "no photo": "This phone can’t read {name}. Take a photo, or save it as JPEG first.",
        "next": "Next",
        "no tasks": "No tasks for you",
        "no messages": "No messages",
        "nothing to send": "Nothing to send",
        "read all": "Mark all as read",
        "new": "new",
        "older": "Older messages",
        "my account": "My account",
        "emergency": "Emergency mode · ",
        "change password": "Change the password",
    },
}
PHONES: Final = (Size(360, 740), PHONE, Size(768, 1024))
"""A small phone, a usual one and a tablet."""
HERE: Final = {"longitude": 107.25, "latitude": 29.85, "accuracy": 12}


def phone(desk: Desk, lang: str, who: str = "worker", path: str = "/m/", **more: Any) -> Page:
    more = {"geolocation": HERE, "permissions": ["geolocation"], **more}
    return desk.visit(path, who, lang=lang, size=PHONE, has_touch=True, is_mobile=True, **more)


def photo(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def go(page: Page, lang: str, tab: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=WORDS[lang][tab]).click()


def cases_of(desk: Desk) -> list[Any]:
    found = desk.town.read("operator", f"/cases?limit=100&sort=reported&after={desk.town.root.head()}")
    items: list[Any] = found["items"]
    return items


def task_of(desk: Desk, task: str) -> Any:
    return desk.town.read("operator", f"/tasks/{task}?after={desk.town.root.head()}")


@pytest.mark.parametrize("lang", WORDS)
def test_a_worker_accepts_handles_and_submits_a_task(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang)
    expect(page.get_by_text(words["no tasks"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-empty-{lang}", PHONES)
    task = desk.town.issue(title="汛期地质灾害点巡查", instructions="重点查看滑坡点和河堤，拍照反馈。")
    page.get_by_role("link", name="汛期地质灾害点巡查").click()
    expect(page.get_by_text("重点查看滑坡点和河堤").first).to_be_visible()
    # The time that runs first is for accepting it, and says so.
    expect(page.locator(".task-page .task-time")).to_contain_text(words["to accept"])
    expect(page.get_by_text(words["accept by"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-task-{lang}", PHONES)
    page.get_by_role("button", name=words["begin"]).click()
    expect(page.get_by_role("button", name=words["submit"])).to_be_visible()
    page.get_by_role("button", name=words["submit"]).click()
    page.get_by_label(words["what was done"]).fill("已巡查，无险情")
    require_accessible(page)
    shoot(page, f"phone-submit-{lang}", PHONES)
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.get_by_text(words["to verify"]).first).to_be_visible()
    expect(page.get_by_text("已巡查，无险情")).to_be_visible()
    assert task_of(desk, task)["status"] == "submitted"


@pytest.mark.parametrize("lang", WORDS)
def test_a_worker_declines_and_asks_for_more_time_with_a_reason(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    first, second = desk.town.issue(title="一号任务"), desk.town.issue(title="二号任务")
    page = phone(desk, lang)
    page.get_by_role("link", name="一号任务").click()
    page.get_by_role("button", name=words["decline"]).click()
    page.get_by_label(words["why decline"]).fill("不属于本网格")
    page.get_by_role("button", name=words["decline"]).click()
    expect(page.get_by_text("不属于本网格")).to_be_visible()
    assert task_of(desk, first)["status"] == "declined"
    go(page, lang, "tasks")
    page.get_by_role("link", name="二号任务").click()
    page.get_by_role("button", name=words["begin"]).click()
    page.get_by_role("button", name=words["extension"]).click()
    page.get_by_label(words["why extension"]).fill("等待专业人员")
    page.get_by_role("button", name=words["extension"]).click()
    expect(page.get_by_text(words["extension asked"])).to_be_visible()
    expect(page.get_by_role("button", name=words["extension"])).to_have_count(0)
    assert task_of(desk, second)["extension_requested_at"] is not None
    go(page, lang, "tasks")
    require_accessible(page)
    shoot(page, f"phone-tasks-{lang}", PHONES)


def to_be_checked(desk: Desk, case: str) -> None:
    """Have a case handled by li and its check given to wang."""
    path = f"/cases/{case}"
    desk.town.do("li", f"{path}/finish", {"note": "已清理"})
    desk.town.do("operator", f"{path}/start-check", {"checker": "wang"})


@pytest.mark.parametrize("lang", WORDS)
def test_who_was_named_checks_a_case_and_what_is_refused_of_it_says_why(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED", "409")
    case = town.report(title="桥头垃圾")
    for name, body in (("accept", None), ("register", None), ("dispatch", {"assignee": "li"})):
        town.do("operator", f"/cases/{case}/{name}", body)
    town.do("li", f"/cases/{case}/handle")
    page = phone(desk, lang)
    expect(page.get_by_text(words["no tasks"])).to_be_visible()
    to_be_checked(desk, case)
    card = page.locator(".task-card", has_text="桥头垃圾")
    card.click()
    expect(page.get_by_role("button", name=words["check passed"], exact=True)).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-check-{lang}", PHONES)
    page.context.set_offline(True)
    page.get_by_role("button", name=words["check failed"]).click()
    page.get_by_label(words["not right"]).fill("桥下还有")
    page.get_by_role("button", name=words["check failed"]).click()
    expect(page.locator(".task-page .phone-pending")).to_be_visible()
    expect(page.get_by_role("button", name=words["check passed"], exact=True)).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator(".history")).to_contain_text("桥下还有")
    go(page, lang, "tasks")
    expect(card).to_have_count(0)
    to_be_checked(desk, case)
    card.click()
    page.context.set_offline(True)
    page.get_by_role("button", name=words["check passed"], exact=True).click()
    shoot(page, f"phone-check-passed-{lang}", (PHONE,))
    page.get_by_role("button", name=words["check passed"], exact=True).click()
    expect(page.locator(".task-page .phone-pending")).to_be_visible()
    town.do("operator", f"/cases/{case}/check", {"passed": False, "note": "路边也有"})
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text(words["check passed"])
    go(page, lang, "outbox")
    expect(page.locator(".outbox-entry.is-refused .phone-wrong")).not_to_be_empty()
    entries = town.read("auditor", f"/cases/{case}/timeline?after={town.root.head()}")["entries"]
    checks = [one["person"] for one in entries if one["name"] == "case.check_failed"]
    assert checks == ["王芳", "operator"]


@pytest.mark.parametrize("lang", WORDS)
def test_a_mediator_mediates_a_dispute_on_the_phone(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED")
    case = town.report(category="dispute", title="田界纠纷")
    town.do("operator", f"/cases/{case}/accept")
    steps = (("register", None), ("classify", {"kind": "land"}), ("assign", {"mediator": "wang"}))
    for name, body in steps:
        town.do("operator", f"/disputes/{case}/{name}", body)
    page = phone(desk, lang, path="/m/inbox")
    page.locator(".phone-notice", has_text="田界纠纷").first.click()
    page.get_by_role("button", name=words["mediate"]).click()
    page.get_by_label(words["level"]).select_option("village")
    require_accessible(page)
    shoot(page, f"phone-mediate-{lang}", PHONES)
    page.context.set_offline(True)
    page.get_by_role("button", name=words["mediate"]).click()
    # Each step leads to the next before anything has been sent.
    page.get_by_role("button", name=words["mediation failed"]).click()
    page.get_by_label(words["why failed"]).fill("一方未到场")
    page.get_by_role("button", name=words["mediation failed"]).click()
    page.get_by_role("button", name=words["mediate"]).click()
    expect(page.get_by_label(words["level"]).locator("option")).to_have_count(2)
    page.get_by_label(words["level"]).select_option("town")
    page.get_by_role("button", name=words["mediate"]).click()
    page.get_by_role("button", name=words["agreed"]).click()
    page.get_by_label(words["terms"]).fill("各让一米")
    page.get_by_role("button", name=words["agreed"]).click()
    page.context.set_offline(False)
    expect(page.locator(".task-page .phone-pending")).to_have_count(0)
    expect(page.get_by_role("button", name=words["performed"])).to_be_visible()
    shoot(page, f"phone-mediated-{lang}", (PHONE,))
    page.context.set_offline(True)
    page.get_by_role("button", name=words["performed"]).click()
    page.get_by_label(words["how performed"]).fill("界桩已立")
    page.get_by_role("button", name=words["performed"]).click()
    expect(page.get_by_role("button", name=words["not settled"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-follow-up-{lang}", PHONES)
    page.get_by_role("button", name=words["settled"], exact=True).click()
    page.get_by_role("button", name=words["settled"], exact=True).click()
    expect(page.get_by_role("button", name=words["settled"], exact=True)).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator(".task-page .phone-pending")).to_have_count(0)
    entries = town.read("auditor", f"/cases/{case}/timeline?after={town.root.head()}")["entries"]
    done = [(one["name"], one["changed"].get("level")) for one in entries if one["person"] == "王芳"]
    assert done[1:] == [
        ("dispute.mediation_started", "village"),
        ("dispute.failed", "village"),
        ("dispute.mediation_started", "town"),
        ("dispute.agreed", "town"),
        ("dispute.performed", None),
        ("dispute.followed_up", None),
    ]


@pytest.mark.parametrize("lang", WORDS)
def test_a_case_is_reported_in_three_taps(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang)
    go(page, lang, "report")
    send = page.locator("form").get_by_role("button", name=words["report"], exact=True)
    send.click()
    expect(page.get_by_role("alert")).to_have_text(words["needs category"])
    page.get_by_text(words["environment"], exact=True).click()
    expect(page.get_by_text("12")).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-report-{lang}", PHONES)
    send.click()
    expect(page.get_by_text(words["arrived"]).first).to_be_visible()
    require_accessible(page)
    (case,) = cases_of(desk)
    assert (case["title"], case["category"], case["grid"]) == (
        words["environment"],
        "environment",
        desk.town.grids[0],
    )
    assert (case["longitude"], case["latitude"], case["source"]) == (107.25, 29.85, "grid_worker")
    # What became of it is one tap away.
    desk.town.do("operator", f"/cases/{case['id']}/accept")
    page.get_by_role("link", name=words["how it stands"]).click()
    expect(page.locator(".task-page-line")).to_contain_text(words["accepted"])
    expect(page.locator(".history li")).to_have_count(2)
    # What is seldom reported is behind the rest, and stays in sight once it is chosen.
    go(page, lang, "report")
    expect(page.get_by_text(words["health"], exact=True)).to_be_hidden()
    page.get_by_text(words["more"], exact=True).click()
    page.get_by_text(words["health"], exact=True).click()
    require_accessible(page)
    shoot(page, f"phone-categories-{lang}", PHONES)
    page.evaluate(DRAFTS_STORED)
    page.reload()
    expect(page.get_by_role("radio", name=words["health"], exact=True)).to_be_checked()
    expect(page.get_by_text(words["health"], exact=True)).to_be_visible()
    page.get_by_text(words["facilities"], exact=True).click()
    send.click()
    expect(page.locator(".outbox-entry.is-sent")).to_have_count(2)
    assert sorted(one["category"] for one in cases_of(desk)) == ["environment", "facilities"]


@pytest.mark.parametrize("lang", WORDS)
def test_photos_are_scaled_on_the_phone_and_seen_by_the_centre(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang, path="/m/report")
    page.get_by_text(words["environment"], exact=True).click()
    album = page.locator("input[type=file][multiple]")
    album.set_input_files(
        [
            photo("mistaken.png", png(50, 50)),
            photo("wide.png", png(2400, 1200)),
            photo("tall.jpg", jpeg(600, 900, beside=exif())),
        ]
    )
    small = page.locator(".photo-row img")
    expect(small).to_have_count(3)
    page.get_by_role("button", name=words["remove first"]).click()
    expect(small).to_have_count(2)
    decoded = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    assert [one.evaluate(decoded) for one in small.all()] == [[1600, 800], [600, 900]]
    album.set_input_files([photo("notes.txt", b"no picture")])
    expect(page.get_by_role("alert")).to_have_text(words["no photo"].format(name="notes.txt"))
    require_accessible(page)
    shoot(page, f"phone-report-photos-{lang}", PHONES)
    page.reload()
    expect(page.locator(".photo-row img")).to_have_count(2)
    page.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(page.get_by_text(words["arrived"]).first).to_be_visible()
    (case,) = cases_of(desk)
    photos = desk.town.read("operator", f"/cases/{case['id']}/photos")["photos"]
    assert [(one["width"], one["height"]) for one in photos] == [(1600, 800), (600, 900)]
    assert {one["media_type"] for one in photos} == {"image/jpeg"}
    centre = desk.visit(f"/ui/console/cases/all?item={case['id']}", "operator", lang=lang, size=SMALL)
    seen = centre.locator(".item-panel .photo-open img")
    expect(seen).to_have_count(2)
    assert [one.evaluate(decoded) for one in seen.all()] == [[1600, 800], [600, 900]]
    require_accessible(centre)
    shoot(centre, f"console-photos-{lang}", (SMALL,))
    centre.locator(".photo-open").first.click()
    whole = centre.get_by_role("dialog")
    expect(whole.locator("img")).to_be_visible()
    require_accessible(centre)
    shoot(centre, f"console-photo-{lang}", (SMALL,))
    whole.get_by_role("button", name=words["next"], exact=True).click()
    expect(whole).to_contain_text("2")
    centre.keyboard.press("Escape")
    expect(whole).to_be_hidden()


@pytest.mark.parametrize("lang", WORDS)
def test_a_task_is_submitted_with_a_photo_and_shows_it(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    task = desk.town.issue(title="清理河道", assignee="wang")
    page = phone(desk, lang, path=f"/m/tasks/{task}")
    page.get_by_role("button", name=words["begin"]).click()
    page.get_by_role("button", name=words["submit"]).click()
    page.get_by_label(words["what was done"]).fill("已清理")
    page.locator("input[type=file][multiple]").set_input_files([photo("after.png", png(800, 600))])
    expect(page.locator(".photo-row img")).to_have_count(1)
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.locator(".history .photo-open img")).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-history-{lang}", PHONES)
    page.locator(".history .photo-open").click()
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    shoot(page, f"phone-photo-{lang}", PHONES)


def test_a_report_waits_for_the_photo_that_was_chosen(desk: Desk) -> None:
    page = phone(desk, "zh-CN")
    go(page, "zh-CN", "report")
    page.get_by_text("环境卫生", exact=True).click()
    page.evaluate(
        """() => {
          const real = HTMLCanvasElement.prototype.toBlob
          globalThis.scaling = new Promise((begun) => {
            HTMLCanvasElement.prototype.toBlob = function (...asked) {
              globalThis.scaled = () => real.apply(this, asked)
              begun()
            }
          })
        }"""
    )
    page.locator("input[type=file][multiple]").set_input_files([photo("1.png", png(900, 600))])
    send = page.locator(".report-send button")
    expect(send).to_be_disabled()
    expect(send).to_have_text("正在处理照片…")
    page.evaluate("globalThis.scaling.then(() => globalThis.scaled())")
    expect(send).to_be_enabled()
    send.click()
    expect(page.locator(".outbox-entry.is-sent")).to_contain_text("1 张照片")


def test_blanks_are_no_reason_and_what_could_not_be_stored_stays_written(desk: Desk) -> None:
    desk.town.issue(title="一号任务")
    page = phone(desk, "zh-CN")
    page.get_by_role("link", name="一号任务").click()
    page.get_by_role("button", name="退单").click()
    page.get_by_label("退单原因").fill("    ")
    page.get_by_role("button", name="退单").click()
    expect(page.get_by_role("alert")).to_have_text("请写明内容，不能只有空格。")
    page.evaluate(
        """() => {
          IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') }
        }"""
    )
    page.get_by_label("退单原因").fill("不属于本网格")
    page.get_by_role("button", name="退单").click()
    expect(page.get_by_role("alert")).to_contain_text("未能保存到手机")
    page.evaluate(DRAFTS_STORED)
    page.reload()
    page.get_by_role("button", name="退单").click()
    expect(page.get_by_label("退单原因")).to_have_value("不属于本网格")


@pytest.mark.parametrize("lang", WORDS)
def test_what_was_put_right_on_the_spot_is_closed_at_once(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang, path="/m/report", permissions=[])
    page.get_by_text(words["safety"], exact=True).click()
    page.get_by_label(words["self-handled"]).check()
    page.get_by_label(words["how"]).fill("已移走倒下的树枝")
    # A page that goes in the same millisecond takes with it what the browser hasn't stored yet.
    page.evaluate(DRAFTS_STORED)
    page.reload()
    expect(page.get_by_label(words["how"])).to_have_value("已移走倒下的树枝")
    page.locator("form").get_by_role("button", name=words["report"], exact=True).click()
    expect(page.get_by_text(words["arrived"]).first).to_be_visible()
    (case,) = cases_of(desk)
    assert (case["status"], case["category"], case["longitude"]) == ("self_handled", "safety", None)
    go(page, lang, "report")
    expect(page.get_by_label(words["self-handled"])).not_to_be_checked()


@pytest.mark.parametrize("lang", WORDS)
def test_the_inbox_says_what_is_new(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = phone(desk, lang, path="/m/inbox")
    expect(page.get_by_text(words["no messages"])).to_be_visible()
    go(page, lang, "outbox")
    expect(page.get_by_text(words["nothing to send"])).to_be_visible()
    go(page, lang, "inbox")
    desk.town.issue(title="雨前排查", assignee="wang")
    expect(page.get_by_role("navigation").get_by_role("link", name=words["inbox"])).to_contain_text("1")
    expect(page.get_by_text("雨前排查").first).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-inbox-{lang}", PHONES)
    page.get_by_role("button", name=words["read all"]).click()
    expect(page.get_by_role("button", name=words["read all"])).to_be_hidden()
    expect(page.get_by_text(words["new"], exact=True)).to_be_hidden()
    go(page, lang, "inbox")
    page.get_by_role("link", name="雨前排查").click()
    expect(page.get_by_role("button", name=words["begin"])).to_be_visible()
    page.get_by_role("link", name=words["settings"]).click()
    require_accessible(page)
    shoot(page, f"phone-settings-{lang}", PHONES)
    look_further_back(desk, page, lang)
    change_password(desk, page, lang)


def look_further_back(desk: Desk, page: Page, lang: str) -> None:
    desk.town.issue(title="汛前巡查", assignee="wang")
    # The service's own pages, but of one notice each.
    page.route(
        "**/api/v1/inbox?*",
        lambda route: route.continue_(url=route.request.url.replace("limit=100", "limit=1")),
    )
    page.reload()
    go(page, lang, "inbox")
    expect(page.get_by_text("汛前巡查")).to_be_visible()
    expect(page.get_by_text("雨前排查")).to_have_count(0)
    page.get_by_role("button", name=WORDS[lang]["older"]).click()
    expect(page.get_by_text("雨前排查")).to_be_visible()
    expect(page.get_by_role("button", name=WORDS[lang]["older"])).to_have_count(0)
    page.unroute_all()
    page.get_by_role("link", name=WORDS[lang]["settings"]).click()


def change_password(desk: Desk, page: Page, lang: str) -> None:
    words, old = WORDS[lang], desk.password_of("worker")
    page.get_by_role("button", name=words["my account"]).click()
    dialog = page.get_by_role("dialog", name=words["my account"])
    expect(dialog.locator(".own-sessions li")).not_to_have_count(0)
    require_accessible(page)
    shoot(page, f"phone-account-{lang}", PHONES)
    dialog.get_by_role("button", name=words["change password"]).click()
    expect(dialog.locator("form")).to_contain_text("12")
    for place, text in enumerate((old, f"{old} two", f"{old} two")):
        dialog.locator("input").nth(place).fill(text)
    shoot(page, f"phone-password-{lang}", PHONES)
    dialog.locator("button[type=submit]").click()
    # Every other session has ended: that which set the first password, too.
    expect(dialog.locator(".own-sessions ul").first.locator("li")).to_have_count(1)


@pytest.mark.parametrize("lang", WORDS)
def test_an_emergency_is_told_above_every_page_of_those_in_it(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED")
    page = desk.visit("/m/", "worker", lang=lang, size=PHONE)
    expect(page.get_by_text(words["no tasks"])).to_be_visible()
    flood = {"grade": "II", "reason": "江水上涨", "pauses": [], "recalculates": []}
    for grid in town.grids[1:]:
        town.do("operator", "/mode/enter", {"scope": grid, **flood})
    told = page.locator(".phone-emergency")
    expect(told).to_contain_text(words["emergency"])
    expect(told).to_contain_text("江水上涨")
    # Of those that are his.
    expect(told).to_contain_text(f"第{town.grids[1][-6:]}网格")
    expect(told).to_have_count(1)
    require_accessible(page)
    shoot(page, f"phone-emergency-{lang}", (PHONE,))
    page.get_by_role("link", name=words["report"], exact=True).click()
    expect(told).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(told).to_contain_text("江水上涨")
    page.context.set_offline(False)
    for grid in town.grids[1:]:
        town.do("operator", "/mode/leave", {"scope": grid, "reason": "预警解除"})
    expect(told).to_have_count(0)


@pytest.mark.parametrize("lang", WORDS)
def test_each_page_of_the_phone_has_a_title_of_its_own(desk: Desk, lang: str) -> None:
    task = desk.town.issue(title="汛期巡查")
    page = desk.visit("/m/", "worker", lang=lang, size=PHONE)
    called = {
        "/m/": ("任务", "Tasks"),
        f"/m/tasks/{task}": ("任务详情", "A task"),
        "/m/report": ("上报", "Report"),
        "/m/inbox": ("消息", "Inbox"),
        "/m/outbox": ("发件箱", "Outbox"),
        "/m/settings": ("设置", "Settings"),
    }
    for path, words in called.items():
        page.goto(f"{desk.address}{path}")
        expect(page).to_have_title(re.compile(f"^{words[lang == 'en']} · "))
