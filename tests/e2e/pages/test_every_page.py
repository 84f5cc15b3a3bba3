"""Every page and dialog: accessible, no wider than its screen, and shot to be looked at.

In both languages, light and dark, as large as a phone, a tablet and a desk; `screenshots/` has them.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages.browsing import (
    PHONE,
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
from tests.e2e.pages.test_bad_days import code_of, sign_in

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
SIZES = (PHONE, TABLET, SMALL)
# Contrast is the theme's, words are the language's: two of the four show both of each.
LOOKS = [(ZH, False), (EN, True)]
PAGES = {
    "cases": "cases/open",
    "tasks": "tasks/open",
    "all": "tasks/all",
    "none": "cases/open?text=nowhere",
    "done": "tasks/to-verify",
    "search": "search?q=%E5%B7%A1",
    "not-found": "search?q=nowhere",
    "plans": "plans",
    "households": "plans/households",
    "inbox": "inbox",
}
FITS = """() => new Promise((done) => {
  const look = (frames) => {
    const fits = document.documentElement.scrollWidth <= innerWidth
    if (fits || frames === 0) done(fits)
    else requestAnimationFrame(() => look(frames - 1))
  }
  look(120)
})"""
"""Whether nothing lies beyond the screen's side, once charts have followed its size a moment later."""


def look(page: Page, name: str) -> None:
    """Wait until nothing is waited for; then axe, the screenshots, and whether something is cut off."""
    expect(page.locator(".loading-state")).to_have_count(0)
    require_accessible(page)
    for size in each_size(page, SIZES):
        shoot_as_it_is(page, name, size)
        assert page.evaluate(FITS), (name, size)


CUT = """() => [...document.querySelectorAll('table, .log-list')].flatMap((table) => {
  const shown = (one) => one.getClientRects().length > 0 && !one.closest('.visually-hidden')
  const cut = (one) => {
    const { display, overflow } = getComputedStyle(one)
    if (display === 'inline' || overflow === 'visible') return false
    return one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1
  }
  return [table, ...table.querySelectorAll('*')]
    .filter((one) => shown(one) && (one.getBoundingClientRect().right > innerWidth + 1 || cut(one)))
    .map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`)
})"""
"""What of the tables and the log lies beyond the page's side, or is cut off within them."""
LINES = """() => {
  const middles = (boxes) => [...boxes].map(({ top, height }) => Math.round((top + height / 2) / 8))
  const lines = (boxes) => new Set(middles(boxes)).size
  const boxes = (which) => [...document.querySelectorAll(which)].map((one) => one.getBoundingClientRect())
  const [date, due] = document.querySelectorAll('.item-table td.of-time')
  const range = document.createRange()
  date.textContent = '2023-12-21 08:30'
  due.firstChild.textContent = '受理：剩余 15 小时 59 分钟'
  date.parentElement.querySelector('.item-title').textContent = '居民反映路灯不亮，夜间出行不便'
  range.selectNodeContents(date)
  const filters = boxes('.filter-bar > *')
  const [list] = boxes('.queue-list')
  const hidden = filters.filter(({ right }) => right > list.right).length
  const tabs = lines(boxes('.queue-tabs a'))
  return { tabs, filters: lines(filters), hidden, date: lines(range.getClientRects()) }
}"""
"""On how many lines what belongs together stands; the date is one of another year, said in full."""
PAPER = Size(717, 1046)
"""A4 within the margins that browsers leave, at 96 dots an inch."""


def require_whole_on_paper(page: Page, name: str) -> None:
    """Fail if the browser's own print cuts something off in a table or list that is on the page now."""
    page.emulate_media(media="print")
    for size in each_size(page, (PAPER,)):
        assert page.evaluate(CUT) == [], name
        shoot_as_it_is(page, f"paper-{name}", size)
    page.emulate_media(media="screen")


