"""Personal data beyond the console: erased at the board by who may, at hand for who works in the field."""

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages.browsing import PHONE, SMALL, USUAL, Desk, Size, require_accessible, shoot

REPORTER: Final = {"name": "张某某甲", "telephone": "139 1234 5678", "address": "幸福路八十八号", "note": ""}
ALWAYS: Final = "window=since&since=2020-01-01"
FINGER: Final = 44
# Contrast is the theme's, words are the language's: English is looked at in the dark.
WORDS: Final = {
    "zh-CN": {
        "data": "个人信息",
        "show": "查看个人信息",
        "erase": "删除个人信息",
        "sure": "永久删除",
        "ground": "依据",
        "withdrawn": "撤回同意",
        "erased": "个人信息已于",
        "register": "走访对象名册",
        "household": "高风险户",
        "close": "关闭",
        "only live": "个人信息不随历史画面显示",
        "cases": "交办事件",
        "handle": "开始办理",
        "finish": "处置完毕",
        "how": "处置情况",
        "handled": "待核查",
        "to visit": "走访对象",
        "offline": "没有网络，无法查看。",
    },
    "en": {
        "data": "Personal data",
        "show": "Show personal data",
        "erase": "Erase personal data",
        "sure": "Erase for ever",
        "ground": "Because of",
        "withdrawn": "consent withdrawn",
        "erased": "The personal data was erased",
        "register": "Households on record",
        "household": "High-risk household",
        "close": "Close",
        "only live": "Personal data isn’t part of the past view",
        "cases": "Cases given to you",
        "handle": "Begin",
        "finish": "Report as handled",
        "how": "How it was handled",
        "handled": "To check",
        "to visit": "Household",
        "offline": "It can’t be shown without a network.",
    },
}


def events_of(desk: Desk, name: str) -> list[Any]:
    answer = desk.town.by("auditor").get(f"/api/v1/audit/events?name={name}&limit=500")
    assert answer.status == 200, answer
    return [json.loads(line) for line in answer.content.splitlines()]


def household(desk: Desk) -> str:
    one = {"household_class": "high_risk", "name": "李某某乙户", "address": "白鹤村一组十二号"}
    body = {"households": [{"grid": desk.town.grids[0], **one}]}
    return desk.town.do("operator", "/households", body).item("household")


def kept(desk: Desk, subject: str) -> Any:
    return desk.town.read("supervisor", f"/personal/{subject}?after={desk.town.root.head()}")


def require_fingers(page: Page, within: str) -> None:
    """Fail if something to be tapped is smaller than a finger."""
    for one in page.locator(f"{within} :is(button, select, summary, a)").all():
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER, (one.inner_text(), box)