def something_to_do(desk: Desk) -> tuple[str, str]:
    """A task and a case with much to say about them, others beside them, a plan; returns their ids."""
    town = desk.town
    task = town.issue(*town.grids, title="汛期河道巡查", instructions="沿河步道、水位标尺，逐处拍照。")
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    town.do("worker", f"/tasks/{task}/request-extension", {"reason": "雨势未停"})
    declined = town.issue(title="消防通道检查", category="inspection")
    town.do("worker", f"/tasks/{declined}/decline", {"reason": "不在本网格"})
    cases = [town.report(title="院落污水外溢", severity=grade) for grade in ("2", "II", "3")]
    town.do("operator", f"/cases/{cases[1]}/accept")
    schedule = {"times": ["08:00"], "weekdays": [1, 3]}
    plan = {"scope": town.code, "title": "沿河夜巡", "category": "patrol", "schedule": schedule}
    town.do("operator", "/plans", plan)
    household = {"grid": town.grids[0], "household_class": "key", "name": "张三户", "address": "一组12号"}
    town.do("operator", "/households", {"households": [household]})
    return task, cases[0]


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
def test_every_page_of_the_console_is_accessible(desk: Desk, lang: str, *, dark: bool) -> None:
    task, case = something_to_do(desk)
    page = desk.visit("/ui/console", "operator", lang=lang, dark=dark, size=SMALL)
    look_ = f"{lang}-{'dark' if dark else 'light'}"
    for name, path in PAGES.items():
        page.goto(f"/ui/console/{path}")
        expect(page.locator("main h2, main table, main .empty-state").first).to_be_visible()
        look(page, f"page-console-{name}-{look_}")
        require_whole_on_paper(page, f"console-{name}-{look_}")
    for name, path in (("task", f"tasks/all?item={task}"), ("case", f"cases/all?item={case}")):
        page.goto(f"/ui/console/{path}")
        expect(page.locator(".item-panel .timeline li").first).to_be_visible()
        look(page, f"page-console-{name}-{look_}")
        page.get_by_role("tab", name={ZH: "期限说明", EN: "Deadline"}[lang]).click()
        expect(page.locator(".item-panel").locator(".deadline, .empty-state")).to_be_visible()
        look(page, f"page-console-{name}-deadline-{look_}")
    page.goto(f"/ui/console/cases/all?item={case}&text=%E9%99%A2%E8%90%BD")
    expect(page.locator(".item-table td.of-time").first).to_be_visible()
    expect(page.locator(".queue-tabs .queue-count", has_text="…")).to_have_count(0)
    # Beside an open item, too, tabs and a whole date have one line each, and what narrows the list one.
    assert page.evaluate(LINES) == {"tabs": 1, "filters": 1, "hidden": 0, "date": 1}
    shoot(page, f"page-console-beside-{look_}", (SMALL, USUAL))


DIALOGS: dict[str, Callable[[Page], None]] = {
    "issue": lambda page: page.keyboard.press("n"),
    "report": lambda page: page.keyboard.press("r"),
    "mode": lambda page: page.keyboard.press("m"),
    "telephone": lambda page: page.locator("form.search button").click(),
    "keys": lambda page: page.keyboard.press("?"),
    "account": lambda page: page.locator(".shell-who").click(),
}


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
def test_every_dialog_of_the_console_is_accessible(desk: Desk, lang: str, *, dark: bool) -> None:
    task, case = something_to_do(desk)
    page = desk.visit("/ui/console/tasks/open", "operator", lang=lang, dark=dark, size=SMALL)
    look_ = f"{lang}-{'dark' if dark else 'light'}"
    expect(page.locator(".item-table tbody tr").first).to_be_visible()
    for name, open_it in DIALOGS.items():
        open_it(page)
        expect(page.get_by_role("dialog")).to_be_visible()
        look(page, f"dialog-{name}-{look_}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/ui/console/plans")
    page.locator(".page-head .chief").click()
    look(page, f"dialog-plan-{look_}")
    page.keyboard.press("Escape")
    page.locator(".row-steps .grave").click()
    look(page, f"dialog-end-plan-{look_}")
    for name, path in (("task", f"tasks/all?item={task}"), ("case", f"cases/all?item={case}")):
        page.goto(f"/ui/console/{path}")
        # The others ask for nothing, and are taken at once.
        steps = page.locator(".panel-steps button[aria-haspopup]")
        expect(steps.first).to_be_visible()
        for n in range(steps.count()):
            steps.nth(n).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            require_accessible(page)
            if n in (0, 2, 4):
                look(page, f"dialog-{name}-step-{n}-{look_}")
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".console-page .list-tools button").last.click()
    expect(page.locator(".printed-list")).to_be_attached()
    page.evaluate("document.documentElement.classList.add('printing-list')")
    page.emulate_media(media="print")
    shoot(page, f"print-list-{look_}", (SMALL,))


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
def test_every_page_of_signing_in_is_accessible(desk: Desk, lang: str, *, dark: bool) -> None:
    look_ = f"{lang}-{'dark' if dark else 'light'}"
    desk.expect_wrong(r"/api/v1/(me|session)")
    first = desk.first_password_of("supervisor")
    page = desk.visit("/ui/", lang=lang, dark=dark, size=SMALL)
    expect(page.locator("form.sign-in")).to_be_visible()
    look(page, f"start-{look_}")
    page.locator("details summary").click()
    look(page, f"start-no-account-{look_}")
    sign_in(page, lang, desk.town.accounts["supervisor"].name, "not the password")
    expect(page.get_by_role("alert")).not_to_be_empty()
    look(page, f"start-wrong-{look_}")
    sign_in(page, lang, desk.town.accounts["supervisor"].name, first)
    expect(page.locator("input[autocomplete=new-password]").first).to_be_visible()
    look(page, f"start-first-password-{look_}")
    refused = desk.visit("/ui/console", "auditor", lang=lang, dark=dark, size=SMALL)
    expect(refused.get_by_role("heading", level=1)).to_be_visible()
    look(refused, f"refused-{look_}")
    second = desk.visit("/ui/console", "operator", lang=lang, dark=dark, size=SMALL)
    second.locator(".shell-who").click()
    dialog = second.get_by_role("dialog")
    dialog.locator(".choices button").nth(1).click()
    look(second, f"factor-password-{look_}")
    dialog.locator("input[type=password]").fill(desk.password_of("operator"))
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".qr-code path")).to_be_attached()
    secret = dialog.locator(".factor-secret").inner_text().replace(" ", "")
    look(second, f"factor-secret-{look_}")
    dialog.locator("input[autocomplete=one-time-code]").fill(code_of(secret))
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".factor-codes li").first).to_be_visible()
    look(second, f"factor-codes-{look_}")
    asked = desk.visit("/ui/console", lang=lang, dark=dark, size=SMALL)
    sign_in(asked, lang, desk.town.accounts["operator"].name, desk.password_of("operator"))
    expect(asked.locator("input[name=code]")).to_be_visible()
    look(asked, f"start-code-{look_}")