@pytest.mark.parametrize("lang", WORDS)
def test_a_supervisor_erases_the_personal_data_of_a_case_and_of_a_household(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    case = desk.town.report(title="路灯不亮", reporter=REPORTER, description="门口那盏")
    home = household(desk)
    page = desk.visit(
        f"/ui/board?{ALWAYS}&list=cases.open", "supervisor", lang=lang, dark=lang == "en", size=SMALL
    )
    page.get_by_role("button", name="路灯不亮").click()
    dialog = page.get_by_role("dialog", name="路灯不亮")
    data = dialog.get_by_role("region", name=words["data"])
    expect(data.locator("dd")).to_have_count(4)
    expect(data.get_by_role("button", name=words["show"])).to_have_count(0)
    expect(dialog.get_by_text(REPORTER["name"])).to_have_count(0)
    require_accessible(page)
    shoot(page, f"board-item-{lang}", (SMALL, USUAL))
    data.get_by_role("button", name=words["erase"]).click()
    sure = page.get_by_role("dialog", name=words["erase"])
    sure.get_by_label(words["ground"]).select_option(label=words["withdrawn"])
    require_accessible(page)
    shoot(page, f"board-erase-{lang}", (SMALL,))
    # Who thinks better of it has erased nothing, and is where he was.
    page.keyboard.press("Escape")
    expect(sure).to_have_count(0)
    expect(dialog).to_be_visible()
    assert kept(desk, f"case:{case}")["erased_at"] is None
    data.get_by_role("button", name=words["erase"]).click()
    sure.get_by_role("button", name=words["sure"]).click()
    expect(data.get_by_text(words["erased"])).to_be_visible()
    assert kept(desk, f"case:{case}")["erased_at"] is not None
    [erased] = events_of(desk, "personal.erased")
    assert "consent_withdrawn" in str(erased)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".drawer")).to_be_visible()
    page.keyboard.press("Escape")
    # A task to visit it names it as the list of households does.
    visit = desk.town.issue(title="走访", category="visit", households=[home])
    asked = desk.visit(
        f"/ui/board?{ALWAYS}&item=task:{visit}", "supervisor", lang=lang, dark=lang == "en", size=SMALL
    )
    asked.get_by_role("dialog", name="走访").get_by_role("button", name=re.compile(r"网格 \d{3}$")).click()
    expect(asked.get_by_role("dialog", name=re.compile(r"网格 \d{3}$"))).to_be_visible()
    page.get_by_role("link", name=words["register"]).click()
    named = re.compile(r"网格 \d{3}$")
    row = page.locator(".drawer tbody tr").filter(has_text=words["household"])
    row.get_by_role("button", name=named).click()
    dialog = page.get_by_role("dialog", name=named)
    expect(dialog.get_by_text(words["household"])).to_be_visible()
    dialog.get_by_role("button", name=words["erase"]).click()
    page.get_by_role("dialog", name=words["erase"]).get_by_role("button", name=words["sure"]).click()
    expect(dialog.get_by_text(words["erased"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"board-household-{lang}", (SMALL,))
    assert kept(desk, f"household:{home}")["erased_at"] is not None


@pytest.mark.parametrize("lang", WORDS)
def test_personal_data_is_not_of_the_past_and_not_for_everybody_to_erase(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    case = desk.town.report(title="路灯不亮", reporter=REPORTER)
    address = f"/ui/board?{ALWAYS}&item=case:{case}"
    for who, shows in (("auditor", 0), ("operator", 1)):
        page = desk.visit(address, who, lang=lang, dark=lang == "en", size=SMALL)
        data = page.get_by_role("region", name=words["data"])
        expect(data.locator("dd").first).to_be_visible()
        expect(data.get_by_role("button", name=words["show"])).to_have_count(shows)
        expect(data.get_by_role("button", name=words["erase"])).to_have_count(0)
    data.get_by_role("button", name=words["show"]).click()
    expect(data.get_by_text(REPORTER["telephone"])).to_be_visible()
    page.get_by_role("button", name=words["close"], exact=True).click()
    expect(page).not_to_have_url(re.compile("item="))
    desk.close()  # before the time that passes ends their sessions
    now = datetime.fromisoformat(desk.town.read("administrator", "/clock")["now"])
    later = {"now": (now + timedelta(hours=1)).isoformat()}
    assert desk.town.root.send("PUT", "/api/v1/clock", later).status == 200
    then = f"{now + timedelta(minutes=30):%Y-%m-%dT%H:%MZ}"
    past = desk.visit(f"{address}&at={then}", "supervisor", lang=lang, dark=lang == "en", size=SMALL)
    expect(past.get_by_text(words["only live"])).to_be_visible()
    expect(past.get_by_role("region", name=words["data"])).to_have_count(0)
    require_accessible(past)
    shoot(past, f"board-item-past-{lang}", (SMALL,))


@pytest.mark.parametrize("lang", WORDS)
def test_a_worker_calls_the_reporter_of_his_case_and_puts_it_right(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    case = desk.town.report(title="独居老人求助", reporter=REPORTER, description="三楼东户")
    for step, body in (("accept", None), ("verify", {"genuine": True, "note": ""}), ("register", None)):
        desk.town.do("operator", f"/cases/{case}/{step}", body)
    desk.town.do("operator", f"/cases/{case}/dispatch", {"assignee": "wang"})
    other = desk.visit("/m/", "li", lang=lang, dark=lang == "en", size=PHONE, has_touch=True, is_mobile=True)
    page = desk.visit(
        "/m/", "worker", lang=lang, dark=lang == "en", size=PHONE, has_touch=True, is_mobile=True
    )
    expect(page.get_by_role("heading", name=words["cases"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"phone-cases-{lang}", (PHONE,))
    page.get_by_role("link", name="独居老人求助").click()
    assert events_of(desk, "personal.disclosed") == []
    page.get_by_text(words["data"], exact=True).click()
    require_fingers(page, ".task-page")
    page.get_by_role("button", name=words["show"]).click()
    call = page.get_by_role("link", name=REPORTER["telephone"])
    expect(call).to_have_attribute("href", "tel:13912345678")
    expect(page.get_by_text("三楼东户")).to_be_visible()
    require_fingers(page, ".task-page")
    require_accessible(page)
    shoot(page, f"phone-case-{lang}", (Size(360, 740), PHONE))
    [disclosed] = events_of(desk, "personal.disclosed")
    assert disclosed["actor"] == desk.town.accounts["worker"].name
    # Nothing of it stays on the phone: neither in its stores, nor once the page was opened anew.
    assert REPORTER["telephone"] not in page.evaluate(KEPT)
    page.reload()
    page.get_by_text(words["data"], exact=True).click()
    expect(page.get_by_role("button", name=words["show"])).to_be_visible()
    expect(page.get_by_text(REPORTER["telephone"])).to_have_count(0)
    page.context.set_offline(True)
    expect(page.get_by_text(words["offline"])).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name=words["handle"], exact=True).click()
    page.get_by_role("button", name=words["finish"]).click()
    page.get_by_label(words["how"]).fill("已上门，联系家属")
    require_accessible(page)
    page.get_by_role("button", name=words["finish"]).click()
    expect(page.get_by_text(words["handled"]).first).to_be_visible()
    expect(page.locator(".phone-pending")).to_have_count(0)  # and it has arrived
    head = desk.town.root.head()
    assert desk.town.read("operator", f"/cases/{case}?after={head}")["status"] == "handled"
    expect(other.get_by_role("heading", name=words["cases"])).to_have_count(0)


KEPT: Final = """async () => {
  const said = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})]
  const told = (ask) => new Promise((done) => { ask.onsuccess = () => done(ask.result) })
  for (const {name} of await indexedDB.databases()) {
    const opened = await told(indexedDB.open(name))
    for (const store of opened.objectStoreNames)
      said.push(JSON.stringify(await told(opened.transaction(store).objectStore(store).getAll())))
    opened.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys())
      if (request.url.includes('/api/')) said.push(await (await cache.match(request)).text())
  }
  return said.join()
}"""
"""All that a page has stored in the browser, as text."""


@pytest.mark.parametrize("lang", WORDS)
def test_a_worker_sees_whom_he_is_to_visit(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    home, shut = household(desk), household(desk)
    task = desk.town.issue(title="本周走访", category="visit", assignee="wang", households=[home, shut])
    desk.town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    page = desk.visit(
        "/m/", "worker", lang=lang, dark=lang == "en", size=PHONE, has_touch=True, is_mobile=True
    )
    page.get_by_role("link", name="本周走访").click()
    names = {}
    for one in (home, shut):
        number = desk.town.read("operator", f"/households/{one}?after={desk.town.root.head()}")["number"]
        names[one] = f"{words['to visit']} {number:03}"
    page.get_by_text(names[home], exact=True).click()
    page.get_by_role("button", name=words["show"]).click()
    expect(page.get_by_text("白鹤村一组十二号")).to_be_visible()
    require_fingers(page, ".task-page")
    require_accessible(page)
    shoot(page, f"phone-visit-{lang}", (PHONE,))
    # Who was not met was not visited.
    submit = {"zh-CN": "反馈办结", "en": "Submit as done"}[lang]
    page.get_by_role("button", name=submit).click()
    page.locator("textarea").fill("一户无人应门")
    page.get_by_role("checkbox", name=names[shut], exact=True).check()
    require_fingers(page, ".task-page")
    require_accessible(page)
    shoot(page, f"phone-not-met-{lang}", (PHONE,))
    page.get_by_role("button", name=submit).click()
    expect(page.get_by_text({"zh-CN": "未见到 1 户", "en": "1 household not met"}[lang])).to_be_visible()
    desk.town.do("operator", f"/tasks/{task}/verify", {"passed": True})
    for one, visits in ((home, 1), (shut, 0)):
        found = desk.town.read("operator", f"/households/{one}?after={desk.town.root.head()}")
        assert found["visits"] == visits