OTHERS = {
    "board": (
        "supervisor",
        "/ui/board",
        ("", "?list=open", "?list=households", "?list=staff.people", "?kiosk=1"),
    ),
    "audit": ("auditor", "/ui/audit/", ("log", "replay", "proofs", "published", "inbox")),
    "phone": ("worker", "/m/", ("", "report", "inbox", "outbox", "settings")),
}


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
@pytest.mark.parametrize("face", OTHERS)
def test_every_page_of_the_other_faces_is_accessible(desk: Desk, face: str, lang: str, *, dark: bool) -> None:
    who, root, paths = OTHERS[face]
    task, case = something_to_do(desk)
    page = desk.visit("about:blank", who, lang=lang, dark=dark, size=USUAL)
    for path in (*paths, *([f"tasks/{task}", f"cases/{case}"] if face == "phone" else [])):
        page.goto(f"{root}{path}{'&' if '?' in path else '?'}lang={lang}")
        expect(page.locator("main, .board").first).to_be_visible()
        name = path.split("/")[0].partition("=")[2] or path.split("/")[0] or "first"
        look(page, f"page-{face}-{name}-{lang}-{'dark' if dark else 'light'}")
        if face != "phone":
            require_whole_on_paper(page, f"{face}-{name}-{lang}")


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
def test_every_dialog_of_the_board_is_accessible(desk: Desk, lang: str, *, dark: bool) -> None:
    task, case = something_to_do(desk)
    [household] = desk.town.read("operator", f"/households?after={desk.town.root.head()}")["items"]
    look_ = f"{lang}-{'dark' if dark else 'light'}"
    page = desk.visit("about:blank", "supervisor", lang=lang, dark=dark, size=SMALL)
    dialog = page.get_by_role("dialog").last
    for name in (f"task:{task}", f"case:{case}", f"household:{household['id']}"):
        page.goto(f"/ui/board?item={name}&lang={lang}")
        expect(dialog.locator(".facts").first).to_be_visible()
        expect(dialog).to_contain_text("第001001网格")
        look(page, f"dialog-board-{name.partition(':')[0]}-{look_}")
    dialog.locator("button.grave").click()
    expect(dialog.locator("select")).to_be_visible()
    look(page, f"dialog-board-erase-{look_}")
    page.goto("/ui/board")
    page.locator(".shell-who").click()
    expect(dialog).to_be_visible()
    look(page, f"dialog-board-account-{look_}")


STEPS: dict[str, tuple[str, ...]] = {
    ZH: ("退单", "申请延期", "反馈办结"),
    EN: ("Decline", "Ask for an extension", "Submit as done"),
}


@pytest.mark.parametrize(("lang", "dark"), LOOKS)
def test_every_form_of_the_phone_is_accessible(desk: Desk, lang: str, *, dark: bool) -> None:
    town, look_ = desk.town, f"{lang}-{'dark' if dark else 'light'}"
    something_to_do(desk)
    issued = town.issue(title="走访独居老人")
    begun = town.issue(title="走访高龄老人")
    town.do("worker", f"/tasks/{begun}/accept", {"begin": True})
    page = desk.visit("about:blank", "worker", lang=lang, dark=dark, size=PHONE, has_touch=True)
    decline, extension, submit = STEPS[lang]
    for name, task, step in (
        ("decline", issued, decline),
        ("extension", begun, extension),
        ("submit", begun, submit),
    ):
        page.goto(f"/m/tasks/{task}?lang={lang}")
        page.get_by_role("button", name=step).click()
        expect(page.locator("textarea")).to_be_visible()
        look(page, f"form-phone-{name}-{look_}")
    page.goto("/m/report")
    page.locator("details summary").last.click()
    page.locator(".phone-check input").check()
    look(page, f"form-phone-report-{look_}")
    page.locator(".phone-check input").uncheck()
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    look(page, f"form-phone-report-wrong-{look_}")
